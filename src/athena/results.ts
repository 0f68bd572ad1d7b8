import { pipeline, Readable } from 'node:stream';
import type { GetQueryResultsCommandOutput, QueryExecution } from '@aws-sdk/client-athena';
import { explain, explained, isAccessDenied, isMissing } from '../aws/errors.js';
import { objectStream, parseObject } from '../aws/object-stream.js';
import { tokenCheck } from '../aws/pages.js';
import { FlowlogError, Interrupted } from '../errors.js';
import type { Column, Result, Row, Totals, Value } from '../result.js';
import type { OwnColumn, Query } from '../sql/query.js';
import { describe } from './execution.js';
import type { AthenaSettings } from './settings.js';

/** A row as Athena gives it: all text, NULL apart from empty text. */
type RawRow = readonly (string | null)[];

/** Rows handed on at a time. */
const BATCH = 2_000;
/** The most that GetQueryResults gives at a time. */
const PAGE = 1_000;

/** The shape of an answer: what is needed of a {@link Query} to read its rows. */
export type Shape = Pick<Query, 'columns' | 'asides' | 'weight' | 'limit'> & {
  /** The names as Athena gives them, where they are not those of the columns. */
  readonly names?: readonly string[];
};

/** The columns of a result that only Athena still knows, the asides of flowlog's own questions apart. */
export async function executionShape(
  settings: AthenaSettings,
  id: string,
  column: OwnColumn,
): Promise<Shape> {
  const { ResultSet } = await resultPage(settings, id, 1);
  const infos = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
  // MSCK REPAIR TABLE answers lines without a column (measured, athena-local statements.md).
  if (infos.length === 0 && (ResultSet?.Rows ?? []).length > 0)
    return { columns: [column('result', 'text')], asides: false, limit: undefined, names: [] };
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
  return { columns, asides, limit: undefined, names: infos.map(({ Name = '' }) => Name) };
}

/** The rows of an execution that has succeeded. They are read once, as they are asked for, and never all kept. */
export function executionResult(settings: AthenaSettings, execution: QueryExecution, shape: Shape): Result {
  const { columns, asides } = shape;
  const names = shape.names ?? [...columns.map(({ name }) => name), ...(asides ? ['aside'] : [])];
  return rawResult(rawRows(settings, execution, names), shape);
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
        const count = weightAt < 0 ? 1 : Number(typed(given[weightAt] ?? null, columns[weightAt]!));
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

function typed(text: string | null, { name, type }: Column): Value {
  if (text === null || type === 'text' || type === 'time') return text;
  const number = Number(text);
  if (type === 'number' && (!Number.isNaN(number) || text === 'NaN')) return number;
  if (type !== 'number' && /^-?\d+$/.test(text)) return Number.isSafeInteger(number) ? number : BigInt(text);
  throw new FlowlogError(
    `The file of the result is damaged: column ${name} holds '${text.slice(0, 40)}', which is not a number.`,
    'Another program changed or encrypted it. Run the question again.',
  );
}

/**
 * The rows from the result's file, in one stream; where there is none that may be read, a page after another from Athena
 * itself, which is far slower. A file that is encrypted at the client holds no text that could be read.
 */
async function* rawRows(
  settings: AthenaSettings,
  execution: QueryExecution,
  names: readonly string[],
): AsyncGenerator<RawRow[]> {
  const { OutputLocation: place, EncryptionConfiguration } = execution.ResultConfiguration ?? {};
  const managed = execution.ManagedQueryResultsConfiguration?.Enabled === true;
  const readable = !managed && EncryptionConfiguration?.EncryptionOption !== 'CSE_KMS';
  const object = readable && place !== undefined ? parseObject(place) : undefined;
  if (object && /\.csv$/.test(object.key)) {
    try {
      const { expectedBucketOwner: owner, signal, aws } = settings;
      const chunks = objectStream(aws, object, { signal, access: { owner } });
      // A refusal comes with the first bytes: only then is another way open.
      const first = await chunks.next();
      yield* csvRows(first.done ? [] : prepend(first.value, chunks), names);
      return;
    } catch (error) {
      if (settings.signal.aborted) throw new Interrupted();
      if (isNoBucket(error)) throw noResult(execution, object.bucket, error);
      if (!isAccessDenied(error) && !isMissing(error)) {
        throw explain(error, {
          action: 's3:GetObject',
          resource: place!,
          profile: settings.aws.options.profile,
        });
      }
    }
  }
  yield* pagedRows(settings, execution, names);
}

const isNoBucket = (error: unknown) => error instanceof Error && error.name === 'NoSuchBucket';

/** Athena reports SUCCEEDED where the bucket of the result does not exist (measured, athena-local caveats.md). */
const noResult = (execution: QueryExecution, bucket: string, cause: unknown) =>
  new FlowlogError(
    `The result bucket ${bucket} does not exist, so the result of query ${execution.QueryExecutionId} was not stored.`,
    [
      'Create the bucket in the region of the query, or correct the result location of the workgroup.',
      'Or name another place with --output-location s3://bucket/prefix/.',
    ],
    1,
    { cause },
  );

/** @throws FlowlogError unless the result has the columns of the query, in their order */
function checkNames(found: readonly string[], expected: readonly string[]): void {
  const same =
    found.length === expected.length &&
    found.every((name, i) => name.toLowerCase() === expected[i]!.toLowerCase());
  if (same) return;
  const listed = (names: readonly string[]) =>
    // Ciphertext must not reach a terminal.
    names
      .join(', ')
      .replace(/[^\x20-\x7e]/g, '?')
      .slice(0, 120);
  throw new FlowlogError(
    `The result is not that of the query: its columns are ${listed(found)}, expected ${listed(expected)}.`,
    [
      'Another program changed or encrypted the file of the result. Run the question again.',
      'If it stays so, choose another place with --output-location s3://bucket/prefix/.',
    ],
  );
}

async function* prepend(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

/**
 * Athena quotes every value and leaves NULL as nothing at all. The first record holds the names, without rows too.
 *
 * @throws FlowlogError where they are not `names`, or where the file is empty
 */
export async function* csvRows(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  names: readonly string[],
): AsyncGenerator<RawRow[]> {
  const { CsvError, parse } = await import('csv-parse');
  // Its `cast` is told of quotes too, and takes ten times as long as all the rest.
  const parser = parse({ raw: true, relax_column_count: false });
  // Errors of the source destroy the parser, which is where they are met.
  pipeline(Readable.from(chunks, { objectMode: false }), parser, () => {});
  let batch: RawRow[] = [];
  let header = true;
  try {
    for await (const { record, raw } of parser as AsyncIterable<{ record: string[]; raw: string }>) {
      if (header) {
        header = false;
        checkNames(record, names);
        continue;
      }
      batch.push(record.includes('') ? withNulls(record, raw) : record);
      if (batch.length === BATCH) {
        yield batch;
        batch = [];
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new FlowlogError(
      `The file of the result is damaged: ${(error as Error).message}`,
      'Another program changed or encrypted it. Run the question again.',
      1,
      { cause: error },
    );
  }
  if (header) {
    throw new FlowlogError(
      'The file of the result is empty: even a result without rows has a line of names.',
      'Another program changed it. Run the question again.',
    );
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

async function* pagedRows(
  settings: AthenaSettings,
  execution: QueryExecution,
  expected: readonly string[],
): AsyncGenerator<RawRow[]> {
  // Measured, athena-local query-results.md: the first row of the first page holds the names for these only.
  const hasHeader = execution.StatementType === 'DML' || execution.SubstatementType === 'SHOW_FUNCTIONS';
  const check = tokenCheck(`the result of query ${execution.QueryExecutionId}`);
  let token: string | undefined;
  let first = true;
  do {
    const page = await resultPage(settings, execution.QueryExecutionId!, PAGE, token);
    const names = (page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name = '' }) => Name);
    if (first) checkNames(names, expected);
    const rows = (page.ResultSet?.Rows ?? []).map(({ Data = [] }) =>
      Data.map(({ VarCharValue }) => VarCharValue ?? null),
    );
    const own = first && hasHeader && names.length > 0 ? rows.slice(1) : rows;
    yield execution.StatementType === 'UTILITY' ? own.map((row) => fieldsOf(row, names.length)) : own;
    first = false;
    token = page.NextToken;
    check(token);
  } while (token !== undefined);
}

/**
 * The values of a row of DESCRIBE or SHOW: one text, in which tabs part the values and blanks fill them up to 20 characters
 * (measured, athena-local query-results.md).
 */
function fieldsOf(row: RawRow, columns: number): RawRow {
  if (row.length !== 1) return row;
  const parts = (row[0] ?? '').split('\t');
  // A tab in the last value, a property, is its own.
  const values = [...parts.slice(0, columns - 1), parts.slice(columns - 1).join('\t')];
  return Array.from({ length: columns }, (_, i) => values[i]?.trim() || null);
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
        .catch(async (error: Error) => {
          if (!/could not find results|no longer|not exist/i.test(error.message)) throw error;
          const { ResultConfiguration } = await describe(settings, id).catch(() => ({}) as QueryExecution);
          const place = ResultConfiguration?.OutputLocation;
          throw new FlowlogError(
            `Athena has no result of query ${id}${place === undefined ? '' : ` at ${place}`}.`,
            [
              'The bucket does not exist, the file was deleted, or the workgroup kept it for a day only.',
              ...(place === undefined ? [] : ['Check its bucket.']),
            ],
            1,
            { cause: error },
          );
        }),
    signal,
  );
}
