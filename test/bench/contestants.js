import { spawnSync } from 'node:child_process';
import { FLOWLOG, NODE, quoted, script } from './places.js';
import { python } from './python.js';

/** The columns of the answer, as all give them: numbers as the logs have them, in lines of CSV, in any order. */
const COLUMNS = 'start,end,srcaddr,srcport,dstaddr,dstport,protocol,packets,bytes,action';

const files = (folder) => `find ${quoted(folder)} -name '*.gz' -print0`;
const flowlog = (logs, answer) =>
  `${FLOWLOG} egress --subnet 10.10.24.0/24 --quiet --logs ${quoted(logs)} --columns ${COLUMNS} --output ${quoted(answer)}`;
const AWK =
  '$4 ~ /^10\\.10\\.24\\./ && $5 !~ /^10\\.10\\./ { print $11 "," $12 "," $4 "," $6 "," $5 "," $7 "," $8 "," $9 "," $10 "," $13 }';

/** @param needs words of which each must be a command that is there */
const tool = (id, name, needs, command, more = {}) => ({ id, name, needs, command, ...more });
const peer = (id, name, packages, file) => ({
  id,
  name,
  packages,
  command: ({ folder, answer, cores }, interpreter) =>
    `${quoted(interpreter)} ${script(`peers/${file}`)} ${quoted(folder)} ${quoted(answer)} ${cores}`,
});

/**
 * Who can take part. Each writes the same answer to a file, its own start included; those of `bare` only unpack the files and
 * throw the bytes away: the fastest of them is what no reader of these files can beat.
 */
const ALL = [
  tool('text', 'flowlog on text', [], ({ folder, answer }) => flowlog(folder, answer)),
  tool('store', 'flowlog on its store', [], ({ store, answer }) => flowlog(store, answer)),
  tool('mawk', 'zcat \\| mawk', ['zcat', 'mawk'], ({ folder, answer }) => {
    return `${files(folder)} | xargs -0 zcat | mawk '${AWK}' > ${quoted(answer)}`;
  }),
  tool('duckdb', 'DuckDB, its own script', [], ({ folder, answer, cores }) => {
    return `${NODE} ${script('peers/duckdb.js')} ${quoted(folder)} ${quoted(answer)} ${cores}`;
  }),
  peer('chdb', 'chDB, columns', ['chdb==4.4.0'], 'chdb_columns.py'),
  peer('chdb-lines', 'chDB, lines searched first', ['chdb==4.4.0'], 'chdb_lines.py'),
  peer('polars', 'polars', ['polars==2.1.0'], 'polars_csv.py'),
  // Minutes for millions of records: only where it ends in reasonable time.
  {
    ...peer('flowlogs-reader', 'flowlogs-reader', ['flowlogs-reader==5.0.1'], 'flowlogs_reader_s3.py'),
    most: 1_000_000,
  },
  tool(
    'bare-node',
    "Node's zlib in threads",
    [],
    ({ folder, cores }) => `${NODE} ${script('peers/gunzip.js')} ${quoted(folder)} ${cores}`,
    { bare: true },
  ),
  ...['gzip', 'igzip', 'pigz'].map((name) =>
    tool(
      `bare-${name}`,
      `xargs -P ${name}`,
      [name],
      ({ folder, cores }) => {
        return `${files(folder)} | xargs -0 -P ${cores} -n 16 ${name} -dc > /dev/null`;
      },
      { bare: true },
    ),
  ),
  tool(
    'import',
    'flowlog import',
    [],
    ({ folder, fresh }) => `${FLOWLOG} import ${quoted(folder)} --to ${quoted(fresh)} --quiet`,
    { imports: true },
  ),
];

/** Those asked for that can run here, and why the others cannot. */
export async function contestants({ only }, say) {
  const unknown = only?.filter((id) => id !== 'bare' && !ALL.some((each) => each.id === id));
  if (unknown?.length > 0) {
    throw new Error(
      `--only ${unknown}: there are ${ALL.map(({ id }) => id).join(', ')}, and bare for all of its kind.`,
    );
  }
  const wanted = ALL.filter(({ id, bare }) => !only || only.includes(id) || (bare && only.includes('bare')));
  const entered = [];
  const absent = [];
  for (const each of wanted) {
    const missing = each.needs?.find((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
    if (missing) {
      absent.push({ name: each.name, why: `${missing} is not installed` });
      continue;
    }
    if (!each.packages) {
      entered.push(each);
      continue;
    }
    const found = await python(each.packages, say);
    if (found.why) absent.push({ name: each.name, why: found.why });
    else entered.push({ ...each, command: (setting) => each.command(setting, found.interpreter) });
  }
  for (const { name, why } of absent) say(`Not in the race: ${name}: ${why}.`);
  return { entered, absent };
}
