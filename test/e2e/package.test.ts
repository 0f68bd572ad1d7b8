import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFiles } from '../folder.js';
import { flowlog } from './bin.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIBRARY = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
const PROGRAM = /^```ts\n(.*?)^```$/ms.exec(LIBRARY)![1]!;

const STRICT = {
  target: 'es2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  skipLibCheck: false,
  noEmit: false,
};

let work: string;
let tarball: string;
let files: string[];
let project: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'flowlog-package-'));
  // Built already: to build it here would take it away from under other tests.
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', work];
  const { stdout } = await run('npm', pack, { cwd: ROOT });
  const [packed] = JSON.parse(stdout);
  tarball = join(work, packed.filename);
  files = packed.files.map(({ path }: { path: string }) => path).sort();
  project = await writeFiles(join(work, 'project'), {
    'package.json': JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
    'program.ts': PROGRAM,
  });
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball];
  await run('npm', install, { cwd: project });
  await flowlog(['sample', join(project, 'my-logs'), '--seed', '7', '--records', '2000', '--quiet']);
}, 300_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Runs a tool of this repository in the project. */
const tool = (path: string, args: readonly string[]) =>
  run(process.execPath, [join(ROOT, 'node_modules', path), ...args], { cwd: project }).catch(
    ({ stdout, stderr }) => {
      throw new Error(stdout + stderr);
    },
  );

describe('the package', () => {
  it('holds the program, the library and its types, and nothing else', () => {
    const others = files.filter((path) => !/^dist\/chunks\/[\w-]+-[A-Z0-9]{8}\.js$/.test(path));
    expect(others).toMatchInlineSnapshot(`
      [
        "CHANGELOG.md",
        "LICENSE",
        "README.ja.md",
        "README.md",
        "SECURITY.md",
        "bin/flowlog.js",
        "dist/THIRD-PARTY-LICENSES.txt",
        "dist/chunks/store-worker.js",
        "dist/chunks/text-worker.js",
        "dist/index.d.ts",
        "dist/index.js",
        "dist/main.js",
        "docs/athena.md",
        "docs/audit.md",
        "docs/cloudwatch.md",
        "docs/egress.svg",
        "docs/equivalents.md",
        "docs/import.md",
        "docs/ja/athena.md",
        "docs/ja/closed-network.md",
        "docs/ja/first-answer.md",
        "docs/ja/monthly-audit.md",
        "docs/ja/report.png",
        "docs/library.md",
        "docs/local-logs.md",
        "docs/names.md",
        "docs/output.md",
        "docs/recall.md",
        "docs/report.png",
        "docs/s3.md",
        "docs/security.md",
        "docs/settings.md",
        "docs/speed.md",
        "docs/speed.svg",
        "docs/troubleshooting.md",
        "package.json",
      ]
    `);
  });

  it('installs in an empty project, and its program runs there', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const { stdout } = await run('npx', ['--no-install', 'flowlog', '--version'], { cwd: project });
    expect(stdout).toBe(`${version}\n`);
  });

  it.each([
    { moduleResolution: 'node16', module: 'node16', lib: ['es2023'] },
    { moduleResolution: 'bundler', module: 'esnext', lib: ['es2023'] },
    // Of a page or a worker, where Node's types are not.
    { moduleResolution: 'bundler', module: 'esnext', lib: ['es2023', 'dom'], types: [] },
  ])(
    'the program of docs/library.md compiles in a strict project: %o',
    async (options) => {
      // As a project that has Node's types has them.
      if (!('types' in options)) linkNodeTypes();
      const compilerOptions = { types: ['node'], ...STRICT, ...options };
      await writeFiles(project, {
        'tsconfig.json': JSON.stringify({ compilerOptions, files: ['program.ts'] }),
      });
      await tool('typescript/bin/tsc', ['--project', 'tsconfig.json']);
    },
    120_000,
  );

  it('the program of docs/library.md runs, and changes nothing in its environment', async () => {
    const script = `
      const before = JSON.stringify(process.env);
      await import('./program.js');
      if (JSON.stringify(process.env) !== before) console.log('The environment is another one.');`;
    const env = { PATH: process.env.PATH, HOME: work, AWS_REGION: '' };
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: project,
      env,
    });
    const logs = ['--logs', join(project, 'my-logs')];
    const question = ['egress', '--subnet', '10.10.24.0/24', '--by', 'dstaddr', '--limit', '10', ...logs];
    const answer = await flowlog([...question, '--format', 'json']);
    expect(answer.code).toBe(0);
    const rows: object[] = JSON.parse(answer.stdout);
    expect(rows.length).toBeGreaterThan(3);
    const lines = rows.map((row) => Object.values(row).join(' '));
    expect(stdout).toBe(`${[Object.keys(rows[0]!).join(' '), ...lines].join('\n')}\n`);
  });

  it('its types are right for every way to import it', async () => {
    const profile = ['--profile', 'esm-only', '--no-emoji', '--no-color'];
    const { stdout } = await tool('@arethetypeswrong/cli/dist/index.js', [...profile, tarball]);
    for (const way of ['node16 (from ESM) │ OK (ESM)', 'bundler           │ OK '])
      expect(stdout).toContain(way);
  }, 120_000);
});

function linkNodeTypes(): void {
  for (const name of ['@types', 'undici-types']) {
    const link = join(project, 'node_modules', name);
    rmSync(link, { force: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
}
