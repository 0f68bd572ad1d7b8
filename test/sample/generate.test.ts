import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { FIELDS, type Field } from '../../src/flowlog/fields.js';
import { DEFAULT_FORMAT, headerLine, VERSION_5_FORMAT } from '../../src/flowlog/log-format.js';
import { parseKey } from '../../src/flowlog/s3-layout.js';
import { containsAddress, parseCidr } from '../../src/net/cidr.js';
import { DEFAULTS, generateSample, type SampleOptions } from '../../src/sample/generate.js';
import { testFolder } from '../folder.js';

const START = Date.UTC(2026, 5, 1) / 1000;

async function sample(options: Partial<SampleOptions> = {}): Promise<{ folder: string; files: string[] }> {
  const directory = testFolder();
  const summary = await generateSample({
    directory,
    seed: 1,
    records: 6000,
    days: 2,
    start: START,
    fields: DEFAULT_FORMAT,
    fileFormat: 'text',
    layout: 'plain',
    hourly: false,
    ...DEFAULTS,
    ...options,
  });
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
  expect(summary.files).toBe(files.length);
  expect(summary.records).toBe(options.records ?? 6000);
  return { folder: directory, files };
}

function recordsOf(folder: string, files: readonly string[], fields: readonly Field[]) {
  return files.flatMap((file) => {
    const lines = gunzipSync(readFileSync(join(folder, file)))
      .toString('latin1')
      .split('\n');
    expect(lines.shift()).toBe(headerLine(fields));
    expect(lines.pop()).toBe('');
    return lines.map((line) => {
      const values = line.split(' ');
      expect(values).toHaveLength(fields.length);
      return Object.fromEntries(fields.map(({ column }, i) => [column, values[i]!]));
    });
  });
}

const inside = (block: string, text: string) => containsAddress(parseCidr(block), text);

describe('sample logs', () => {
  it('are a closed network: mostly quiet, with something of everything that is asked about', async () => {
    const { folder, files } = await sample();
    const records = recordsOf(folder, files, DEFAULT_FORMAT);
    expect(records).toHaveLength(6000);
    const notebooks = records.filter(({ srcaddr }) => inside('10.10.24.0/24', srcaddr!));
    const outward = notebooks.filter(({ dstaddr }) => !inside('10.10.0.0/16', dstaddr!) && dstaddr !== '-');
    expect(outward.length).toBeGreaterThan(10);
    expect(outward.length).toBeLessThan(notebooks.length / 5);
    // Only addresses set aside for documentation stand for the world.
    const world = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '10.10.0.0/16'];
    for (const { srcaddr, dstaddr } of records) {
      for (const address of [srcaddr!, dstaddr!]) {
        expect(address === '-' || world.some((block) => inside(block, address))).toBe(true);
      }
    }
    const count = (test: (record: Record<string, string>) => boolean) => records.filter(test).length;
    expect(count(({ log_status }) => log_status === 'NODATA')).toBeGreaterThan(5);
    expect(count(({ log_status }) => log_status === 'SKIPDATA')).toBeGreaterThan(2);
    expect(
      count(({ action, dstaddr }) => action === 'REJECT' && inside('10.10.2.0/23', dstaddr!)),
    ).toBeGreaterThan(30);
    expect(count(({ srcaddr }) => srcaddr!.includes(':'))).toBeGreaterThan(50);
  });

  it('lie in the days they are filed under, start before they end, and tell one interval from the next', async () => {
    const { folder, files } = await sample({ days: 3, hourly: true, records: 20_000 });
    const hours = new Set<string>();
    for (const file of files) {
      const key = parseKey(file)!;
      hours.add(`${key.day} ${key.hour}`);
      const from = Date.parse(`${key.day}T00:00:00Z`) / 1000 + key.hour! * 3600;
      for (const { start, end } of recordsOf(folder, [file], DEFAULT_FORMAT)) {
        expect(Number(start)).toBeLessThanOrEqual(Number(end));
        expect(Number(end)).toBeGreaterThanOrEqual(from);
        expect(Number(end)).toBeLessThan(from + 3600);
      }
    }
    expect(hours.size).toBe(72);
  });

  it('keep their bytes with known traffic beside them, which is the same each time', async () => {
    const plants = [
      { kind: 'beacon', period: 300, jitter: 20, kept: false, interval: 60 },
      { kind: 'failover', bytes: 1_000_000, interval: 600 },
    ] as const;
    const bytesOf = ({ folder, files }: { folder: string; files: string[] }) =>
      new Map(files.map((file) => [file, readFileSync(join(folder, file)).toString('base64')]));
    const more = () => {
      const directory = testFolder();
      const rest = { records: 1000, days: 2, start: START, fields: VERSION_5_FORMAT, seed: 1 };
      const looks = { fileFormat: 'text', layout: 'plain', hourly: false } as const;
      return generateSample({ directory, ...rest, ...looks, ...DEFAULTS, plants }).then(({ planted }) => ({
        planted,
        folder: directory,
        files: readdirSync(directory, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => relative(directory, join(entry.parentPath, entry.name))),
      }));
    };
    const plain = bytesOf(await sample({ records: 1000, fields: VERSION_5_FORMAT }));
    const [first, again] = [await more(), await more()];
    expect(bytesOf(again)).toEqual(bytesOf(first));
    for (const [file, bytes] of plain) expect(bytesOf(first).get(file)).toBe(bytes);
    expect(first.files).toHaveLength(plain.size + 2);
    expect(first.planted.map(({ kind, bytes }) => [kind, bytes])).toEqual([
      ['beacon', expect.any(Number)],
      ['failover', 1_000_000],
    ]);
  });

  it('have every field there is, when asked for', async () => {
    const { folder, files } = await sample({ fields: FIELDS, records: 2000 });
    const records = recordsOf(folder, files, FIELDS);
    const present = FIELDS.filter(({ column }) => records.some((record) => record[column] !== '-'));
    expect(present).toEqual(
      expect.arrayContaining(
        VERSION_5_FORMAT.filter(({ column }) => !/^sublocation|^pkt_.*aws/.test(column)),
      ),
    );
  });

  it('are of several accounts and Regions, equal in number, and in Hive-compatible folders', async () => {
    const owners = { accounts: ['111122223333', '444455556666'], regions: ['ap-northeast-1', 'us-east-1'] };
    const { files } = await sample({ ...owners, layout: 'hive', files: 16 });
    expect(files).toHaveLength(16);
    const keys = files.map((file) => parseKey(file)!);
    expect(new Set(keys.map(({ layout }) => layout))).toEqual(new Set(['hive']));
    for (const account of owners.accounts) {
      for (const region of owners.regions) {
        expect(keys.filter((key) => key.account === account && key.region === region)).toHaveLength(4);
      }
    }
  });

  it('are Parquet with the types that AWS writes, and the records of the text', async () => {
    const text = await sample({ records: 1500, fields: VERSION_5_FORMAT });
    const parquet = await sample({ records: 1500, fields: VERSION_5_FORMAT, fileFormat: 'parquet' });
    const connection = await (await DuckDBInstance.create()).connect();
    const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
    const files = `[${parquet.files.map((file) => `'${join(parquet.folder, file)}'`).join(', ')}]`;
    const schema = await ask(`DESCRIBE SELECT * FROM read_parquet(${files})`);
    const types = { text: 'VARCHAR', integer: 'INTEGER', bigint: 'BIGINT' };
    expect(schema.map(([name, type]) => [name, type])).toEqual(
      VERSION_5_FORMAT.map(({ column, type }) => [column, types[type]]),
    );
    const rows = await ask(`SELECT * FROM read_parquet(${files}, filename = false) ORDER BY ALL`);
    const written = recordsOf(text.folder, text.files, VERSION_5_FORMAT).map((record) =>
      VERSION_5_FORMAT.map(({ column, type }) =>
        // What is absent is NULL in a column of numbers only.
        record[column] === '-' && type !== 'text' ? null : record[column],
      ),
    );
    const sorted = (all: unknown[][]) =>
      all.map((row) => JSON.stringify(row.map((v) => v && String(v)))).sort();
    expect(sorted(rows.map((row) => row.map((v) => (v === null ? null : String(v)))))).toEqual(
      sorted(written),
    );
  });

  it('have an inventory, ranges and queries beside them where asked for, and the same bytes each time', async () => {
    const [first, second] = [testFolder(), testFolder()];
    const plain = await sample({ records: 1000, fields: VERSION_5_FORMAT });
    for (const folder of [first, second]) {
      const directory = join(folder, 'logs');
      await generateSample({
        ...{ directory, names: join(folder, 'names'), seed: 1, records: 1000, days: 2, start: START },
        ...{ fields: VERSION_5_FORMAT, fileFormat: 'text', layout: 'plain', hourly: false },
        ...DEFAULTS,
      });
    }
    const contents = (folder: string) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
        .map((path) => [relative(folder, path), readFileSync(path).toString('base64')]);
    expect(contents(second)).toEqual(contents(first));
    const logs = contents(join(first, 'logs'));
    expect(logs).toEqual(expect.arrayContaining(contents(plain.folder)));
    expect(logs).toHaveLength(plain.files.length + 2);
    const names = contents(join(first, 'names')).map(([path]) => path!.replace(/\/.*\//, '/'));
    expect(names.map((path) => path.replace(/[-_]\S*/, ''))).toEqual([
      'asn.tsv',
      'dns/vpc',
      'dns/vpc',
      'inventory/inventory',
      'inventory/ip',
    ]);
    const further = logs.map(([path]) => path!).filter((path) => !plain.files.includes(path));
    const records = recordsOf(join(first, 'logs'), further, VERSION_5_FORMAT);
    const ways = new Set(records.map((record) => `${record.pkt_dst_aws_service} ${record.traffic_path}`));
    expect([...ways].sort()).toEqual(['DYNAMODB 7', 'S3 1', 'S3 7', 'S3 8']);
  });

  it('stop when they are told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(sample({ signal })).rejects.toThrow('enough');
  });
});
