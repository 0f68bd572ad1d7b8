import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partitionMayHold } from '../../src/flowlog/partition-values.js';
import { deliveryWindow, timeKeys } from '../../src/flowlog/partitions.js';
import { mayHold } from '../../src/flowlog/s3-layout.js';
import { partitionCondition } from '../../src/sql/partitions.js';
import { runs } from '../seed.js';

const NOW = Date.parse('2027-01-15T12:34:56Z') / 1000;
const FIRST = Date.parse('2025-11-01T00:00:00Z') / 1000;
const DAYS = 430;
const text = (name: string) => ({ name, type: 'string' });

/** Tables whose keys tell time: the keys, the properties, and how DuckDB spells each key's value for a time `t`. */
const TABLES: ReadonlyArray<{
  name: string;
  hourly: boolean;
  keys: ReadonlyArray<{ name: string; type: string }>;
  properties: Record<string, string>;
  values: Record<string, string>;
  /** Whether a partition holds more than the day or hour of a folder, so that more is kept than needed. */
  coarse?: boolean;
  /** Given with --time-key. */
  declared?: Record<string, string>;
}> = [
  {
    name: 'projected yyyy/MM/dd',
    hourly: false,
    keys: [text('accid'), text('region'), text('day')],
    properties: {
      'projection.enabled': 'true',
      'projection.day.type': 'date',
      'projection.day.format': 'yyyy/MM/dd',
      'projection.day.range': '2025/11/01,NOW',
    },
    values: { day: "strftime(t, '%Y/%m/%d')" },
  },
  {
    name: 'projected yyyy/MM/dd/HH',
    hourly: true,
    keys: [text('log_hour')],
    properties: {
      'projection.enabled': 'true',
      'projection.log_hour.type': 'date',
      'projection.log_hour.format': 'yyyy/MM/dd/HH',
    },
    values: { log_hour: "strftime(t, '%Y/%m/%d/%H')" },
  },
  {
    name: 'projected date and hour apart',
    hourly: true,
    keys: [text('region'), text('date'), text('hour')],
    properties: {
      'projection.enabled': 'true',
      'projection.date.type': 'date',
      'projection.date.format': 'yyyy/MM/dd',
      'projection.hour.type': 'integer',
      'projection.hour.digits': '2',
    },
    values: { date: "strftime(t, '%Y/%m/%d')", hour: "strftime(t, '%H')" },
  },
  {
    name: 'projected year, month, day',
    hourly: false,
    keys: [text('log_day'), text('log_month'), text('log_year')],
    properties: {
      'projection.enabled': 'true',
      'projection.log_year.type': 'date',
      'projection.log_year.format': 'yyyy',
      'projection.log_month.type': 'integer',
      'projection.log_month.digits': '2',
      'projection.log_day.type': 'integer',
      'projection.log_day.digits': '2',
    },
    values: { log_year: "strftime(t, '%Y')", log_month: "strftime(t, '%m')", log_day: "strftime(t, '%d')" },
  },
  {
    name: 'Hive-compatible, hourly',
    hourly: true,
    keys: [
      text('aws-account-id'),
      text('aws-service'),
      text('aws-region'),
      text('year'),
      text('month'),
      text('day'),
      text('hour'),
    ],
    properties: {},
    values: {
      year: "strftime(t, '%Y')",
      month: "strftime(t, '%m')",
      day: "strftime(t, '%d')",
      hour: "strftime(t, '%H')",
    },
  },
  {
    name: 'month and day without leading zeros',
    hourly: false,
    keys: [text('year'), text('month'), text('day')],
    properties: {},
    values: {
      year: 'CAST(year(t) AS VARCHAR)',
      month: 'CAST(month(t) AS VARCHAR)',
      day: 'CAST(day(t) AS VARCHAR)',
    },
  },
  {
    name: 'numbers',
    hourly: false,
    keys: [
      { name: 'year', type: 'int' },
      { name: 'month', type: 'tinyint' },
      { name: 'day', type: 'bigint' },
    ],
    properties: {},
    values: { year: 'year(t)', month: 'month(t)', day: 'day(t)' },
  },
  {
    name: 'a date',
    hourly: false,
    keys: [{ name: 'date', type: 'date' }],
    properties: {},
    values: { date: 'CAST(t AS DATE)' },
  },
  {
    name: 'a timestamp of days',
    hourly: false,
    keys: [{ name: 'dt', type: 'timestamp' }],
    properties: {},
    values: { dt: "date_trunc('day', t)" },
  },
  {
    name: 'a timestamp of hours',
    hourly: true,
    keys: [{ name: 'dt', type: 'timestamp(3)' }],
    properties: {},
    values: { dt: "date_trunc('hour', t)" },
    coarse: true,
  },
  {
    name: 'a number, yyyyMMdd',
    hourly: false,
    keys: [{ name: 'dt', type: 'int' }],
    properties: {},
    values: { dt: "CAST(strftime(t, '%Y%m%d') AS INT)" },
  },
  {
    name: 'a number, yyyyMMddHH',
    hourly: true,
    keys: [{ name: 'datehour', type: 'bigint' }],
    properties: {},
    values: { datehour: "CAST(strftime(t, '%Y%m%d%H') AS BIGINT)" },
  },
  {
    name: 'hours as text that nobody declared',
    hourly: true,
    keys: [text('ingestdatetime')],
    properties: {},
    values: { ingestdatetime: "strftime(t, '%Y-%m-%d-%H')" },
  },
  {
    name: 'months as text that nobody declared',
    hourly: false,
    keys: [text('month')],
    properties: {},
    values: { month: "strftime(t, '%Y-%m')" },
    coarse: true,
  },
  {
    name: 'a date and an hour apart',
    hourly: true,
    keys: [
      { name: 'flow_date', type: 'date' },
      { name: 'hour', type: 'int' },
    ],
    properties: {},
    values: { flow_date: 'CAST(t AS DATE)', hour: 'hour(t)' },
  },
  {
    name: 'a day and an hour as text that nobody declared',
    hourly: true,
    keys: [text('hour'), text('day'), text('region')],
    properties: {},
    values: { day: "strftime(t, '%Y/%m/%d')", hour: 'CAST(hour(t) AS VARCHAR)' },
  },
  {
    name: "a crawler's keys",
    hourly: false,
    keys: ['partition_0', 'partition_1', 'partition_2', 'partition_3'].map(text),
    properties: {},
    values: {
      partition_0: "'202606011234'",
      partition_1: "strftime(t, '%Y')",
      partition_2: "strftime(t, '%m')",
      partition_3: "strftime(t, '%d')",
    },
  },
  {
    name: 'a key that the user named',
    hourly: true,
    keys: [text('slice')],
    properties: {},
    declared: { slice: "yyyy-MM-dd'T'HH:mm" },
    values: { slice: "strftime(t, '%Y-%m-%dT%H:00')" },
  },
  {
    name: 'projected with another case of letters',
    hourly: false,
    keys: [text('day')],
    properties: {
      'projection.enabled': 'TRUE',
      'projection.Day.type': 'Date',
      'projection.Day.format': 'yyyy/MM/dd',
    },
    values: { day: "strftime(t, '%Y/%m/%d')" },
  },
  {
    name: 'months that are projected as days',
    hourly: false,
    keys: [text('dt')],
    properties: {
      'projection.enabled': 'true',
      'projection.dt.type': 'date',
      'projection.dt.format': 'yyyy-MM-dd',
      'projection.dt.interval': '1',
      'projection.dt.interval.unit': 'MONTHS',
    },
    values: { dt: "strftime(date_trunc('month', t), '%Y-%m-%d')" },
    coarse: true,
  },
  ...['%Y-%m-%d', '%Y/%m/%d', '%Y%m%d'].map((format) => ({
    name: `text that nobody declared, ${format}`,
    hourly: false,
    keys: [text('dt')],
    properties: {},
    values: { dt: `strftime(t, '${format}')` },
  })),
];

const property = (table: (typeof TABLES)[number]) => new Map(Object.entries(table.properties));
const declared = (table: (typeof TABLES)[number]) => new Map(Object.entries(table.declared ?? {}));

describe('the condition on partitions', async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  // Trino replaces all matches where DuckDB replaces the first.
  await connection.run(
    "CREATE MACRO replace_all(value, pattern, other) AS regexp_replace(value, pattern, other, 'g')",
  );
  const inDuckDb = (condition: string | undefined) =>
    condition?.replaceAll('regexp_replace(', 'replace_all(');

  it.each(TABLES)(
    '$name: holds for the deliveries that files are chosen by, and no others',
    async (table) => {
      const step = table.hourly ? 3_600 : 86_400;
      const spelled = Object.entries(table.values).map(([name, value]) => `${value} AS "${name}"`);
      await connection.run(
        `CREATE OR REPLACE TABLE folders AS SELECT *, ${spelled.join(', ')} FROM
       (SELECT s, make_timestamp(s * 1000000) AS t FROM range(${FIRST}, ${FIRST + DAYS * 86_400}, ${step}) r(s))`,
      );
      const names = Object.keys(table.values);
      const folders = (
        await connection.runAndReadAll(
          `SELECT s, ${names.map((name) => `CAST("${name}" AS VARCHAR)`).join(', ')} FROM folders ORDER BY s`,
        )
      )
        .getRows()
        .map(([s, ...values]) => ({
          s: Number(s),
          values: new Map(names.map((name, i) => [name, String(values[i])])),
        }));
      const { keys, slack } = timeKeys(table.keys, property(table), NOW, declared(table));
      expect(keys.flatMap(({ name, among }) => among ?? name).sort()).toEqual(
        Object.keys(table.values).sort(),
      );
      const moment = fc.option(fc.integer({ min: FIRST, max: FIRST + DAYS * 86_400 }), { nil: undefined });
      const span = fc.integer({ min: 1, max: 40 * 86_400 });
      const range = fc.oneof(
        fc.record({ since: moment, until: moment }),
        fc
          .tuple(moment, span)
          .map(([since, length]) => ({ since, until: since === undefined ? undefined : since + length })),
      );
      await fc.assert(
        fc.asyncProperty(range, async (asked) => {
          const { from, to } = deliveryWindow(asked, slack);
          const condition = partitionCondition(keys, from, to);
          expect(condition === undefined).toBe(asked.since === undefined && asked.until === undefined);
          const reader = await connection.runAndReadAll(
            `SELECT s FROM folders WHERE ${inDuckDb(condition?.sql) ?? 'true'} ORDER BY s`,
          );
          const kept = reader.getRows().map(([s]) => Number(s));
          const registered = folders.filter(({ values }) => partitionMayHold(keys, values, from, to));
          const places = registered.map(({ s }) => s);
          // A timestamp counts as its whole day.
          if (keys[0]?.type === 'timestamp') expect(kept.filter((s) => !places.includes(s))).toEqual([]);
          else expect(places).toEqual(kept);
          const wanted: number[] = [];
          for (let s = FIRST; s < FIRST + DAYS * 86_400; s += step) {
            const day = new Date(s * 1000).toISOString();
            const hour = table.hourly ? Number(day.slice(11, 13)) : undefined;
            if (mayHold({ layout: 'plain', account: '', region: '', day: day.slice(0, 10), hour }, asked))
              wanted.push(s);
          }
          if (!table.coarse) expect(kept).toEqual(wanted);
          else expect(wanted.filter((s) => !kept.includes(s))).toEqual([]);
        }),
        { numRuns: runs(8) },
      );
    },
  );

  it('a day of Tokyo is two days of UTC', () => {
    const { keys } = timeKeys(TABLES[0]!.keys, property(TABLES[0]!), NOW);
    const { from, to } = deliveryWindow({
      since: Date.parse('2026-05-31T15:00:00Z') / 1000,
      until: Date.parse('2026-06-01T15:00:00Z') / 1000,
    });
    expect(partitionCondition(keys, from, to)?.sql).toBe(`"day" >= '2026/05/31' AND "day" <= '2026/06/01'`);
    expect(partitionCondition(keys, from, to)?.values).toEqual([]);
  });

  it('keeps days of text in no known spelling', async () => {
    const { keys } = timeKeys([text('dt')], new Map(), NOW);
    const condition = inDuckDb(partitionCondition(keys, FIRST, FIRST + 86_400)!.sql);
    const reader = await connection.runAndReadAll(
      `SELECT dt FROM (VALUES ('1-11-2025'), ('20200101'), ('week 44'), ('2025-11-01'), ('2026-02'), ('202606011234')) v(dt) WHERE ${condition}`,
    );
    expect(reader.getRows().flat()).toEqual(['1-11-2025', 'week 44', '2025-11-01', '202606011234']);
  });
});

describe('keys that tell no time that can be compared', () => {
  it.each([
    ['day first', [text('day')], { 'projection.day.type': 'date', 'projection.day.format': 'dd-MM-yyyy' }],
    ['injected', [text('dt')], { 'projection.dt.type': 'injected' }],
    ['another thing', [text('accid')], {}],
  ])('%s: nothing is left out', (_name, keys, properties) => {
    const found = timeKeys(
      keys,
      new Map(Object.entries({ 'projection.enabled': 'true', ...properties })),
      NOW,
    );
    expect(found.keys).toEqual([]);
    expect(partitionCondition(found.keys, 1, 2)).toBeUndefined();
  });
});

describe('the range of a projection', () => {
  const at = (time: string) => Date.parse(`${time}Z`) / 1000;
  it.each([
    ['yyyy/MM/dd', '2026/05/01,NOW', at('2026-05-01T00:00:00'), at('2027-01-16T00:00:00')],
    ['yyyy/MM/dd', 'NOW-7DAYS,NOW+1DAY', at('2027-01-08T00:00:00'), at('2027-01-17T00:00:00')],
    ['yyyy/MM/dd/HH', '2026/05/01/06,NOW', at('2026-05-01T06:00:00'), at('2027-01-15T13:00:00')],
    ['yyyy', '2024,2026', at('2024-01-01T00:00:00'), at('2027-01-01T00:00:00')],
  ])('%s %s', (format, range, since, until) => {
    const properties = new Map([
      ['projection.enabled', 'true'],
      ['projection.d.type', 'date'],
      ['projection.d.format', format],
      ['projection.d.range', range],
    ]);
    expect(timeKeys([text('d')], properties, NOW).projected).toEqual({ since, until });
  });
});
