// Which part of src/ may import which. `node rooms.js` writes the linter's rules (biome.rooms.json) and the table of
// CONTRIBUTING.md from this list; a test compares them.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From the top down: a room imports rooms below it, of which it names those that it needs. */
export const ROOMS = [
  {
    name: 'commands',
    about: 'a file per command that is no question; options, engine and renderer of the questions',
    imports: [
      ...[
        'audit',
        'report',
        'whose',
        'completion',
        'help',
        'questions',
        'engines',
        'engines/engine.ts',
        'athena',
      ],
      ...['store', 'logs', 'sample', 'names', 'output', 'config', 'aws', 'cache', 'sql', 'flowlog'],
      ...['terminal', 'net', 'time'],
    ],
  },
  {
    name: 'report',
    about: 'the page of an audit: words by language, tables',
    imports: ['audit', 'output', 'flowlog', 'terminal', 'time'],
  },
  {
    name: 'audit',
    about: 'whether the network was closed: allow-list, verdict, evidence, signature',
    imports: [
      ...['questions', 'engines/engine.ts', 'logs', 'names', 'sql', 'flowlog', 'terminal', 'net', 'time'],
    ],
  },
  {
    name: 'whose',
    about: 'columns that follow from others and from what is known of addresses: names, kinds, ways',
    imports: ['questions', 'names', 'flowlog'],
  },
  {
    name: 'completion',
    about: 'what a word could become, from what the commands declare, and a script for each shell',
    imports: ['help', 'flowlog'],
  },
  { name: 'help', about: 'texts beside the options, by topic', imports: ['output'] },
  {
    name: 'output',
    about: 'a file per format; charts; names beside addresses',
    imports: ['duckdb', 'cache', 'sql', 'terminal', 'net'],
  },
  {
    name: 'questions',
    about: 'a file per question: options, request, query for any dialect; index.ts lists them',
    imports: ['sql', 'flowlog', 'terminal', 'net', 'time'],
  },
  {
    name: 'engines',
    about: 'the table of engines',
    imports: [...['engines/athena', 'engines/duckdb', 'engines/engine.ts']],
  },
  {
    name: 'engines/athena',
    about: 'answers from a table on Amazon Athena, by whoever made it',
    imports: ['engines/engine.ts', 'athena', 'aws', 'sql', 'flowlog', 'terminal', 'time'],
  },
  {
    name: 'engines/duckdb',
    about: 'answers from log files with the embedded database',
    imports: [
      ...[
        'engines/engine.ts',
        'duckdb',
        'logs',
        'scan',
        'records',
        'aws',
        'cache',
        'sql',
        'flowlog',
        'terminal',
        'time',
      ],
    ],
  },
  {
    name: 'athena',
    about: 'Amazon Athena as a service: catalog, statements run to their end, results, errors, costs',
    imports: ['aws', 'sql', 'flowlog', 'terminal'],
  },
  {
    name: 'engines/engine.ts',
    about: 'the port that engines fill',
    imports: ['logs', 'aws', 'sql', 'terminal', 'time'],
  },
  {
    name: 'store',
    about:
      'log files become Parquet by day, each once: ledger, conversion, order of records; parquet/ writes it',
    imports: ['duckdb', 'logs', 'scan', 'records', 'cache', 'sql', 'flowlog', 'terminal'],
  },
  {
    name: 'duckdb',
    about: 'the embedded database: opened, given text, asked for the lines it rejected',
    imports: ['logs', 'scan', 'sql', 'flowlog', 'terminal'],
  },
  {
    name: 'logs',
    about: 'log files: find them (here, in S3, on standard input), fetch, recognise and group them',
    imports: ['scan', 'records', 'aws', 'cache', 'sql', 'flowlog', 'terminal', 'time'],
  },
  {
    name: 'scan',
    about: 'the line filter: goes over text on all cores and keeps the lines that may matter',
    imports: ['records', 'sql', 'flowlog'],
  },
  { name: 'sample', about: 'synthetic logs', imports: ['names', 'sql', 'flowlog'] },
  { name: 'names', about: 'whose address it is', imports: ['aws', 'terminal', 'net'] },
  { name: 'config', about: 'the configuration file: found, read, parsed', imports: ['net'] },
  {
    name: 'aws',
    about: "the SDK's clients, its errors explained; what lies in a bucket, and downloading it",
    imports: ['records', 'flowlog', 'net', 'time'],
  },
  { name: 'cache', about: 'objects of S3 that are kept on this machine', imports: [] },
  {
    name: 'sql',
    about: 'SQL with parameters by construction; dialect.ts is the port, duckdb.ts and athena.ts fill it',
    imports: ['flowlog', 'net', 'time'],
  },
  {
    name: 'records',
    about:
      'what a text is by its content, and its records as AWS would have written them; wrapped/ unwraps them',
    imports: ['flowlog', 'net', 'time'],
  },
  {
    name: 'flowlog',
    about: 'record fields, log formats, S3 layouts, table definitions, protocol names',
    imports: ['time'],
  },
  {
    name: 'terminal',
    about: 'streams, colour, progress, units, what must not reach a terminal',
    imports: [],
  },
  { name: 'net', about: 'CIDR blocks and named networks', imports: [] },
  { name: 'time', about: 'zones and ranges of time', imports: [] },
];

/** Files beside the rooms that every room may import, and which import no room. */
export const GROUND = ['errors', 'option', 'parallel', 'picture', 'result', 'version'];

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const isFile = (name) => name.endsWith('.ts');

/** The folders of a room's files: its own, and those one level below. */
const foldersOf = (name) => (isFile(name) ? [dirname(name)] : [name, `${name}/*`]);

/** How a file in this folder names the files of a room, or a file, when it imports them. */
function specifier(folder, name) {
  const path = relative(folder, name);
  const from = path.startsWith('.') ? path : `./${path}`;
  if (isFile(name)) return from.replace(/\.ts$/, '.js');
  return ROOMS.some((room) => dirname(room.name) === name) ? `${from}/*.js` : `${from}/**`;
}

function rule(includes, group, message) {
  const noRestrictedImports = { level: 'error', options: { patterns: [{ group, message }] } };
  return { includes, linter: { rules: { style: { noRestrictedImports } } } };
}

/** The rules of the linter, as a configuration that biome.json extends: nothing beside the room but what is listed. */
export function biomeRules() {
  const overrides = ROOMS.flatMap(({ name, imports }) => {
    const listed = imports.length === 0 ? 'imports no other room' : `imports only ${imports.join(', ')}`;
    const message = `${name} ${listed}. The list is in rooms.js.`;
    return foldersOf(name).map((folder) => {
      const outside = isFile(name) ? ['./*/**', '../**'] : [`${relative(folder, dirname(name))}/**`];
      const allowed = [...GROUND.map((file) => `${file}.ts`), ...imports].map((each) =>
        specifier(folder, each),
      );
      const includes = [`**/src/${isFile(name) ? name : `${folder}/*.ts`}`];
      return rule(includes, [...outside, ...allowed.map((each) => `!${each}`)], message);
    });
  });
  const ground = rule(
    GROUND.map((name) => `**/src/${name}.ts`),
    ['./*/**'],
    'This file imports no room.',
  );
  return { overrides: [...overrides, ground] };
}

/** The table that CONTRIBUTING.md shows. */
export function roomsTable() {
  const rows = ROOMS.map(
    ({ name, about, imports }) => `| \`src/${name}\` | ${about} | ${imports.join(', ') || '-'} |`,
  );
  return ['| room | what is in it | may import |', '|---|---|---|', ...rows].join('\n');
}

export const TABLE = /(?<=<!-- rooms -->\n\n).*?(?=\n\n<!-- \/rooms -->)/s;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const overrides = biomeRules().overrides.map((each) => `    ${JSON.stringify(each)}`);
  writeFileSync(`${ROOT}biome.rooms.json`, `{\n  "overrides": [\n${overrides.join(',\n')}\n  ]\n}\n`);
  const guide = `${ROOT}CONTRIBUTING.md`;
  const text = readFileSync(guide, 'utf8');
  writeFileSync(
    guide,
    text.replace(TABLE, () => roomsTable()),
  );
}
