import { columnOf, type Field, findField } from '../flowlog/fields.js';
import { isTransitGateway } from '../flowlog/transit-gateway.js';
import type { Column } from '../result.js';
import type { Query, Source } from '../sql/query.js';
import { type Sql, sql, trusted } from '../sql/sql.js';
import { requireField } from './columns.js';
import type { Question } from './question.js';
import type { Scope } from './scope.js';

/** A query for logs that may lack some of what a question usually shows. */
export interface FittedQuery {
  readonly query: Query;
  /** Fields that these logs lack and that the answer does without, by their names. */
  readonly lacking: readonly string[];
  /** The columns of the answer that have values; undefined for all of them. */
  readonly columns: readonly string[] | undefined;
}

/**
 * The query of a question for a source. Fields that the question can do without are NULL where the logs lack them; with
 * `--packet-level` the addresses are those in the packets, where recorded.
 *
 * @throws UsageError when the logs lack a field that the question makes no sense without
 */
export function queryOf<R extends Scope>(
  question: Pick<Question<R>, 'fields' | 'query' | 'bothLevels'>,
  request: R,
  source: Source,
): FittedQuery {
  const { required, optional } = question.fields;
  const chosen = chosenFields(request);
  const spare = [...(question.fields.spare ?? []), ...chosen];
  const absent = spare
    .filter((name) => !source.fields.has(name))
    .map((name) => findField(name))
    .filter((field) => field !== undefined);
  const lacking = new Set(absent.map(({ column }) => column));
  const used = new Set<string>();
  const recorded = (field: Field): Sql => {
    used.add(field.column);
    return lacking.has(field.column) ? nothing(field) : source.dialect.value(field);
  };
  const packetLevel = request.packetLevel === true && !question.bothLevels;
  const value = (field: Field): Sql => {
    const inPacket = packetLevel ? source.fields.get(`pkt_${field.column}`) : undefined;
    return inPacket ? sql`coalesce(${recorded(inPacket)}, ${recorded(field)})` : recorded(field);
  };
  const fitted: Source = {
    ...source,
    dialect: { ...source.dialect, value },
    recorded,
    stored: source.dialect.value,
    fields: new Map([...source.fields, ...absent.map((field) => [field.column, field] as const)]),
    lacking,
  };
  const query = question.query(request, fitted);
  if (packetLevel && !source.fields.has('pkt_dstaddr')) requireField('pkt_srcaddr', source, '--packet-level');
  const missing = [...lacking].filter((name) => used.has(name));
  const needed = new Set([...required, ...spare, ...(request.where ?? []).map(({ field }) => field)]);
  const needs = [...used].filter(
    (name) => !lacking.has(name) && (needed.has(name) || !optional.includes(name)),
  );
  // A record of a transit gateway has no action; where nobody asked for its own columns, the usual ones stay.
  const keeps = source.kind === undefined && isTransitGateway(source.fields.values()) ? 'action' : undefined;
  const isEmpty = ({ name }: Column) =>
    name !== keeps && missing.length > 0 && madeOf(name).some((field) => missing.includes(field));
  const columns = query.columns.filter((column) => !isEmpty(column)).map(({ name }) => name);
  return {
    query: {
      ...query,
      needs,
      // The sum of nothing is nothing to tell.
      columns: query.columns.map((each) =>
        isEmpty(each) && each.type === 'bytes' ? { ...each, type: 'integer' } : each,
      ),
      narrowing: packetLevel
        ? query.narrowing.filter(({ column }) => !/^(?:src|dst)addr$/.test(column))
        : query.narrowing,
    },
    lacking: missing.filter((name) => name !== keeps),
    columns: columns.length === query.columns.length ? undefined : columns,
  };
}

const SQL_TYPES = { text: 'VARCHAR', integer: 'INTEGER', bigint: 'BIGINT' } as const;
const nothing = ({ type }: Field): Sql => sql`CAST(NULL AS ${trusted(SQL_TYPES[type])})`;

/** What the user chose to see or to aggregate by. */
function chosenFields(request: Scope): string[] {
  const { by, columns } = request as { by?: unknown; columns?: unknown };
  const lists = [by, columns].flatMap((each) => (Array.isArray(each) ? (each as string[]) : []));
  return lists.map(columnOf);
}

/** The fields that a column of an answer is made of, any of which it is nothing without. */
function madeOf(column: string): readonly string[] {
  return MADE_OF[column] ?? [column.replace(/^(?:sent|received)_/, '')];
}

const MADE_OF: Readonly<Record<string, readonly string[]>> = {
  start_time: ['start'],
  end_time: ['end'],
  time: ['start'],
  first_seen: ['start'],
  last_seen: ['end'],
  median_bytes: ['bytes'],
  own_srcport: ['srcport'],
  share: ['bytes'],
  cumulative: ['bytes'],
  accepted: ['action'],
  rejected: ['action'],
  port: ['srcport', 'dstport'],
  peer_port: ['srcport', 'dstport'],
  opened_by: ['srcport', 'dstport'],
  evidence: ['srcport', 'dstport'],
  ok: ['log_status'],
  nodata: ['log_status'],
  skipdata: ['log_status'],
};
