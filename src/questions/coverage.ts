import { isTransitGateway } from '../flowlog/transit-gateway.js';
import { every, identifier, join, type Sql, sql, trusted } from '../sql/sql.js';
import { parseDuration } from '../terminal/units.js';
import { aliased } from './columns.js';
import { scopeOf, type TypedFilters } from './filters.js';
import { parsed } from './option.js';
import type { Question } from './question.js';
import { Records, type Scope } from './scope.js';
import type { Valued } from './shapes.js';

/** Is the record complete? */
export interface CoverageRequest extends Scope {
  /** Interfaces, `eni-…`; empty for all. */
  readonly interfaces: readonly string[];
  /** The flow log's maximum aggregation interval, 60 or 600 seconds. */
  readonly interval: number;
  /** Delivered so much after the end of a record is late (seconds). */
  readonly lateAfter: number;
}

interface CoverageOptions extends TypedFilters {
  readonly interface?: readonly string[];
  readonly interval: '60' | '600';
  readonly lateAfter: number;
}

/**
 * A row for each interface. A record of an interval without traffic (NODATA) counts as one, so that time of which there is
 * no record at all is a gap: two intervals or more, since the first packet of an interval may come at its end.
 */
export const coverage: Question<CoverageRequest, CoverageOptions> = {
  name: 'coverage',
  summary: 'Is the record complete: gaps, skipped records and late files of each interface',
  options: [
    { flags: '--interface <id>', description: 'eni-… (repeatable; default: all)', many: 'list' },
    {
      flags: '--interval <seconds>',
      description: 'the maximum aggregation interval of the flow log',
      choices: ['60', '600'],
      default: { value: '600' },
    },
    {
      flags: '--late-after <time>',
      description: 'delay after the end of a record that makes a file late',
      parse: parsed(parseDuration, 'It must be a duration, such as 20m or 1h.'),
      default: { value: 1200, text: '20m' },
    },
  ],
  fields: {
    required: ['start', 'end'],
    spare: ['log_status'],
    optional: ['interface_id', 'tgw_attachment_id'],
  },
  examples: [
    {
      about: 'Is the record of each interface complete?',
      line: 'flowlog coverage --logs ./my-logs',
    },
    {
      about: 'One interface, on one day, of a flow log that aggregates over a minute',
      line: 'flowlog coverage --interface eni-0a1b2c3d --interval 60 --since 2026-06-01 --until 2026-06-02 --logs ./my-logs',
    },
  ],

  async request(options, asking) {
    return {
      ...(await scopeOf(options, asking)),
      interfaces: options.interface ?? [],
      interval: Number(options.interval),
      lateAfter: Math.floor(options.lateAfter),
    };
  },

  query(request, source) {
    const { zone, range, interval, lateAfter } = request;
    const { dialect } = source;
    const records = new Records(source, 'coverage');
    const key = isTransitGateway(source.fields.values()) ? 'tgw_attachment_id' : 'interface_id';
    const conditions: Sql[] = [...source.where];
    if (range.since !== undefined) conditions.push(sql`${records.value('start')} >= ${range.since}`);
    if (range.until !== undefined) conditions.push(sql`${records.value('start')} < ${range.until}`);
    if (request.interfaces.length > 0) {
      conditions.push(sql`${records.value(key)} IN (${join(request.interfaces)})`);
    }
    const stamp = sql`nullif(regexp_extract(${dialect.path}, ${trusted(`'_([0-9]{8}T[0-9]{4}Z)_[^/]*$', 1`)}), '')`;
    const read = [
      ...[key, 'log_status', 'start', 'end'].map((name) => aliased(records.value(name), name)),
      sql`${dialect.path} AS file`,
      sql`${dialect.delivered(stamp)} - ${records.value('end')} AS past`,
    ];
    const number = (value: number) => trusted(String(value));
    const counted = (name: string, condition: Sql): Valued => ({
      column: { name, type: 'integer' },
      value: sql`count(CASE WHEN ${condition} THEN 1 END)`,
    });
    const time = (name: string, epoch: Sql): Valued => ({
      column: { name, type: 'time', zone },
      value: dialect.localTime(epoch, zone),
    });
    const seconds = (name: string, value: Sql): Valued => ({ column: { name, type: 'integer' }, value });
    const columns: Valued[] = [
      { column: { name: key, type: 'text' }, value: identifier(key) },
      { column: { name: 'records', type: 'integer' }, value: sql`count(*)` },
      counted('ok', sql`log_status = 'OK'`),
      counted('nodata', sql`log_status = 'NODATA'`),
      counted('skipdata', sql`log_status = 'SKIPDATA'`),
      ...[time('first_seen', sql`min("start")`), time('last_seen', sql`max("end")`)],
      { column: { name: 'gaps', type: 'integer' }, value: sql`count(gap)` },
      seconds('gap_s', sql`CAST(coalesce(sum(gap), 0) AS BIGINT)`),
      seconds('longest_gap_s', sql`coalesce(max(gap), 0)`),
      {
        column: { name: 'late_files', type: 'integer' },
        value: sql`count(DISTINCT CASE WHEN delay > ${number(lateAfter)} THEN file END)`,
      },
      seconds('longest_delay_s', sql`max(delay)`),
    ];
    return {
      name: 'coverage',
      sql: sql`WITH seen AS (
SELECT
  ${join(read, ',\n  ')}
FROM ${source.from}
WHERE ${every(conditions)}
), runs AS (
SELECT *, max("end") OVER (PARTITION BY ${identifier(key)} ORDER BY "start", "end" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS until
FROM seen
), gaps AS (
SELECT *, CASE WHEN past < 0 THEN 0 ELSE past END AS delay, CASE WHEN "start" - until >= ${number(2 * interval)} THEN "start" - until END AS gap
FROM runs
)
SELECT
  ${join(
    columns.map(({ value, column }) => aliased(value, column.name)),
    ',\n  ',
  )}
FROM gaps
GROUP BY ${identifier(key)}
ORDER BY ${identifier(key)}`,
      columns: columns.map(({ column }) => column),
      asides: false,
      narrowing: [],
      paths: true,
      limit: request.limit,
    };
  },
};
