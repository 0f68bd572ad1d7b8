import { pipeline, Readable } from 'node:stream';
import type { GetQueryResultsCommandOutput, QueryExecution } from '@aws-sdk/client-athena';
import { explain, explained, isAccessDenied, isMissing } from '../../aws/errors.js';
import { objectStream, parseObject } from '../../aws/object-stream.js';
import { FlowlogError, Interrupted } from '../../errors.js';
import type { Column, Result, Row, Totals, Value } from '../../result.js';
import type { OwnColumn, Query } from '../../sql/query.js';
import type { AthenaSettings } from './settings.js';

/** A row as Athena gives it: all text, NULL apart from empty text. */
type RawRow = readonly (string | null)[];

/** Rows handed on at a time. */
const BATCH = 2_000;
/** The most that GetQueryResults gives at a time. */
const PAGE = 1_000;

/** The shape of an answer: what is needed of a {@link Query} to read its rows. */
export type Shape = Pick<Query, 'columns' | 'asides' | 'weight' | 'limit'>;

/** The columns of a result that only Athena still knows, the asides of flowlog's own questions apart. */
export async function executionShape(
  settings: AthenaSettings,
  id: string,
  column: OwnColumn,
): Promise<Shape> {
  const { ResultSet } = await resultPage(settings, id, 1);
  const infos = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
  const asides = infos.at(-1)?.Name === 'aside';
  const columns = (asides ? infos.slice(0, -1) : infos).map(({ Name = '', Type = '' }) =>
    column(
      Name,
      /^(?:tinyint|smallint|integer|bigint)$/.test(Type)
        ? 'integer'
        : /^(?:double|real|float)$/.test(Type)
          ? 'number'
          : 'text',
    ),
  );
  return { columns, asides, limit: undefined };
}

/** The rows of an execution that has succeeded. They are read once, as they are asked for, and never all kept. */
export function executionResult(settings: AthenaSettings, execution: QueryExecution, shape: Shape): Result {
  return rawResult(rawRows(settings, execution), shape);
}

/** An answer from rows of text; those after `limit` and the asides are counted, not given. */
export function rawResult(raw: AsyncIterable<readonly RawRow[]>, shape: Shape): Result {
  const { columns, asides: hasAsides, weight, limit: last = Number.POSITIVE_INFINITY } = shape;
  const weightAt = columns.findIndex(({ name }) => name === weight);
  const bytesAt = columns.flatMap(({ type }, i) => (type === 'bytes' ? [i] : []));
  const asides = new Map<string, number>();
  let rows = 0;
  let bytes = 0n;
  let cut = false;
  const batches = raw[Symbol.asyncIterator]();

  /** The next batch of the answer's own rows; undefined at the end. */
  const next = async (): Promise<Row[] | undefined> => {
    const { done, value } = await batches.next();
    if (done) return undefined;
    const batch: Row[] = [];
    for (const given of value) {
      const aside = hasAsides ? given[columns.length] : null;
      if (aside !== null && aside !== undefined) {
        const count = weightAt < 0 ? 1 : Number(given[weightAt]);
        asides.set(aside, (asides.get(aside) ?? 0) + count);
      } else if (rows >= last) {
        cut = true;
      } else {
        rows++;
        const row = columns.map((column, i) => typed(given[i] ?? null, column));
        for (const i of bytesAt) bytes += BigInt((row[i] as number | bigint | null) ?? 0);
        batch.push(row);
      }
    }
    return batch;
  };

  return {
    columns,
    async *rows(limit = Number.POSITIVE_INFINITY) {
      let given = 0;
      while (given < limit) {
        const batch = await next();
        if (!batch) return;
        const part = batch.slice(0, limit - given);
        given += part.length;
        if (part.length > 0) yield part;
      }
    },
    async totals(): Promise<Totals> {
      while (await next());
      return { rows, cut, bytes: bytesAt.length === 0 ? undefined : bytes, asides };
    },
  };
}

function typed(text: string | null, { type }: Column): Value {
  if (text === null || type === 'text' || type === 'time') return text;
  const number = Number(text);
  if (type === 'number') return number;
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/**
 * The rows from the result's file, in one stream; where there is none that may be read, a page after another from Athena
 * itself, which is far slower.
 */
async function* rawRows(settings: AthenaSettings, execution: QueryExecution): AsyncGenerator<RawRow[]> {
  const place = execution.ResultConfiguration?.OutputLocation;
  const managed = execution.ManagedQueryResultsConfiguration?.Enabled === true;
  const object = managed || place === undefined ? undefined : parseObject(place);
  if (object && /\.csv$/.test(object.key)) {
    try {
      const { expectedBucketOwner: owner, signal, aws } = settings;
      const chunks = objectStream(aws, object, { signal, access: { owner } });
      // A refusal comes with the first bytes: only then is another way open.
      const first = await chunks.next();
      yield* csvRows(first.done ? [] : prepend(first.value, chunks));
      return;
    } catch (error) {
      if (settings.signal.aborted) throw new Interrupted();
      if (!isAccessDenied(error) && !isMissing(error)) {
        throw explain(error, {
          action: 's3:GetObject',
          resource: place!,
          profile: settings.aws.options.profile,
        });
      }
    }
  }
  yield* pagedRows(settings, execution);
}

async function* prepend(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

/** Athena quotes every value and leaves NULL as nothing at all. The first record holds the names. */
export async function* csvRows(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<RawRow[]> {
  const { parse } = await import('csv-parse');
  // Its `cast` is told of quotes too, and takes ten times as long as all the rest.
  const parser = parse({ raw: true, relax_column_count: false });
  // Errors of the source destroy the parser, which is where they are met.
  pipeline(Readable.from(chunks, { objectMode: false }), parser, () => {});
  let batch: RawRow[] = [];
  let header = true;
  for await (const { record, raw } of parser as AsyncIterable<{ record: string[]; raw: string }>) {
    if (header) {
      header = false;
      continue;
    }
    batch.push(record.includes('') ? withNulls(record, raw) : record);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** A record whose values without quotes are NULL, by what it was parsed from. */
function withNulls(record: readonly string[], raw: string): RawRow {
  let at = 0;
  return record.map((text) => {
    const quoted = raw[at] === '"';
    // Quotes around it, each within it twice, and what parts it from the next.
    at += text.length + (quoted ? text.split('"').length + 1 : 0) + 1;
    return quoted || text !== '' ? text : null;
  });
}

async function* pagedRows(settings: AthenaSettings, execution: QueryExecution): AsyncGenerator<RawRow[]> {
  let token: string | undefined;
  let first = true;
  do {
    const page = await resultPage(settings, execution.QueryExecutionId!, PAGE, token);
    const names = (page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name }) => Name);
    const rows = (page.ResultSet?.Rows ?? []).map(({ Data = [] }) =>
      Data.map(({ VarCharValue }) => VarCharValue ?? null),
    );
    const heads =
      first && execution.StatementType === 'DML' && rows[0]?.every((value, i) => value === names[i]);
    yield heads ? rows.slice(1) : rows;
    first = false;
    token = page.NextToken;
  } while (token !== undefined);
}

/** A page of a result, by Athena's own call. */
export async function resultPage(
  settings: AthenaSettings,
  id: string,
  size: number,
  token?: string,
): Promise<GetQueryResultsCommandOutput> {
  const { aws, workgroup, signal } = settings;
  const client = await aws.athena();
  const { GetQueryResultsCommand } = await import('@aws-sdk/client-athena');
  const doing = {
    action: 'athena:GetQueryResults (with s3:GetObject on the result)',
    resource: `workgroup ${workgroup}`,
    profile: aws.options.profile,
  };
  return explained(
    doing,
    () =>
      client
        .send(
          new GetQueryResultsCommand({
            QueryExecutionId: id,
            MaxResults: size,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
          { abortSignal: signal },
        )
        .catch((error: Error) => {
          if (!/could not find results|no longer|not exist/i.test(error.message)) throw error;
          throw new FlowlogError(
            `The result of query ${id} is gone.`,
            'Its file was deleted, or the workgroup kept it for a day only: ask again.',
            1,
            { cause: error },
          );
        }),
    signal,
  );
}
