import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logs, storeOf } from './logs.js';
import { CACHE, FLOWLOG, NODE, quoted, script } from './places.js';
import { inTurn, run } from './run.js';

const ask = (folder, more = '') =>
  `${FLOWLOG} egress --subnet 10.10.24.0/24 --logs ${quoted(folder)} ${more}`;
const ratio = (a, b) => (a.seconds / b.seconds).toFixed(2);

/** What a race does not show: figures by name, each beside what it is measured by. */
export async function others({ runs }, say) {
  const rows = [];
  const row = (what, value) => {
    say(`  ${what}: ${value}`);
    rows.push({ what, value });
  };

  const million = join(CACHE, 'million.parquet');
  if (!existsSync(million))
    execFileSync('sh', ['-c', `${NODE} ${script('copy.js')} make ${quoted(million)}`]);
  const [ours, theirs] = [join(CACHE, 'flowlog.csv'), join(CACHE, 'copy.csv')];
  const csv = inTurn(
    {
      flowlog: `${ask(million, '--quiet')} > ${quoted(ours)}`,
      copy: `${NODE} ${script('copy.js')} copy ${quoted(million)} ${quoted(theirs)}`,
    },
    { runs },
  );
  execFileSync('cmp', [ours, theirs]);
  row(
    `a million rows to CSV (${Math.round(statSync(ours).size / 1e6)} MB), to DuckDB's COPY of the same bytes`,
    ratio(csv.flowlog, csv.copy),
  );

  const thirty = logs({ records: 4_000_000, files: 120, days: 30 }, say);
  const store = storeOf(thirty);
  const day = '--since 2026-06-15 --until 2026-06-16 --tz UTC --format table --limit 1';
  const read = (command) => /rows?, .*; (.* read)/.exec(run(`${command} 2>&1`).stdout)?.[1];
  const one = inTurn({ day: ask(store, day), whole: ask(store, '--format table --limit 1') }, { runs });
  row(
    `a day of thirty in a store: ${read(ask(store, day))}, of ${read(ask(store, '--format table --limit 1'))}; time`,
    ratio(one.day, one.whole),
  );

  const ten = join(CACHE, 'ten.log');
  writeFileSync(
    ten,
    Array.from(
      { length: 10 },
      (_, i) =>
        `2 123456789012 eni-1 10.10.24.${i} 203.0.113.9 40000 443 6 1 60 1780000000 1780000059 ACCEPT OK\n`,
    ).join(''),
  );
  const start = inTurn(
    {
      version: `${FLOWLOG} --version`,
      ten: ask(ten, '--quiet'),
      duckdb: `${NODE} ${script('open-duckdb.js')}`,
      node: `${NODE} -e 0`,
    },
    { runs: Math.max(runs, 11) },
  );
  row('flowlog --version, to node -e 0', ratio(start.version, start.node));
  row('egress on ten records, to node -e 0', ratio(start.ten, start.node));
  row('to open DuckDB and nothing else, to node -e 0', ratio(start.duckdb, start.node));

  const rate = join(CACHE, 'rate');
  const { sample } = inTurn(
    {
      sample: {
        command: `${FLOWLOG} sample ${quoted(rate)} --quiet --records 1000000`,
        before: () => rmSync(rate, { recursive: true, force: true }),
      },
    },
    { runs },
  );
  row('sample logs, records a second', Math.round(1_000_000 / sample.seconds).toLocaleString('en'));
  return rows;
}
