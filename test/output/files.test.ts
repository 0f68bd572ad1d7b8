import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'csv-parse/sync';
import { readXlsx } from 'hucre/xlsx';
import { parquetMetadata } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { checkTerminal, type Format, loadRenderer } from '../../src/output/formats.js';
import type { About } from '../../src/output/renderer.js';
import { type Column, givenRows, type Row } from '../../src/result.js';
import { testFolder } from '../folder.js';

const COLUMNS: readonly Column[] = [
  { name: 'start_time', type: 'time', zone: 'Asia/Tokyo' },
  { name: 'dstaddr', type: 'text', address: true },
  { name: 'protocol', type: 'integer', label: (value) => (Number(value) === 6 ? 'TCP' : String(value)) },
  { name: 'bytes', type: 'bytes' },
  { name: 'share', type: 'percent' },
  { name: 'score', type: 'number' },
  { name: '=1+1 & <b>', type: 'text' },
];
const ROWS: readonly Row[] = [
  ['2026-06-01T09:07:26+09:00', '203.0.113.25', 6, 7602, 1234, 0.5, '=HYPERLINK("http://evil.test")'],
  ['2026-06-02T00:00:00+09:00', '2001:db8::1', 17, 9_007_199_254_740_993n, 0, null, '<&"\u202e\u0007 東京'],
  [null, '', null, null, null, null, null],
];
const ABOUT: About = {
  question: {
    command: 'egress',
    options: [
      { option: 'subnet', value: '10.10.24.0/24', source: '--subnet' },
      { option: 'database', value: 'default', source: 'default' },
      { option: 'tz', value: 'Asia/Tokyo', source: 'default' },
    ],
  },
  notes: async (rows) => [`${rows} rows; 1 file read`, '2 SKIPDATA records'],
};

async function written(format: Format, rows = ROWS, limit?: number): Promise<string> {
  const parts: Uint8Array[] = [];
  const render = await loadRenderer(format);
  const drawn = await render(
    givenRows(COLUMNS, rows),
    async (part) => void parts.push(Buffer.from(part as Uint8Array)),
    { width: 80, color: false, terminal: false, limit, excel: false, about: ABOUT },
  );
  expect(drawn).toBe(Math.min(rows.length, limit ?? rows.length));
  const path = join(testFolder(), `answer.${format}`);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

/** What the footer of a Parquet file says. */
function footerOf(path: string) {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return parquetMetadata(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
}

describe('xlsx', () => {
  it('has real times and numbers, texts as texts, and a sheet about the answer', async () => {
    const path = await written('xlsx');
    const { sheets } = await readXlsx(readFileSync(path));
    expect(sheets.map(({ name }) => name)).toEqual(['Answer', 'About']);
    const [head, first, second, last] = sheets[0]!.rows;
    expect(head).toEqual(COLUMNS.map(({ name }) => name));
    // On the clock of the zone.
    expect(first![0]).toEqual(new Date('2026-06-01T09:07:26Z'));
    expect(first!.slice(1)).toEqual(['203.0.113.25', 'TCP', 7602, 0.1234, 0.5, ROWS[0]![6]]);
    expect(second!.slice(1)).toEqual([
      ...['2001:db8::1', '17', '9007199254740993', 0, null],
      '<&"\\u202e\\x07 東京',
    ]);
    expect((last ?? []).filter((value) => value !== null && value !== '')).toEqual([]);
    expect(sheets[0]!.freezePane).toMatchObject({ rows: 1 });
    expect(sheets[0]!.autoFilter).toMatchObject({ range: 'A1:G4' });
    expect(sheets[1]!.rows).toEqual([
      ['question', 'flowlog egress'],
      ['subnet', '10.10.24.0/24'],
      ['tz', 'Asia/Tokyo'],
      ['note', '3 rows; 1 file read'],
      ['note', '2 SKIPDATA records'],
    ]);
  });

  it('is the same bytes for the same answer', async () => {
    expect(readFileSync(await written('xlsx'))).toEqual(readFileSync(await written('xlsx')));
  });

  it('refuses a text that no cell holds', async () => {
    const long = [ROWS[0]!.with(6, 'x'.repeat(32_768))];
    await expect(written('xlsx', long)).rejects.toThrow(/32768 characters does not fit/);
  });

  const office = ['soffice', 'libreoffice'].find((name) => spawnSync(name, ['--version']).status === 0);
  it.skipIf(!office)('opens in LibreOffice as it is', async () => {
    const path = await written('xlsx');
    const folder = testFolder();
    const args = [
      '--headless',
      '--convert-to',
      'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1',
    ];
    execFileSync(office!, [...args, '--outdir', folder, path], {
      env: { ...process.env, HOME: folder },
      stdio: 'ignore',
    });
    const rows = parse(readFileSync(join(folder, 'answer-Answer.csv'))) as string[][];
    expect(rows[1]).toEqual([
      ...['2026-06-01 09:07:26', '203.0.113.25', 'TCP', expect.stringMatching(/^7,?602$/), '12.34%', '0.5'],
      ROWS[0]![6],
    ]);
  });
});

describe('parquet', () => {
  it('has typed columns, instants in UTC, and the question as metadata', async () => {
    const path = await written('parquet');
    const duckdb = await DuckDBInstance.create(':memory:');
    const connection = await duckdb.connect();
    const reader = await connection.runAndReadAll(
      `SELECT epoch(start_time)::BIGINT, * EXCLUDE (start_time), typeof(start_time) FROM read_parquet('${path}')`,
    );
    const instant = (iso: string) => BigInt(Date.parse(iso) / 1000);
    const zoned = 'TIMESTAMP WITH TIME ZONE';
    expect(reader.getRows()).toEqual([
      [instant('2026-06-01T00:07:26Z'), '203.0.113.25', 6n, 7602n, 12.34, 0.5, ROWS[0]![6], zoned],
      [
        instant('2026-06-01T15:00:00Z'),
        '2001:db8::1',
        17n,
        9_007_199_254_740_993n,
        0,
        null,
        ROWS[1]![6],
        zoned,
      ],
      [null, '', null, null, null, null, null, zoned],
    ]);
    connection.closeSync();
    duckdb.closeSync();
    const { key_value_metadata: pairs } = footerOf(path);
    const said = JSON.parse(pairs!.find(({ key }) => key === 'flowlog')!.value!);
    expect(said).toEqual({ question: ABOUT.question, notes: ['3 rows; 1 file read', '2 SKIPDATA records'] });
  });

  it('of no rows has its columns', async () => {
    const { schema, num_rows } = footerOf(await written('parquet', []));
    expect(num_rows).toBe(0n);
    expect(schema.slice(1).map(({ name }) => name)).toEqual(COLUMNS.map(({ name }) => name));
  });

  it('has no more rows than it may', async () => {
    expect(footerOf(await written('parquet', ROWS, 2)).num_rows).toBe(2n);
  });
});

it.each(['xlsx', 'parquet'] as const)('%s is refused where a terminal would show it', (format) => {
  expect(() => checkTerminal(format, true)).toThrow(`A terminal cannot show ${format}.`);
  expect(() => checkTerminal(format, false)).not.toThrow();
});

describe('the question and the notes beside the rows', () => {
  const textOf = async (format: Format) => readFileSync(await written(format, [ROWS[0]!]), 'utf8');

  it('are comments below a CSV, which readers of CSV pass over', async () => {
    const text = await textOf('csv');
    expect(text.split('\n').slice(2)).toEqual([
      '# flowlog egress, subnet 10.10.24.0/24, tz Asia/Tokyo',
      '# 1 rows; 1 file read',
      '# 2 SKIPDATA records',
      '',
    ]);
    expect(parse(text, { comment: '#', comment_no_infix: true })).toHaveLength(2);
  });

  it('are a list below a table of Markdown', async () => {
    expect((await textOf('markdown')).split('\n\n')[1]).toBe(
      '- flowlog egress, subnet 10.10.24.0/24, tz Asia/Tokyo\n- 1 rows; 1 file read\n- 2 SKIPDATA records\n',
    );
  });

  it('are members beside the rows of JSON, whole', async () => {
    const { question, rows, notes } = JSON.parse(await textOf('json'));
    expect(question).toEqual(ABOUT.question);
    expect(rows).toHaveLength(1);
    expect(notes).toEqual(['1 rows; 1 file read', '2 SKIPDATA records']);
  });
});
