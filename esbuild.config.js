// Builds dist/: the program and the library, with the small pure JavaScript libraries bundled in, so that starting
// reads a few files instead of hundreds. What is native or large stays outside and is a dependency of the package.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import { build } from 'esbuild';

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

// The loops over the bytes of logs, compiled to WebAssembly and kept as text, so that source and bundle load them alike.
for (const [folder, name] of [
  ['src/engines/duckdb/line-kernel', 'KERNEL'],
  ['src/engines/duckdb/record-kernel', 'RECORD_KERNEL'],
  ['src/store/column-kernel', 'COLUMNS_KERNEL'],
]) {
  const { error, stderr } = await asc.main(
    [
      `${folder}/assembly.ts`,
      '--outFile',
      'kernel.wasm',
      '-O3',
      '--runtime',
      'stub',
      '--enable',
      'simd',
      '--noAssert',
    ],
    { writeFile: (_name, bytes) => writeBase64(`${folder}/kernel.generated.ts`, name, bytes) },
  );
  if (error) throw new Error(`${folder}: ${error.message}\n${stderr.toString()}`);
}
writeBase64(
  'src/parquet/zstd.generated.ts',
  'ZSTD',
  readFileSync(new URL('node_modules/@bokuweb/zstd-wasm/dist/common/zstd.wasm', import.meta.url)),
);

function writeBase64(path, name, bytes) {
  const text = `export const ${name} = '${Buffer.from(bytes).toString('base64')}';\n`;
  writeFileSync(path, `// Made by esbuild.config.js.\n${text}`);
}

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  // The workers stand beside the chunks that start them.
  entryPoints: [
    { in: 'src/main.ts', out: 'main' },
    { in: 'src/index.ts', out: 'index' },
    { in: 'src/engines/duckdb/text-worker.ts', out: 'chunks/text-worker' },
    { in: 'src/store/store-worker.ts', out: 'chunks/store-worker' },
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
const bundled = new Set([
  ...Object.keys(metafile.inputs).flatMap(
    (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  ),
  '@bokuweb/zstd-wasm',
]);
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
