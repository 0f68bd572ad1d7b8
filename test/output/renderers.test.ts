import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { FORMATS, type Format, loadRenderer } from '../../src/output/formats.js';
import type { RenderOptions } from '../../src/output/renderer.js';
import { visibleLines } from '../../src/output/text.js';
import type { Column, Result, Row } from '../../src/result.js';

function resultOf(columns: readonly Column[], rows: readonly Row[], batch = 2): Result {
  return {
    columns,
    async *rows(limit = rows.length) {
      for (let at = 0; at < Math.min(limit, rows.length); at += batch) {
        yield rows.slice(at, Math.min(at + batch, limit));
      }
    },
    totals: async () => ({ rows: rows.length, cut: false, bytes: undefined, asides: new Map() }),
  };
}

const PLAIN: RenderOptions = { width: 80, color: false, terminal: false, limit: undefined, excel: false };

async function rendered(
  format: Format,
  columns: readonly Column[],
  rows: readonly Row[],
  options: Partial<RenderOptions> = {},
): Promise<string> {
  return (await renderedBytes(format, columns, rows, options)).toString();
}

async function renderedBytes(
  format: Format,
  columns: readonly Column[],
  rows: readonly Row[],
  options: Partial<RenderOptions> = {},
): Promise<Buffer> {
  const parts: Buffer[] = [];
  const render = await loadRenderer(format);
  const drawn = await render(
    resultOf(columns, rows),
    async (part) => void parts.push(Buffer.from(part as Uint8Array)),
    { ...PLAIN, ...options },
  );
  expect(drawn).toBe(Math.min(rows.length, options.limit ?? rows.length));
  return Buffer.concat(parts);
}

const text = (name: string): Column => ({ name, type: 'text' });

const EGRESS: readonly Column[] = [
  { name: 'start_time', type: 'time' },
  { name: 'end_time', type: 'time' },
  text('srcaddr'),
  { name: 'srcport', type: 'integer' },
  text('dstaddr'),
  { name: 'dstport', type: 'integer' },
  { name: 'protocol', type: 'integer', label: (value) => (Number(value) === 6 ? 'TCP' : String(value)) },
  { name: 'packets', type: 'integer' },
  { name: 'bytes', type: 'bytes' },
  text('action'),
];
const FLOWS: readonly Row[] = [
  row('10.10.24.17', 53610, '203.0.113.25', 443, 6, 21, 7612, 'ACCEPT'),
  row('10.10.24.17', 34394, '192.0.2.80', 443, 6, 1_204_311, 1_800_123_456, 'REJECT'),
  row('10.10.24.43', 0, '203.0.113.201', 0, 1, null, null, 'ACCEPT'),
];
const IPV6: Row = row(
  '2001:db8:1:2:3:4:5:6',
  40000,
  '2001:db8:ffff:1000:2000:3000:4000:5000',
  443,
  6,
  1,
  84,
  'ACCEPT',
);

function row(...values: Row): Row {
  return ['2026-06-01T09:07:26+09:00', '2026-06-01T09:08:13+09:00', ...values];
}

describe('table', () => {
  it('puts neighbouring columns below each other at 80 columns', async () => {
    expect(await rendered('table', EGRESS, FLOWS)).toMatchInlineSnapshot(`
      "start_time           srcaddr      dstaddr        protocol  bytes
      end_time             srcport      dstport        packets   action
      ───────────────────  ───────────  ─────────────  ────────  ──────
      2026-06-01 09:07:26  10.10.24.17  203.0.113.25   TCP       7.6 kB
      2026-06-01 09:08:13  53610        443            21        ACCEPT
      2026-06-01 09:07:26  10.10.24.17  192.0.2.80     TCP       1.8 GB
      2026-06-01 09:08:13  34394        443            1204311   REJECT
      2026-06-01 09:07:26  10.10.24.43  203.0.113.201  1         -
      2026-06-01 09:08:13  0            0              -         ACCEPT
      "
    `);
  });

  it('puts times below times only: the first over the last', async () => {
    const seen = ['first_seen', 'last_seen'].map((name): Column => ({ name, type: 'time' }));
    const columns: Column[] = [
      text('srcaddr'),
      text('dstaddr'),
      ...['flows', 'packets'].map((name): Column => ({ name, type: 'integer' })),
      { name: 'bytes', type: 'bytes' },
      ...seen,
    ];
    const sums = ['10.10.24.17', '192.0.2.80', 12, 1_204_311, 1_800_123_456, ...FLOWS[0]!.slice(0, 2)];
    expect(await rendered('table', columns, [sums], { width: 70 })).toMatchInlineSnapshot(`
      "srcaddr        flows   bytes  first_seen
      dstaddr      packets          last_seen
      ───────────  ───────  ──────  ───────────────────
      10.10.24.17       12  1.8 GB  2026-06-01 09:07:26
      192.0.2.80   1204311          2026-06-01 09:08:13
      "
    `);
  });

  it('has a line per record at 160 columns', async () => {
    expect(await rendered('table', EGRESS, FLOWS, { width: 160 })).toMatchInlineSnapshot(`
      "start_time           end_time             srcaddr      srcport  dstaddr        dstport  protocol  packets   bytes  action
      ───────────────────  ───────────────────  ───────────  ───────  ─────────────  ───────  ────────  ───────  ──────  ──────
      2026-06-01 09:07:26  2026-06-01 09:08:13  10.10.24.17    53610  203.0.113.25       443  TCP            21  7.6 kB  ACCEPT
      2026-06-01 09:07:26  2026-06-01 09:08:13  10.10.24.17    34394  192.0.2.80         443  TCP       1204311  1.8 GB  REJECT
      2026-06-01 09:07:26  2026-06-01 09:08:13  10.10.24.43        0  203.0.113.201        0  1               -       -  ACCEPT
      "
    `);
  });

  it('stands one value below the other where nothing else fits', async () => {
    expect(await rendered('table', EGRESS, FLOWS.slice(0, 1), { width: 30 })).toMatchInlineSnapshot(`
      "start_time  2026-06-0…09:07:26
      end_time    2026-06-0…09:08:13
      srcaddr     10.10.24.17
      srcport     53610
      dstaddr     203.0.113.25
      dstport     443
      protocol    TCP
      packets     21
      bytes       7.6 kB
      action      ACCEPT
      "
    `);
  });

  it('keeps IPv6 addresses whole as long as some layout has room for them', async () => {
    const lines = await rendered('table', EGRESS, [...FLOWS, IPV6], { width: 100 });
    expect(lines).toContain('2001:db8:ffff:1000:2000:3000:4000:5000');
    expect(lines).toContain('2001:db8:1:2:3:4:5:6');
  });

  it('never writes a line wider than the terminal, whatever the columns hold', async () => {
    const name = fc.stringMatching(/^[a-z_]{1,20}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { minLength: 1, maxLength: 12 }),
        fc.array(
          fc.array(fc.string({ unit: fc.constantFrom(...'ab :-日本｡é'), maxLength: 60 }), {
            minLength: 12,
            maxLength: 12,
          }),
          {
            maxLength: 5,
          },
        ),
        fc.integer({ min: 40, max: 200 }),
        async (names, rows, width) => {
          const cut = rows.map((each) => each.slice(0, names.length));
          const lines = (await rendered('table', names.map(text), cut, { width })).split('\n');
          for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('colours heads and refusals only when asked to', async () => {
    const colored = await rendered('table', EGRESS, FLOWS, { color: true, width: 160 });
    expect(colored).toContain('\u001b[31mREJECT\u001b[39m');
    expect(colored).toContain('\u001b[1mstart_time\u001b[22m');
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(await rendered('table', EGRESS, FLOWS, { width: 160 }));
  });
});

describe('csv', () => {
  it('is read back as it was by another reader of RFC 4180, absent apart from empty', async () => {
    const value = fc.option(fc.string({ unit: 'binary', maxLength: 12 }), { nil: null });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value, fc.maxSafeInteger())), async (rows) => {
        const columns: Column[] = [text('a'), text('b,"c"'), { name: 'n', type: 'integer' }];
        const csv = await rendered('csv', columns, rows);
        const read = parse(csv, {
          record_delimiter: '\n',
          cast: (field, { quoting }) => {
            return field === '' && !quoting ? null : field;
          },
        }) as Array<Array<string | null>>;
        const shown = (each: string | null) => each && visibleLines(each);
        expect(read).toEqual([
          ['a', 'b,"c"', 'n'],
          ...rows.map(([a, b, n]) => [shown(a), shown(b), String(n)]),
        ]);
      }),
    );
  });

  it('has times as spreadsheets read them, numbers whole, and the protocol number', async () => {
    expect(await rendered('csv', EGRESS, FLOWS)).toMatchInlineSnapshot(`
      "start_time,end_time,srcaddr,srcport,dstaddr,dstport,protocol,packets,bytes,action
      2026-06-01 09:07:26,2026-06-01 09:08:13,10.10.24.17,53610,203.0.113.25,443,6,21,7612,ACCEPT
      2026-06-01 09:07:26,2026-06-01 09:08:13,10.10.24.17,34394,192.0.2.80,443,6,1204311,1800123456,REJECT
      2026-06-01 09:07:26,2026-06-01 09:08:13,10.10.24.43,0,203.0.113.201,0,1,,,ACCEPT
      "
    `);
  });

  it('for a spreadsheet has a BOM, CRLF and no cell that runs as a formula', async () => {
    const cells = ['=1+1', '+1', '-1', '@sum', '＝1', '\tx', '\rx', 'a=1', ''];
    const csv = await rendered(
      'csv',
      [text('=a()')],
      cells.map((cell) => [cell]),
      { excel: true },
    );
    expect(csv).toBe(
      "\ufeff'=a()\r\n'=1+1\r\n'+1\r\n'-1\r\n'@sum\r\n'＝1\r\n\\x09x\r\n\\x0dx\r\na=1\r\n\"\"\r\n",
    );
  });
});

describe('json', () => {
  it('keeps whole numbers of any size, and times with their offset', async () => {
    const rows: Row[] = [['2026-06-01T09:07:26+09:00', 9_007_199_254_740_993n, null, 'a"b\n']];
    const columns: Column[] = [
      { name: 'start_time', type: 'time' },
      { name: 'bytes', type: 'bytes' },
      text('none'),
      text('name'),
    ];
    const line =
      '{"start_time":"2026-06-01T09:07:26+09:00","bytes":9007199254740993,"none":null,"name":"a\\"b\\n"}';
    expect(await rendered('ndjson', columns, rows)).toBe(`${line}\n`);
    expect(await rendered('json', columns, [...rows, ...rows])).toBe(`[\n${line},\n${line}\n]\n`);
  });

  it('reads back as the rows', async () => {
    const read = JSON.parse(await rendered('json', EGRESS, FLOWS)) as Array<Record<string, unknown>>;
    expect(read.map((each) => EGRESS.map(({ name }) => each[name]))).toEqual(FLOWS);
  });
});

it('markdown keeps a cell in its cell', async () => {
  const rows: Row[] = [
    ['a|b', 'x\ny', 1],
    ['', null, 2],
    ['<b>&lt;', '[x](http://y) www.z.example a@b', 3],
  ];
  expect(
    await rendered('markdown', [text('a'), text('b'), { name: 'n', type: 'integer' }], rows),
  ).toMatchInlineSnapshot(`
    "| a | b | n |
    | --- | --- | ---: |
    | a\\|b | x\\\\x0ay | 1 |
    |  | - | 2 |
    | \\<b\\>\\&lt; | \\[x\\](http\\://y) www\\.z.example a\\@b | 3 |
    "
  `);
});

const TEXTS = FORMATS.filter((format) => !['xlsx', 'parquet', 'svg'].includes(format));

describe('a table that is a little too wide for one line', () => {
  const lengths = (out: string) =>
    new Set(
      out
        .trimEnd()
        .split('\n')
        .map((line) => stringWidth(line)),
    );

  it('shows times without their year, where all are of one', async () => {
    const whole = await rendered('table', EGRESS, FLOWS, { width: 1000 });
    const widest = Math.max(...lengths(whole));
    const short = await rendered('table', EGRESS, FLOWS, { width: widest - 1 });
    expect(short.split('\n')).toHaveLength(FLOWS.length + 3);
    expect(short).not.toMatch(/20\d\d-/);
    expect(short.replaceAll(/ +/g, ' ')).toContain(` 10.10.24.17 53610 203.0.113.25 443 TCP`);
  });

  it('keeps the years where they differ, or where that does not help', async () => {
    const other = FLOWS.map((each, i) => (i === 0 ? each.with(0, '2025-12-31T23:59:59+09:00') : each));
    const widest = Math.max(...lengths(await rendered('table', EGRESS, FLOWS, { width: 1000 })));
    expect(await rendered('table', EGRESS, other, { width: widest - 1 })).toContain('2025-12-31 23:59:59');
    expect(await rendered('table', EGRESS, FLOWS, { width: widest - 11 })).toMatch(/^20\d\d-/m);
  });
});

describe.each(TEXTS)('%s', (format) => {
  const EVIL = '\u001b]0;owned\u0007\u009b31m\u202e\u200b\u{e0041}\u3164\ufe0f\r\u0000';

  it.each([{ terminal: true }, { terminal: false }])(
    'has nothing that a terminal acts on: $terminal',
    async (where) => {
      // A column can be called after a value, as PIVOT does.
      const out = await rendered(format, [text('a'), text(EVIL)], [[EVIL, 'ok']], where);
      expect(out.replaceAll('\n', '')).not.toMatch(
        /[\u0000-\u001f\u007f-\u009f\u202e\u200b\u{e0041}\u3164]|\ufe0f/u,
      );
      expect(out).toContain('ok');
    },
  );

  it('draws an answer without rows', async () => {
    const out = await rendered(format, EGRESS, []);
    const expected: Partial<Record<Format, RegExp>> = {
      table: /^start_time +srcaddr/,
      csv: /^start_time,end_time,.*,action\n$/,
      json: /^\[\s*\]\n$/,
      ndjson: /^$/,
      html: /^<!doctype html>/,
      markdown: /^\| start_time \|.*\n\|[-: |]+\|\n$/,
    };
    expect(out).toMatch(expected[format]!);
  });

  it('draws no more rows than it may', async () => {
    const rows: Row[] = Array.from({ length: 7 }, (_, i) => [`row${i}`]);
    const out = await rendered(format, [text('a')], rows, { limit: 3 });
    expect(out).toContain('row2');
    expect(out).not.toContain('row3');
  });
});
