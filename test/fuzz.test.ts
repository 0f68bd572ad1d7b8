import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { answerOf, putLogs, world } from './aws/world.js';
import { damaged, randomOf } from './damage.js';
import { flowlog, type Outcome } from './e2e/bin.js';
import { testFolder, writeFiles } from './folder.js';
import { logFile, record } from './records.js';
import { runs, SEED } from './seed.js';

/** Stores, listings and results; a hundred times as many lines. FLOWLOG_FUZZ=10000 for a million lines, with what came of them. */
const COUNT = Number(process.env.FLOWLOG_FUZZ ?? runs(30));
const LINES = 100 * COUNT;
const TIMEOUT = { timeout: 240_000 + COUNT * 2_000 };

const HEADER =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const EGRESS = [
  'egress',
  '--subnet',
  '10.0.1.0/25',
  '--vpc',
  '10.0.0.0/16',
  '--format',
  'csv',
  '--limit',
  '1000000',
];

class Counts {
  private readonly of: Record<string, number> = {};
  add(outcome: string, count = 1): void {
    this.of[outcome] = (this.of[outcome] ?? 0) + count;
  }
  show(what: string): void {
    if (process.env.FLOWLOG_FUZZ) console.info(`${what}: ${JSON.stringify(this.of)}`);
  }
}

function expectOrderly({ code, stderr }: Outcome, what: string): void {
  expect(stderr, what).not.toMatch(/internal error|\n\s+at /);
  expect([0, 1, 2], `${what}: ${stderr}`).toContain(code);
}

const VALUES = [
  '-',
  '',
  '0',
  '-1',
  '4294967296',
  '1e9',
  '18446744073709551616',
  '999999999999999999999999',
  'NaN',
  '::1',
];
VALUES.push(
  '10.0.1.256',
  '010.0.1.1',
  '10.0.1',
  '::ffff:10.0.1.5',
  '\u202e',
  'x'.repeat(300),
  '"',
  "'",
  '\\N',
  'null',
);

/** A line with a field or a byte of it changed; still one line. */
function mutated(line: string, below: (limit: number) => number): Buffer {
  const fields = line.split(' ');
  const at = below(fields.length);
  switch (below(6)) {
    case 0:
      return Buffer.from(line);
    case 1:
      fields[at] = VALUES[below(VALUES.length)]!;
      break;
    case 2:
      fields.splice(at, 1);
      break;
    case 3:
      fields.splice(at, 0, fields[below(fields.length)]!);
      break;
    case 4:
      [fields[at], fields[0]] = [fields[0]!, fields[at]!];
      break;
    default: {
      const bytes = Buffer.from(line);
      for (let i = 0; i <= below(3); i++) bytes[below(bytes.length)] = below(256);
      return Buffer.from(bytes.map((byte) => (byte === 10 || byte === 13 ? 32 : byte)));
    }
  }
  return Buffer.from(fields.join(' '));
}

it(
  `${LINES} mutated lines of logs: each is a record or counted, on text and in a store`,
  TIMEOUT,
  async () => {
    const below = randomOf(SEED);
    const counts = new Counts();
    for (let done = 0; done < LINES; ) {
      const size = Math.min(20_000, LINES - done);
      const lines: Buffer[] = [Buffer.from(HEADER)];
      for (let i = 0; i < size; i++) {
        const line = `2 123456789012 eni-0a 10.0.1.${i % 250} 203.0.113.${i % 99} ${1024 + i} 443 6 1 ${100 + i} ${1_700_000_000 + i} ${1_700_000_060 + i} ACCEPT OK`;
        lines.push(mutated(line, below));
      }
      const folder = testFolder();
      const path = join(folder, 'a.log');
      writeFileSync(path, Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
      const store = join(folder, 'store');
      const what = `lines from ${done}`;
      const taken = await flowlog(['import', path, '--to', store]);
      expectOrderly(taken, what);
      const both: string[] = [];
      for (const logs of [path, store]) {
        const sql = 'SELECT * FROM {{logs}} ORDER BY ALL';
        const all = await flowlog(['query', sql, '--format', 'csv', '--logs', logs]);
        const egress = await flowlog([...EGRESS, '--logs', logs]);
        for (const outcome of [all, egress]) expect(outcome.code, `${what}: ${outcome.stderr}`).toBe(0);
        both.push(createHash('sha256').update(all.stdout).update(egress.stdout).digest('hex'));
        if (logs !== path) continue;
        const counted = await flowlog([
          'query',
          'SELECT count(*) AS n FROM {{logs}}',
          '--format',
          'json',
          '--logs',
          path,
        ]);
        const [{ n }] = JSON.parse(counted.stdout) as [{ n: number }];
        const said = /([\d,]+) malformed/.exec(counted.stderr)?.[1]?.replaceAll(',', '');
        counts.add('records', n);
        counts.add('malformed, counted', Number(said ?? 0));
        expect({ what, sum: n + Number(said ?? 0) }).toEqual({ what, sum: size });
      }
      expect(both[1], what).toBe(both[0]);
      rmSync(folder, { recursive: true });
      done += size;
    }
    counts.show('lines');
  },
);

it(`${COUNT} damaged stores: answered, or the damage said, and nothing else touched`, TIMEOUT, async () => {
  const folder = await writeFiles(testFolder(), {
    'logs/a.log.gz': logFile(
      Array.from({ length: 40 }, (_, i) => record({ start: 1_780_000_000 + (i % 3) * 86_400, srcport: i })),
    ),
    'precious.txt': 'precious\n',
  });
  const whole = join(folder, 'whole');
  expect((await flowlog(['import', join(folder, 'logs'), '--to', whole])).code).toBe(0);
  const files = readdirSync(whole, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(whole.length + 1))
    .sort();
  const sql =
    'SELECT count(*) AS n, count(DISTINCT srcport) AS ports, CAST(sum(bytes) AS BIGINT) AS b FROM {{logs}}';
  const ask = (logs: string) => flowlog(['query', sql, '--format', 'json', '--logs', logs]);
  const truth = (await ask(whole)).stdout;
  const counts = new Counts();
  const store = join(folder, 'store');
  for (let i = 0; i < COUNT; i++) {
    const seed = SEED * 1_000_003 + i;
    const below = randomOf(seed);
    cpSync(whole, store, { recursive: true });
    const name = files[below(files.length)]!;
    writeFileSync(join(store, name), damaged(readFileSync(join(store, name)), below));
    const what = `seed ${seed}, ${name}`;
    const asked = await ask(store);
    expectOrderly(asked, what);
    const taken = await flowlog(['import', join(folder, 'logs'), '--to', store]);
    expectOrderly(taken, what);
    const says = /damaged|malformed|not a flow log|is not |Rebuild/;
    if (asked.code !== 0) {
      expect(asked.stderr, what).toMatch(says);
      counts.add('refused');
    } else if (asked.stdout === truth) counts.add('answered whole');
    else if (says.test(asked.stderr)) counts.add('answered, the loss said');
    else {
      // A byte of a value: Parquet of DuckDB and of flowlog has no checksums.
      expect({ what, n: JSON.parse(asked.stdout)[0].n }).toEqual({ what, n: JSON.parse(truth)[0].n });
      counts.add('answered, a value changed');
    }
    counts.add(taken.code === 0 ? 'import done' : 'import refused');
    expect(readdirSync(folder).sort()).toEqual(['logs', 'precious.txt', 'store', 'whole']);
    expect(readFileSync(join(folder, 'precious.txt'), 'utf8')).toBe('precious\n');
    rmSync(store, { recursive: true });
  }
  counts.show('stores');
});

it(`${COUNT} distorted listings of S3: read, or refused`, TIMEOUT, async () => {
  const { aws, run } = await world();
  putLogs(aws, ['2026-06-01', '2026-06-02'], { hours: ['00', '01'] });
  aws.bucket('logs').pageSize = 3;
  const args = ['coverage', '--logs', 's3://logs/p/', '--no-cache', '--format', 'csv', '--tz', 'UTC'];
  const truth = (await run(args)).stdout;
  const counts = new Counts();
  for (let i = 0; i < COUNT; i++) {
    const seed = SEED * 1_000_003 + i;
    const below = randomOf(seed);
    let at = below(8);
    aws.distort = (operation, body) =>
      operation === 'ListObjectsV2' && at-- === 0 ? damaged(Buffer.from(body), below) : body;
    // A listing that cannot be read is asked for again, and is whole then.
    const outcome = await run(args, { env: { FLOWLOG_TEST_SILENCE: '2000' } });
    expectOrderly(outcome, `seed ${seed}`);
    aws.calls.length = 0;
    const { code, stdout } = outcome;
    counts.add(
      code !== 0 ? 'refused' : stdout === truth ? 'answered whole' : 'answered what the listing names',
    );
  }
  counts.show('listings');
});

it(`${COUNT} distorted results of Athena: read, or refused`, TIMEOUT, async () => {
  const { aws, run } = await world();
  const rows = Array.from({ length: 20 }, (_, i) => [
    `2026-06-01T09:00:${10 + i}+09:00`,
    `10.0.1.${i}`,
    `${i}`,
  ]);
  aws.athena.script = () => ({ result: answerOf(['start_time', 'srcaddr', 'bytes'], rows, ['skipdata']) });
  const args = ['egress', '--subnet', '10.0.1.0/24', '--since', '2026-06-01', '--until', '2026-06-02'];
  args.push('--columns', 'start_time,srcaddr,bytes', '--format', 'csv');
  const truth = await run(args);
  expect(truth.code, truth.stderr).toBe(0);
  const counts = new Counts();
  const results = aws.bucket('results');
  for (let i = 0; i < COUNT; i++) {
    const seed = SEED * 1_000_003 + i;
    const below = randomOf(seed);
    const ofFile = below(2) === 0;
    let at = below(6);
    aws.distort = (_operation, body) => (!ofFile && at-- === 0 ? damaged(Buffer.from(body), below) : body);
    results.onGet = (key) => {
      if (ofFile && key.endsWith('.csv')) results.put(key, damaged(results.objects.get(key)!, below));
    };
    const outcome = await run(args, { env: { FLOWLOG_TEST_SILENCE: '2000' } });
    expectOrderly(outcome, `seed ${seed}`);
    const { code, stdout } = outcome;
    counts.add(
      code !== 0 ? 'refused' : stdout === truth.stdout ? 'answered whole' : 'answered what the file holds',
    );
    aws.calls.length = 0;
    aws.athena.executions.clear();
    results.objects.clear();
  }
  counts.show('results');
});
