// Builds dist/: the program and the library, with the small pure JavaScript libraries bundled in, so that starting
// reads a few files instead of hundreds. What is native or large stays outside and is a dependency of the package.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { build } from 'esbuild';

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

// The loops over the bytes of logs, compiled to WebAssembly and kept as text, so that source and bundle load them alike.
for (const [folder, name] of [
  ['src/scan/line-kernel', 'KERNEL'],
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
  'src/store/parquet/zstd.generated.ts',
  'ZSTD',
  readFileSync(new URL('node_modules/@bokuweb/zstd-wasm/dist/common/zstd.wasm', import.meta.url)),
);

function writeBase64(path, name, bytes) {
  const text = `export const ${name} = '${Buffer.from(bytes).toString('base64')}';\n`;
  writeFileSync(path, `// Made by esbuild.config.js.\n${text}`);
}

const PROGRAM = fileURLToPath(new URL('src/program.ts', import.meta.url));

/**
 * What is loaded later is loaded by the program, and says so: else esbuild would cut the program into a chunk for each set
 * of later parts that share something with it, and to load fifty small files takes longer than most questions.
 */
const programInOnePiece = {
  name: 'program-in-one-piece',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /./, namespace: 'file' }, async ({ path, kind, pluginData, ...rest }) => {
      if (kind !== 'dynamic-import' || pluginData?.resolved) return undefined;
      const found = await resolve(path, { kind, ...rest, pluginData: { resolved: true } });
      const later = found.errors.length === 0 && !found.external && found.path !== PROGRAM;
      return later ? { path: found.path, namespace: 'later' } : undefined;
    });
    onLoad({ filter: /./, namespace: 'later' }, ({ path }) => ({
      contents: [PROGRAM, path]
        .map((each, i) => `${i ? 'export * from' : 'import'} ${JSON.stringify(each)};`)
        .join('\n'),
      resolveDir: dirname(path),
    }));
  },
};

/** Modules of Node that a small question uses nothing of, and would wait for: each is loaded when something of it is used. */
const RARE = ['node:child_process', 'node:crypto', 'node:worker_threads', 'node:zlib'];

const rareWhenUsed = {
  name: 'rare-when-used',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^(?:${RARE.join('|')})$`), namespace: 'file' }, ({ path }) => ({
      path,
      namespace: 'rare',
    }));
    onLoad({ filter: /./, namespace: 'rare' }, async ({ path }) => ({
      contents: `for (const name of ${JSON.stringify(Object.keys(await import(path)))}) {
        Object.defineProperty(exports, name, { get: () => require('${path}')[name], enumerable: true });
      }`,
    }));
  },
};

rmSync('dist', { recursive: true, force: true });
// What never runs together shares no chunks. The workers stand beside the chunks that start them.
const builds = await Promise.all(
  [
    { in: 'src/main.ts', out: 'main', plugins: [programInOnePiece] },
    { in: 'src/index.ts', out: 'index' },
    { in: 'src/scan/text-worker.ts', out: 'chunks/text-worker' },
    { in: 'src/store/store-worker.ts', out: 'chunks/store-worker' },
  ].map(({ plugins = [], ...entryPoint }) =>
    build({
      entryPoints: [entryPoint],
      outdir: 'dist',
      bundle: true,
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      platform: 'node',
      target: 'node20',
      format: 'esm',
      external: Object.keys(manifest.dependencies),
      // As ES modules, of which only what is used goes along.
      alias: { '@aws-sdk/client-glue': '@aws-sdk/client-glue/dist-es/index.js' },
      // Libraries that check more, and say more, while they are developed with.
      define: {
        FLOWLOG_VERSION: JSON.stringify(manifest.version),
        'process.env.NODE_ENV': '"production"',
      },
      // CommonJS libraries in an ES module still ask for Node's own modules by require.
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
      plugins: [...plugins, rareWhenUsed],
      metafile: true,
      // Less to read, while names and lines still tell where an error comes from.
      minifyWhitespace: true,
      minifySyntax: true,
      lineLimit: 120,
      logLevel: 'warning',
    }),
  ),
);

// The bundled libraries' licences go with their code.
const bundled = new Set([
  ...builds
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
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
