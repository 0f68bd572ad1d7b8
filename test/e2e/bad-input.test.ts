import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { testFolder, writeFiles } from '../folder.js';
import { logFile, logText, record } from '../records.js';
import { flowlog } from './bin.js';

const RECORDS = Array.from({ length: 400 }, (_, i) =>
  record({ srcaddr: `10.10.24.${i % 250}`, dstaddr: '203.0.113.9', start: 1_780_000_000 + i, packets: i }),
);
const GOOD = logFile(RECORDS);
const ask = (logs: string, ...more: string[]) =>
  flowlog(['egress', '--subnet', '10.10.24.0/24', '--logs', logs, '--columns', 'packets', ...more]);

describe('wrong usage: exit code 2, the value and the remedy, nothing on stdout', () => {
  it.each([
    [['--subnet', '10.10.24.0/33'], "'10.10.24.0/33' is not a CIDR block", '0 to 32'],
    [['--subnet', '10.10.24.5/24'], "'10.10.24.5/24' has host bits set", 'Did you mean 10.10.24.0/24?'],
    [
      ['--subnet', '10.10.24.0/24', '--vpc', '10.20.0.0/16'],
      '10.10.24.0/24 is not inside the VPC 10.20.0.0/16',
      '--vpc',
    ],
    [
      ['--subnet', '10.10.24.0/24', '--since', '2026-06-02', '--until', '2026-06-01'],
      '--since 2026-06-02 is not before',
      'earlier time',
    ],
    [
      ['--subnet', '10.10.24.0/24', '--since', '2026-02-30'],
      "'2026-02-30' is not a time",
      'February 2026 has 28 days',
    ],
    [
      ['--subnet', '10.10.24.0/24', '--tz', 'Mars/Olympus'],
      "'Mars/Olympus' is not a time zone",
      'Asia/Tokyo',
    ],
    [['--subnet', '10.10.24.0/24', '--columns', 'dstadr'], "'dstadr' is not a column", 'dstaddr'],
    [['--subnet', '10.10.24.0/24', '--columns', 'tcp_flags'], 'do not record tcp-flags', 'version 3'],
    [
      ['--subnet', '10.10.24.0/24', '--by', 'dstaddr', '--columns', 'dstaddr'],
      '--by and --columns',
      '--by names',
    ],
    [['--subnet', '10.10.24.0/24', '--format', 'xml'], "'xml' is invalid", 'table, csv, json'],
    [['--subnet', '10.10.24.0/24', '--fromat', 'csv'], "unknown option '--fromat'", '--format'],
    [['--subnet', '10.10.24.0/24', '--port', '443'], "unknown option '--port'", 'Did you mean --dst-port?'],
    [['--from', '10.10.24.0/24'], "unknown option '--from'", 'Did you mean --subnet?'],
    [
      ['--subnet', '10.10.24.0/24', '--dst', '203.0.113.9'],
      "unknown option '--dst'",
      'Did you mean --where dstaddr=ADDRESS-OR-BLOCK?',
    ],
    [['--subnet', '10.10.24.0/24', '--json'], "unknown option '--json'", 'Did you mean --format json?'],
    [['--subnet', '10.10.24.0/24', '--dst-port', 'nonsense'], "'nonsense' is not a port", 'such as https'],
    [['--subnet', '10.10.24.0/24', '--limit', 'many'], "'many' is invalid", 'whole number'],
    [['--subnet', '10.10.24.0/24', '--protocol', 'tpc'], "'tpc' is not a protocol", 'tcp'],
    [['--subnet', '10.10.24.0/24', '--dst-port', '70000'], "'70000' is not a port", '65535'],
    [['--subnet', '10.10.24.0/24', '--action', 'drop'], "'drop' is not an action", 'accept and reject'],
    [[], "required option '--subnet <cidr>' not specified", 'flowlog egress --help'],
  ])('%j', async (args, message, hint) => {
    const folder = await writeFiles(testFolder(), { 'a.log.gz': GOOD });
    const { code, stdout, stderr } = await flowlog(['egress', '--logs', folder, ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('no such command', async () => {
    const { code, stderr } = await flowlog(['egres']);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown command 'egres'");
    expect(stderr).toContain('egress');
  });
});

describe('cannot be done: exit code 1', () => {
  it.each([
    ['a path that is not there', {}, 'nowhere', 'nowhere: no such file or directory.'],
    ['a pattern that matches nothing', {}, '*.gz', 'No file matches'],
    ['an empty folder', {}, '', 'There are no files under'],
    [
      'a folder without logs',
      { 'README.md': '# hello\n', 'x.json': '{}' },
      '',
      'There are no flow logs under',
    ],
    ['a named file that is no log', { 'notes.txt': 'hello\n' }, 'notes.txt', 'notes.txt is not a flow log'],
    ['a damaged Parquet file', { 'a.parquet': 'PAR1 and nothing more' }, '', 'a.parquet'],
  ])('%s', async (_what, files, logs, message) => {
    const folder = await writeFiles(testFolder(), files);
    const { code, stdout, stderr } = await ask(join(folder, logs));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n').length).toBeGreaterThanOrEqual(2);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('a file that cannot be written', async () => {
    const folder = await writeFiles(testFolder(), { 'a.log.gz': GOOD });
    const { code, stderr } = await ask(folder, '--output', join(folder, 'no', 'where.csv'));
    expect(code).toBe(1);
    expect(stderr).toContain('where.csv cannot be written (ENOENT)');
  });
});

const lines = logText(RECORDS).trimEnd().split('\n');
const FLAWED: Array<
  [what: string, content: string | Uint8Array, rows: number, said: RegExp, detail: RegExp]
> = [
  [
    'malformed lines',
    gzipSync([...lines.slice(0, 3), 'garbage', '2 1 2', ...lines.slice(3), `${lines[1]} more`].join('\n')),
    400,
    /3 malformed lines/,
    /a\.log\.gz:4: .*garbage/,
  ],
  ['a line cut short', gzipSync(lines.join('\n').slice(0, -60)), 399, /1 malformed line /, /a\.log\.gz:401/],
  ['a truncated gzip', GOOD.subarray(0, -200), -1, /1 truncated gzip file/, /a\.log\.gz/],
  ['a gzip without its last bytes', GOOD.subarray(0, -4), 400, /1 truncated gzip file/, /a\.log\.gz/],
  ['an empty file', '', 0, /1 empty file/, /a\.log\.gz/],
  ['an empty gzip', gzipSync(''), 0, /1 empty file/, /a\.log\.gz/],
];

describe('counted, said, and the rest answered', () => {
  it.each(FLAWED)('%s', async (_what, content, rows, said, detail) => {
    const folder = await writeFiles(testFolder(), { 'a.log.gz': content, 'z.log.gz': logFile([]) });
    const { code, stdout, stderr } = await ask(folder);
    expect(code).toBe(0);
    const read = stdout.trimEnd().split('\n').length - 1;
    if (rows >= 0) expect(read).toBe(rows);
    else expect(read).toBeGreaterThan(100);
    expect(stderr).toMatch(said);
    expect(stderr).not.toMatch(detail);
    expect((await ask(folder, '--verbose')).stderr).toMatch(detail);

    const strict = await ask(folder, '--strict');
    expect(strict.code).toBe(1);
    expect(strict.stderr).toMatch(said);
  });

  it.each([
    ['carriage returns', gzipSync(`${lines.join('\r\n')}\r\n`)],
    [
      'a header line for each record',
      gzipSync(
        lines
          .slice(1)
          .flatMap((line) => [lines[0], line])
          .join('\n'),
      ),
    ],
  ])('reads %s without a word', async (_what, content) => {
    const folder = await writeFiles(testFolder(), { 'a.log.gz': content });
    const { code, stdout, stderr } = await ask(folder, '--strict', '--vpc', '10.10.0.0/16');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toHaveLength(401);
  });

  it('a file that is no log, in a folder of logs', async () => {
    const folder = await writeFiles(testFolder(), {
      'a.log.gz': GOOD,
      'README.md': '# logs\n',
      'b.log.gz': 'hello\n',
      '.hidden': 'x',
      _SUCCESS: '',
    });
    const { code, stdout, stderr } = await ask(folder);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(401);
    expect(stderr).toContain('2 files that are not flow logs');
  });
});

describe('what people type', () => {
  const said = async (...more: string[]) => {
    const folder = await writeFiles(testFolder(), {
      'a.log.gz': GOOD,
      'b.log': logText(RECORDS.slice(0, 5)),
    });
    const logs = [join(folder, 'a.log.gz'), join(folder, 'b.log')];
    const { code, stdout, stderr } = await flowlog([...more, '--logs', ...logs, '--quiet', '--limit', '1']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const subnet = ['--subnet', '10.10.24.0/24'];

  it('is all paths that a shell makes of a pattern after --logs', async () => {
    const [, row] = (await said('talkers', '--by', 'destination', '--columns', 'dstaddr,flows')).split('\n');
    expect(row).toBe('203.0.113.9,405');
  });

  it.each([
    [
      ['talkers', '--by', 'dst'],
      ['talkers', '--by', 'destination'],
    ],
    [
      ['talkers', '--by', 'srcaddr'],
      ['talkers', '--by', 'source'],
    ],
    [
      ['egress', ...subnet, '--by', 'dst'],
      ['egress', ...subnet, '--by', 'dstaddr'],
    ],
    [
      ['egress', ...subnet, '--dst-port', 'https'],
      ['egress', ...subnet, '--dst-port', '443'],
    ],
    [
      ['egress', ...subnet, '--where', 'dstport=HTTPS,22'],
      ['egress', ...subnet, '--where', 'dstport=443,22'],
    ],
    [
      ['egress', ...subnet, '--format', 'md', '--no-notes'],
      ['egress', ...subnet, '--format', 'markdown', '--no-notes'],
    ],
  ])('%j means %j', async (typed, meant) => {
    expect(await said(...typed)).toBe(await said(...meant));
  });

  it('leaves the argument of a question behind --logs alone', async () => {
    const folder = await writeFiles(testFolder(), { 'a.log.gz': GOOD });
    const logs = join(folder, 'a.log.gz');
    const { code, stdout } = await flowlog(['trace', '--logs', logs, '10.10.24.7', '--columns', 'address']);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^address\n10\.10\.24\.7\n/),
    });
  });
});
