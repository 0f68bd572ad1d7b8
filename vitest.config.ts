import { defineConfig } from 'vitest/config';

/** The built program is loaded as it is: its threads stand beside it. */
const BUILT = new RegExp(`^(?:file://)?${import.meta.dirname}/dist/`);

export default defineConfig({
  test: {
    // Generous: a busy machine is no mistake of a test.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Command lines change the folder and the environment of their process.
    pool: 'forks',
    maxWorkers: '100%',
    setupFiles: ['test/seed.ts'],
    server: { deps: { external: [BUILT] } },
    // A thousand small files, bundled once.
    deps: { optimizer: { ssr: { enabled: true, include: ['dt-sql-parser'] } } },
    projects: [
      {
        extends: true,
        test: {
          name: 'flowlog',
          include: ['test/**/*.test.ts'],
          exclude: ['test/differential/**'],
          globalSetup: ['test/build.ts'],
          // A process per core loads the modules once; one per file spends a second of CPU on that for each file.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'engines',
          include: ['test/differential/**/*.test.ts'],
          globalSetup: ['test/build.ts', 'test/differential/services.ts'],
          maxConcurrency: 2,
          // Two servers and two programs at a time leave little of a small machine.
          testTimeout: 240_000,
        },
      },
    ],
  },
});
