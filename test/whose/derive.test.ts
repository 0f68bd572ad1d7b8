import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION_5_FORMAT } from '../../src/flowlog/log-format.js';
import { asked } from '../e2e/asked.js';
import { flowlog } from '../e2e/bin.js';
import { testFolder, writeFiles } from '../folder.js';
import { logFile, record } from '../records.js';

const SUBNET = ['--subnet', '10.10.24.0/24', '--tz', 'UTC'];
const SUMS = ['flows', 'packets', 'bytes'];

describe('names and ways of the sample', () => {
  let folder: string;
  let egress: string[];
  let names: string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flowlog-whose-'));
    const [logs, known] = [join(folder, 'logs'), join(folder, 'names')];
    const written = await flowlog(['sample', logs, '--format', '5', '--names', known, '--quiet']);
    expect(written.code).toBe(0);
    names = [
      '--inventory',
      join(known, 'inventory'),
      '--dns',
      join(known, 'dns'),
      '--asn',
      join(known, 'asn.tsv'),
    ];
    egress = ['egress', ...SUBNET, '--logs', logs];
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('add up by name, kind and way to what records add up to', async () => {
    const columns = ['dstaddr_name', 'dstaddr_kind', 'way', 'leaves'];
    const groups = await asked([...egress, ...names, '--by', columns.join(',')]);
    const records = await asked([
      ...egress,
      ...names,
      '--columns',
      [...columns, 'packets', 'bytes'].join(','),
    ]);
    const sums = new Map<string, number[]>();
    for (const row of records) {
      const key = JSON.stringify(columns.map((name) => row[name]));
      const before = sums.get(key) ?? [0, 0, 0];
      sums.set(key, [before[0]! + 1, before[1]! + Number(row.packets), before[2]! + Number(row.bytes)]);
    }
    expect(
      new Map(
        groups.map((row) => [
          JSON.stringify(columns.map((name) => row[name])),
          SUMS.map((name) => row[name]),
        ]),
      ),
    ).toEqual(sums);
    const bytes = groups.map((row) => Number(row.bytes));
    expect(bytes).toEqual([...bytes].sort((a, b) => b - a));
    // Who got the most, and by which way the same service was reached.
    expect(groups[0]).toMatchObject({
      dstaddr_name: 'drop.example.net',
      dstaddr_kind: 'domain',
      way: 'internet gateway',
      leaves: 'yes',
    });
    const ways = new Set(
      groups.filter((row) => /\.s3\./.test(String(row.dstaddr_name))).map((row) => row.way),
    );
    expect([...ways].sort()).toEqual(['gateway endpoint S3', 'internet gateway']);
  });

  it('part records: what leaves, what does not, and what nobody knows are all', async () => {
    const count = async (...more: string[]) => (await asked([...egress, ...names, ...more])).length;
    const parts = await Promise.all(['yes', 'no', 'unknown'].map((leaves) => count('--leaves', leaves)));
    expect(parts.reduce((a, b) => a + b)).toBe(await count());
    expect(await count('--way', 'gateway endpoint')).toBe(
      await count('--where', 'way=gateway endpoint S3', '--where', 'way=gateway endpoint DYNAMODB'),
    );
    expect(await count('--way', 'gateway endpoint')).toBeGreaterThan(0);
    expect(await count('--where', 'dstaddr_kind!=domain', '--limit', '3')).toBe(3);
  });

  it('stand beside each address of any question, with the way of what left', async () => {
    const [row] = await asked([...egress, ...names, '--where', 'dstaddr_kind=domain', '--limit', '1']);
    expect(Object.keys(row!)).toEqual([
      ...[
        'start_time',
        'end_time',
        'srcaddr',
        'srcaddr_name',
        'srcaddr_kind',
        'srcport',
        'dstaddr',
        'dstaddr_name',
      ],
      ...['dstaddr_kind', 'dstport', 'protocol', 'packets', 'bytes', 'action', 'way'],
    ]);
    expect(row).toMatchObject({
      srcaddr_kind: 'interface',
      srcaddr_name: expect.stringContaining('SageMaker notebook'),
    });
    const [first] = await asked(['talkers', ...egress.slice(-2), ...names]);
    expect(first).toMatchObject({
      srcaddr_name: expect.stringContaining('SageMaker'),
      srcaddr_kind: 'interface',
    });
    const [plain] = await asked(['talkers', ...egress.slice(-2), ...names, '--no-names']);
    expect(plain).not.toHaveProperty('srcaddr_name');
  });

  it('without inventory and ranges are classes, and it is said what would help', async () => {
    const { code, stderr } = await flowlog([...egress, '--by', 'dstaddr_name,way']);
    expect(code).toBe(0);
    expect(stderr).toContain("'flowlog inventory update' and 'flowlog inventory ranges' add them");
  });

  it.each([
    [['--leaves', 'maybe'], "'maybe' is not a value of leaves.\nThe values are yes, no, unknown."],
    [['--where', 'dstaddr_kind=aws'], "'aws' is not a value of dstaddr_kind."],
    [['--way', 'intenet gateway'], "'intenet gateway' is not a way."],
    [['--by', 'dstadr_name'], "'dstadr_name' is not a column."],
  ])('%s can match nothing, and is refused', async (more, message) => {
    const { code, stderr } = await flowlog([...egress, ...more]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('names over time', () => {
  const NOON = 1_780_315_200;

  it('are those of the snapshot that stands for the time of a flow', async () => {
    const flow = (start: number) =>
      record({
        srcaddr: '10.10.24.17',
        dstaddr: '10.20.0.9',
        interface_id: 'eni-0a',
        start,
        end: start + 59,
        bytes: 100,
      });
    const folder = testFolder();
    const inventory = join(folder, 'inventory');
    mkdirSync(inventory);
    const snapshot = (taken: string, group: string) => {
      const text = { flowlog: 'inventory', version: 1, taken, account: '123456789012', region: 'eu-west-1' };
      const item = {
        id: `eni-${group}`,
        vpc: 'vpc-1',
        type: 'interface',
        description: '',
        name: group,
        addresses: ['10.20.0.9'],
      };
      writeFileSync(join(inventory, `${group}.json`), JSON.stringify({ ...text, interfaces: [item] }));
    };
    snapshot('2026-06-01T00:00:00Z', 'before');
    snapshot('2026-06-01T12:00:00Z', 'after');
    await writeFiles(folder, {
      'x.log.gz': logFile(
        [flow(NOON - 7_200), flow(NOON - 60), flow(NOON), flow(NOON - 90_000)],
        VERSION_5_FORMAT,
      ),
    });
    const args = ['egress', ...SUBNET, '--logs', join(folder, 'x.log.gz'), '--inventory', inventory];
    const rows = await asked([...args, '--by', 'dstaddr_name']);
    expect(rows.map((row) => [row.dstaddr_name, row.flows])).toEqual([
      ['eni-before', 3],
      ['eni-after', 1],
    ]);
    const { stderr } = await flowlog([...args, '--by', 'dstaddr_name']);
    expect(stderr).toContain(
      'Some names are not of the time of their flows but of what was saved at 2026-06-01 00:00 UTC.',
    );
  });
});
