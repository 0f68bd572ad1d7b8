import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most tests wait for a program that they start.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'flowlog',
          include: ['test/**/*.test.ts'],
          exclude: ['test/differential/**'],
          globalSetup: ['test/build.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'engines',
          include: ['test/differential/**/*.test.ts'],
          globalSetup: ['test/build.ts', 'test/differential/services.ts'],
          maxConcurrency: 4,
          // Two servers and two programs at a time leave little of a small machine.
          testTimeout: 240_000,
        },
      },
    ],
  },
});
