// Builds dist/: the program and the library, with the small pure JavaScript libraries bundled in, so that starting
// reads a few files instead of hundreds. What is native or large stays outside and is a dependency of the package.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import { build } from 'esbuild';

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

// The loop over the bytes of logs, compiled to WebAssembly and kept as text, so that source and bundle load it alike.
const KERNEL = 'src/engines/duckdb/line-kernel';
const { error, stderr } = await asc.main(
  [
    `${KERNEL}/assembly.ts`,
    '--outFile',
    'kernel.wasm',
    '-O3',
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--noAssert',
  ],
  { writeFile: (_name, bytes) => writeKernel(bytes) },
);
if (error) throw new Error(`${error.message}\n${stderr.toString()}`);

function writeKernel(bytes) {
  const text = `export const KERNEL = '${Buffer.from(bytes).toString('base64')}';\n`;
  writeFileSync(`${KERNEL}/kernel.generated.ts`, `// Made by esbuild.config.js from assembly.ts.\n${text}`);
}

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  // The worker stands beside the chunk that starts it.
  entryPoints: [
    { in: 'src/main.ts', out: 'main' },
    { in: 'src/index.ts', out: 'index' },
    { in: 'src/engines/duckdb/text-worker.ts', out: 'chunks/text-worker' },
  ],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: Object.keys(manifest.dependencies),
  define: { FLOWLOG_VERSION: JSON.stringify(manifest.version) },
  // CommonJS libraries in an ES module still ask for Node's own modules by require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
});

// The bundled libraries' licences go with their code.
const bundled = new Set(
  Object.keys(metafile.inputs).flatMap(
    (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  ),
);
const notices = [...bundled].sort().map((name) => {
  const folder = new URL(`node_modules/${name}/`, import.meta.url);
  const { version, license } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE'].find((each) => {
    try {
      return readFileSync(new URL(each, folder));
    } catch {
      return false;
    }
  });
  const text = file ? readFileSync(new URL(file, folder), 'utf8').trim() : `Licence: ${license}`;
  return `${name} ${version}\n\n${text}\n`;
});
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', notices.join(`\n${'-'.repeat(80)}\n\n`));
