// Measures flowlog against what else could answer, as whole processes in one run, in turn, so that ratios hold on a noisy
// machine. Logs are made once and kept in bench-logs/. Run: npm run bench [-- --runs 5]
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const RUNS = Number(values.runs);
const CORES = availableParallelism();
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const FOLDER = at('../../bench-logs');
const BIN = at('../../bin/flowlog.js');
const NODE = process.execPath;
const quoted = (path) => `'${path.replaceAll("'", "'\\''")}'`;

mkdirSync(FOLDER, { recursive: true });

function logs(name, ...options) {
  const folder = `${FOLDER}/${name}`;
  if (!existsSync(folder)) {
    process.stderr.write(`making ${name} …\n`);
    execFileSync(NODE, [BIN, 'sample', folder, '--quiet', ...options]);
  }
  return folder;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Seconds, peak memory (bytes) and standard output of one run of a shell command. */
function once(command) {
  const report = `${FOLDER}/time.txt`;
  const begin = process.hrtime.bigint();
  const { stdout, stderr, status } = spawnSync(
    '/usr/bin/time',
    ['-o', report, '-f', '%M', 'sh', '-c', command],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    },
  );
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return { seconds, memory: Number(readFileSync(report, 'utf8')) * 1024, stdout: stdout.trim() };
}

/** Runs the commands in turn, once to warm up and then RUNS times, and takes the medians. */
function race(commands) {
  const results = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let run = -1; run < RUNS; run++) {
    for (const [name, command] of Object.entries(commands)) {
      const result = once(command);
      if (run >= 0) results[name].push(result);
    }
  }
  return Object.fromEntries(
    Object.entries(results).map(([name, runs]) => [
      name,
      {
        seconds: median(runs.map(({ seconds }) => seconds)),
        memory: Math.max(...runs.map(({ memory }) => memory)),
        stdout: runs[0].stdout,
      },
    ]),
  );
}

const rows = [];
function report(what, value, bound) {
  rows.push({ what, value, bound });
  process.stdout.write(`${what.padEnd(72)} ${value}${bound === undefined ? '' : `   (bound ${bound})`}\n`);
}
const ratio = (a, b) => (a.seconds / b.seconds).toFixed(2);
const seconds = (result) => `${result.seconds.toFixed(2)} s`;

const flowlog = (folder, more = '') =>
  `${quoted(NODE)} ${quoted(BIN)} egress --subnet 10.10.24.0/24 --quiet --logs ${quoted(folder)} ${more}`;
const files = (folder) => `find ${quoted(folder)} -name '*.gz' -print0`;
const mawk = (folder) =>
  `${files(folder)} | xargs -0 zcat | mawk '$4 ~ /^10\\.10\\.24\\./ && $5 !~ /^10\\.10\\./ { n++ } END { print n }'`;

process.stdout.write(
  `${cpus()[0].model.trim()}, ${CORES} cores, Node ${process.version}; medians of ${RUNS}\n\n`,
);

const four = logs('4m', '--records', '4000000', '--files', '100');
const eight = logs('8m', '--records', '8000000', '--files', '200');
const egress = race({
  flowlog: `${flowlog(four)} | tail -n +2 | wc -l`,
  mawk: mawk(four),
  bare: `${files(four)} | xargs -0 -P ${CORES} -n 1 gunzip -c > /dev/null`,
  eight: `${flowlog(eight)} > /dev/null`,
});
if (egress.flowlog.stdout !== egress.mawk.stdout) {
  throw new Error(`flowlog finds ${egress.flowlog.stdout} rows, mawk ${egress.mawk.stdout}`);
}
report('egress, 4 million records in 100 gzip files', seconds(egress.flowlog));
report('  zcat | mawk, the same predicate', seconds(egress.mawk));
report('  gunzip on all cores, bytes thrown away', seconds(egress.bare));
report('  ratio to zcat | mawk', ratio(egress.flowlog, egress.mawk), '0.65');
report('  ratio to bare gunzip', ratio(egress.flowlog, egress.bare));
report('  peak memory', `${Math.round(egress.flowlog.memory / 1e6)} MB`, '1000 MB');
report('egress, 8 million records', seconds(egress.eight));
report('  ratio to 4 million', ratio(egress.eight, egress.flowlog), '2.2');
report('  peak memory', `${Math.round(egress.eight.memory / 1e6)} MB`, '1000 MB');

const million = `${FOLDER}/million.parquet`;
if (!existsSync(million)) execFileSync(NODE, [at('copy.js'), 'make', million]);
const csv = race({
  flowlog: `${flowlog(million)} > ${quoted(`${FOLDER}/flowlog.csv`)}`,
  copy: `${quoted(NODE)} ${quoted(at('copy.js'))} copy ${quoted(million)} ${quoted(`${FOLDER}/copy.csv`)}`,
});
execFileSync('cmp', [`${FOLDER}/flowlog.csv`, `${FOLDER}/copy.csv`]);
report(
  `one million rows to CSV (${Math.round(statSync(`${FOLDER}/flowlog.csv`).size / 1e6)} MB)`,
  seconds(csv.flowlog),
);
report("  ratio to DuckDB's COPY of the same rows", ratio(csv.flowlog, csv.copy), '2');

const start = race({ version: `${quoted(NODE)} ${quoted(BIN)} --version`, node: `${quoted(NODE)} -e 0` });
report('flowlog --version', `${Math.round(start.version.seconds * 1000)} ms`);
report('  ratio to node -e 0', ratio(start.version, start.node), '1.5');

const { sample } = race({
  sample: `rm -rf ${quoted(`${FOLDER}/rate`)} && ${quoted(NODE)} ${quoted(BIN)} sample ${quoted(`${FOLDER}/rate`)} --quiet --records 1000000`,
});
report('sample, records a second', Math.round(1_000_000 / sample.seconds).toLocaleString('en'), '300,000');
