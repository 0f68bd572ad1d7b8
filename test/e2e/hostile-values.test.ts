import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { beforeEach, describe, expect, it } from 'vitest';
import { FORMATS } from '../../src/output/formats.js';
import { UNSEEN } from '../../src/terminal/unseen.js';
import { putLogs, world } from '../aws/world.js';
import { testFolder, writeFiles } from '../folder.js';
import { flowlog, type Outcome } from './bin.js';

/** A title for the window, colour, text turned around, text without a width, and what Markdown, HTML and spreadsheets act on. */
const ACT =
  '\u001b]0;owned\u0007\u009b31m\u202e\u200b\u3164\ufe0f<script>alert(1)</script>|`=cmd()|[a](javascript:x)';
const NAME = 'evil\u001b[31m\u202e\u200b<b>';
const HEADER =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const LINES = Array.from({ length: 30 }, (_, i) => {
  const start = 1_780_272_000 + i * 60;
  return `2 123456789012 eni-${i % 3 ? '0a' : ACT} 10.10.24.${1 + (i % 5)} 203.0.113.${i % 7} ${40_000 + i} 443 6 1 100 ${start} ${start + 60} ${i % 5 ? 'ACCEPT' : ACT} OK`;
});
const INVENTORY = {
  NetworkInterfaces: [
    {
      NetworkInterfaceId: 'eni-0a',
      Description: ACT,
      OwnerId: '123456789012',
      PrivateIpAddress: '10.10.24.1',
      PrivateIpAddresses: [{ PrivateIpAddress: '10.10.24.1' }],
      TagSet: [{ Key: 'Name', Value: ACT }],
    },
  ],
};
const DNS = {
  version: '1.1',
  query_timestamp: '2026-05-31T23:50:00Z',
  query_name: `a ${ACT}.example.com.`,
  query_type: 'A',
  query_class: 'IN',
  rcode: 'NOERROR',
  answers: [{ Rdata: '203.0.113.1', Type: 'A', Class: 'IN' }],
  srcaddr: '10.10.24.1',
};

let cwd: string;
const LOGS = ['--logs', 'logs', '--since', '2026-05-01', '--inventory', 'kept', '--dns', 'dns'];
const EGRESS = ['egress', '--subnet', '10.10.24.0/24', ...LOGS];

beforeEach(async () => {
  const text = [HEADER, ...LINES, `2 ${ACT} 1 2 3`, ''].join('\n');
  cwd = await writeFiles(testFolder(), {
    [`logs/${NAME.replace('/', '')}.log`]: text,
    [`logs/${NAME.replace('/', '')}.txt`]: ACT,
    [`dns/${NAME}.log`]: `${JSON.stringify(DNS)}\n`,
    'inventory.json': JSON.stringify(INVENTORY),
  });
  expect(
    (await flowlog(['inventory', 'import', 'inventory.json', '--inventory', 'kept'], { cwd })).code,
  ).toBe(0);
});

const unseen = new RegExp(UNSEEN.source, 'u');

function expectHarmless({ code, stdout, stderr }: Outcome, what: string): void {
  for (const text of [stdout, stderr]) expect(text.replaceAll('\n', ''), what).not.toMatch(unseen);
  expect(stderr, what).not.toContain('internal error');
  expect([0, 1, 2, 3, 4], what).toContain(code);
}

describe('values, names of files, descriptions and domains that somebody else wrote', () => {
  it.each(FORMATS)('act in no output of %s', async (format) => {
    const questions = [
      EGRESS,
      [...EGRESS, '--by', 'srcaddr_name,dstaddr_name'],
      ['talkers', ...LOGS, '--by', 'interface'],
      ['query', 'SELECT interface_id, action AS "=cmd()" FROM {{logs}}', '--logs', 'logs'],
    ];
    const drawing = questions.filter(([name]) => format !== 'svg' || name === 'talkers');
    for (const args of drawing) {
      const file = join(cwd, 'answer');
      const outcome = await flowlog([...args, '--format', format, '--output', file], { cwd });
      expect(outcome.code, outcome.stderr).toBe(0);
      expectHarmless(outcome, args.join(' '));
      // Values are kept as they are, for programs that read them.
      if (format === 'parquet') continue;
      const bytes = readFileSync(file);
      const texts =
        format === 'xlsx'
          ? Object.values(unzipSync(bytes)).map((each) => Buffer.from(each).toString())
          : [`${bytes}`];
      for (const text of texts) {
        expect(text.replaceAll('\n', ''), args.join(' ')).not.toMatch(unseen);
        if (format === 'html' || format === 'xlsx' || format === 'svg')
          expect(text).not.toMatch(/<script>|<f>/);
        if (format === 'markdown') expect(text).not.toMatch(/<script>|\[a\]\(/);
      }
    }
  });

  it.each([
    ['notes', [...EGRESS, '--verbose']],
    ['--strict', [...EGRESS, '--strict']],
    ['--sql', [...EGRESS, '--sql']],
    ['import', ['import', 'logs', '--to', 'store', '--verbose']],
    ['fields', ['fields', '--logs', 'logs']],
    ['coverage', ['coverage', '--logs', 'logs']],
    ['dns', ['dns', '--dns', 'dns']],
    ['inventory show', ['inventory', 'show', '10.10.24.1', '--inventory', 'kept']],
    ['allow suggest', ['allow', 'suggest', '--subnet', '10.10.24.0/24', ...LOGS]],
    ['an unknown file', ['egress', '--subnet', '10.0.0.0/8', '--logs', NAME]],
    ['an unknown command', [NAME]],
    ['an unknown option', ['egress', `--${NAME}`]],
    ['a statement', ['query', `SELECT '${NAME}' + `, '--logs', 'logs']],
  ])('act in nothing of %s', async (what, args) => {
    expectHarmless(await flowlog(args, { cwd }), what);
  });

  it('a domain that no entry can hold is suggested by its address', async () => {
    const args = ['allow', 'suggest', '--subnet', '10.10.24.0/24', ...LOGS];
    const { code, stdout, stderr } = await flowlog(args, { cwd });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain('203.0.113.1');
    expect(stdout).not.toContain('domain:');
  });

  it.each([
    ['a value', `logs = "logs"\nsince = "2026-05-01"\nexclude = "\\u001b[31m\\u202e"\n`],
    ['a path', 'logs = "logs\\u001b[31m"\n'],
    ['a key', '"k\\u001b[31m" = 5\n'],
    ['a text that is no TOML', `logs = "${ACT}`],
  ])('%s of a configuration file acts in no message', async (what, toml) => {
    const folder = await writeFiles(testFolder(), { 'flowlog.toml': toml });
    const outcome = await flowlog(['egress', '--subnet', '10.10.24.0/24'], { cwd: folder });
    expect(outcome.code).not.toBe(0);
    expectHarmless(outcome, what);
  });

  it('keys of S3 act in no message', async () => {
    const { aws, run } = await world();
    putLogs(aws, ['2026-06-01'], { body: Buffer.from(ACT) });
    aws.bucket('logs').put(`p/${NAME}.log`, ACT);
    aws
      .bucket('logs')
      .put('p/AWSLogs/123456789012/vpcflowlogs/ap-northeast-1/2026/06/01/fl-\u202e\u009b.log.gz', ACT);
    for (const more of [['--verbose'], ['--sql']]) {
      const args = ['egress', '--subnet', '10.10.24.0/24', '--logs', 's3://logs/p/', '--no-cache', ...more];
      expectHarmless(await run(args), more.join());
    }
    expectHarmless(await run(['talkers', '--logs', `s3://logs/p/${NAME}.log`, '--no-cache']), 'one object');
  });
});
