import type { Column, Result, Row, Totals } from '../../result.js';
import type { Query, RecordPlan } from '../../sql/query.js';
import { fixedOffset, isoTimeAt } from '../../time/zone.js';
import { type KeptColumn, type KeptLines, KeptValues, type RowList } from './kept-values.js';
import { type StoreFiles, StoreRecords } from './store-records.js';

/** Rows in a batch. */
const BATCH = 4_096;

/** Times before this (the year 2106) are told apart by 32 binary digits. */
const TIMES = 2 ** 32;
/** More than that DuckDB has sooner in order, on all cores. */
const ROWS = 2 ** 20;

/** A query that {@link fewRecords} may answer. */
export interface RecordQuery extends Pick<Query, 'columns' | 'narrowing'> {
  readonly records: RecordPlan;
}

/** Whether a query is one for {@link fewRecords}: not where the clocks of a zone change. */
export function isForFew(query: Pick<Query, 'columns' | 'narrowing' | 'records'>): query is RecordQuery {
  return (
    query.records !== undefined &&
    query.columns.every(({ zone }) => zone === undefined || fixedOffset(zone) !== undefined)
  );
}

/**
 * The answer from the records that a query's narrowing has left, when they are few: sooner than DuckDB is loaded.
 *
 * @param kept lines of text files, so far as they may matter
 * @param stores files of stores
 * @returns undefined when a record is such that only DuckDB can tell what it means, or there are too many
 */
export function fewRecords(
  kept: readonly KeptLines[],
  stores: readonly StoreFiles[],
  { columns, narrowing, records: plan }: RecordQuery,
): Result | undefined {
  const { range, shown, tests, repeated = [], skipped } = plan;
  const asked = new Set(['start', ...shown, ...[...tests, ...repeated].map(({ column }) => column)]);
  const slots = [...(skipped ? new Set([...asked, skipped.column]) : asked)];
  const wanted = { columns: asked, range, narrowing, skipped: skipped !== undefined };
  const stored = stores.length > 0 ? StoreRecords.choose(stores, wanted) : undefined;
  if ((stores.length > 0 && !stored) || (stored && stored.rows > ROWS)) return undefined;
  const values = KeptValues.read(kept, stored, slots);
  return values && answer(values, columns, plan);
}

function answer(values: KeptValues, columns: readonly Column[], plan: RecordPlan): Result | undefined {
  if (values.rows > ROWS) return undefined;
  const chosen = choose(values, plan);
  if (!chosen) return undefined;
  const { rows, asides } = chosen;
  const fields = columns.map((column, i) => new Shown(column, plan.shown[i]!, values));
  values.sort(rows, 'start', fields);
  // What is shown as a time must be one that is written alike everywhere.
  const areTimes = fields.every(
    ({ name, offset }) => offset === undefined || values.highest(name, rows) < TIMES,
  );
  return areTimes ? new FewRecords(values, fields, rows, asides) : undefined;
}

/** The rows of the answer, and how many others were set aside, by reason. */
function choose(
  values: KeptValues,
  { range, tests, skipped, repeated }: RecordPlan,
): { rows: RowList; asides: Map<string, number> } | undefined {
  const { since = 0, until = TIMES } = range;
  const inRange = values.between('start', since, until, TIMES);
  const there = inRange && (skipped ? values.sift(inRange, [skipped], false) : inRange);
  const passing = there && values.sift(there, tests, true);
  const rows = passing && (repeated ? values.sift(passing, repeated, false) : passing);
  if (!rows) return undefined;
  const counted: Array<[string, number]> = [
    ['skipdata', inRange.count - there.count],
    ['repeat', passing.count - rows.count],
  ];
  return { rows, asides: new Map(counted.filter(([, count]) => count > 0)) };
}

/** A column of the answer. */
class Shown {
  readonly values: KeptColumn;
  readonly type: 'text' | 'bigint';
  /** Seconds east of UTC, of a column of times. */
  readonly offset: number | undefined;

  constructor(
    readonly column: Column,
    readonly name: string,
    all: KeptValues,
  ) {
    this.values = all.column(name);
    this.type = column.type === 'text' ? 'text' : 'bigint';
    this.offset = column.zone === undefined ? undefined : fixedOffset(column.zone);
  }

  value(row: number): Row[number] {
    if (this.column.type === 'text') return this.values.text(row);
    const number = this.values.number(row);
    return this.offset === undefined || number === null ? number : isoTimeAt(number, this.offset);
  }
}

class FewRecords implements Result {
  readonly columns: readonly Column[];
  private added: Totals | undefined;

  constructor(
    private readonly values: KeptValues,
    private readonly fields: readonly Shown[],
    private readonly order: RowList,
    private readonly asides: ReadonlyMap<string, number>,
  ) {
    this.columns = fields.map(({ column }) => column);
  }

  async *rows(limit = this.order.count): AsyncGenerator<Row[]> {
    const wanted = this.values.numbersOf(this.order).slice(0, limit);
    for (let from = 0; from < wanted.length; from += BATCH) {
      const batch = wanted.subarray(from, from + BATCH);
      yield Array.from(batch, (row) => this.fields.map((field) => field.value(row)));
    }
  }

  async totals(): Promise<Totals> {
    this.added ??= this.add();
    return this.added;
  }

  private add(): Totals {
    const summed = this.fields.filter(({ column }) => column.type === 'bytes');
    const bytes = summed.reduce((sum, { name }) => sum + this.values.sum(name, this.order), 0n);
    return {
      rows: this.order.count,
      cut: false,
      bytes: summed.length > 0 ? bytes : undefined,
      asides: this.asides,
    };
  }

  async *csv(limit = this.order.count): AsyncGenerator<Uint8Array> {
    yield* this.values.csv(this.order, Math.min(limit, this.order.count), this.fields);
  }
}
