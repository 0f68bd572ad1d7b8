import type { Column, Result, Row, Totals } from '../../result.js';
import type { FieldTest, Query, RecordPlan } from '../../sql/query.js';
import { fixedOffset, isoTimeAt } from '../../time/zone.js';
import { type KeptColumn, type KeptLines, KeptValues } from './kept-values.js';

/** Rows in a batch. */
const BATCH = 4_096;

/** Times before this (the year 2242) and numbers of rows below this fit one exact number together. */
const TIMES = 2 ** 33;
const ROWS = 2 ** 20;
/** A sum below this and one number more are still exact. */
const EXACT = 2 ** 52;

/** A query that {@link fewRecords} may answer. */
export interface RecordQuery {
  readonly columns: readonly Column[];
  readonly records: RecordPlan;
}

/** Whether a query is one for {@link fewRecords}: not where the clocks of a zone change. */
export function isForFew(query: Pick<Query, 'columns' | 'records'>): query is RecordQuery {
  return (
    query.records !== undefined &&
    query.columns.every(({ zone }) => zone === undefined || fixedOffset(zone) !== undefined)
  );
}

/**
 * The answer from the lines that a query's narrowing has left, when they are few: sooner than DuckDB is loaded.
 *
 * @returns undefined when a line is such that only DuckDB can tell what it means, or there are too many
 */
export function fewRecords(
  kept: readonly KeptLines[],
  { columns, records: plan }: RecordQuery,
): Result | undefined {
  const tested = [...plan.tests, ...(plan.repeated ?? []), ...(plan.skipped ? [plan.skipped] : [])];
  const asked = new Set(['start', ...plan.shown, ...tested.map(({ column }) => column)]);
  const values = KeptValues.read(kept, [...asked]);
  if (!values || values.rows > ROWS) return undefined;
  const start = values.numbers('start');
  const chosen = choose(values, start, plan);
  const fields = columns.map((column, i) => new Shown(column, plan.shown[i]!, values));
  return chosen && areTimes(chosen.rows, fields, values)
    ? new FewRecords(values, fields, inOrder(chosen.rows, start, fields), chosen.asides)
    : undefined;
}

/** A column of the answer. */
class Shown {
  readonly values: KeptColumn;
  /** Seconds east of UTC, of a column of times. */
  readonly offset: number | undefined;

  constructor(
    readonly column: Column,
    readonly name: string,
    all: KeptValues,
  ) {
    this.values = all.column(name);
    this.offset = column.zone === undefined ? undefined : fixedOffset(column.zone);
  }

  value(row: number): Row[number] {
    if (this.column.type === 'text') return this.values.text(row);
    const number = this.values.number(row);
    return this.offset === undefined || number === null ? number : isoTimeAt(number, this.offset);
  }
}

/** Whether what is shown as times are times that are written alike everywhere. */
function areTimes(rows: readonly number[], fields: readonly Shown[], values: KeptValues): boolean {
  const times = fields.filter(({ offset, name }) => offset !== undefined && name !== 'start');
  return times.every(({ name }) => {
    const numbers = values.numbers(name);
    return rows.every((row) => numbers[row]! < TIMES);
  });
}

/** The rows of the answer, and how many others were set aside, by reason. */
function choose(
  values: KeptValues,
  start: Float64Array,
  { range, tests, skipped, repeated }: RecordPlan,
): { rows: number[]; asides: Map<string, number> } | undefined {
  const { since = 0, until = TIMES } = range;
  const passing = tests.map((test) => tester(values, test));
  const isSkipped = skipped && tester(values, skipped);
  const isRepeated = repeated?.map((test) => tester(values, test));
  const rows: number[] = [];
  let skips = 0;
  let repeats = 0;
  for (let row = 0; row < start.length; row++) {
    const time = start[row]!;
    if (time < 0 || time >= TIMES) return undefined;
    if (time < since || time >= until) continue;
    if (isSkipped?.(row)) {
      skips++;
      continue;
    }
    let passes: boolean | undefined = true;
    for (let i = 0; i < passing.length && passes; i++) passes = passing[i]!(row);
    if (passes === undefined) return undefined;
    if (!passes) continue;
    if (isRepeated?.every((test) => test(row))) repeats++;
    else rows.push(row);
  }
  const counted: Array<[string, number]> = [
    ['skipdata', skips],
    ['repeat', repeats],
  ];
  return { rows, asides: new Map(counted.filter(([, count]) => count > 0)) };
}

function tester(values: KeptValues, test: FieldTest): (row: number) => boolean | undefined {
  const column = values.column(test.column);
  if (test.narrowed) return (row) => column.length(row) > 0;
  // A value often comes again; of each length the last one is remembered.
  const known: Array<{ readonly row: number; readonly passes: boolean | undefined } | undefined> = [];
  return (row) => {
    const length = column.length(row);
    const last = known[length];
    if (last && column.compareTexts(last.row, row) === 0) return last.passes;
    const passes = test.passes(column.text(row));
    known[length] = { row, passes };
    return passes;
  };
}

/** By start, then by what is shown. */
function inOrder(rows: readonly number[], start: Float64Array, fields: readonly Shown[]): Uint32Array {
  const keys = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) keys[i] = start[rows[i]!]! * ROWS + rows[i]!;
  keys.sort();
  const ordered = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) ordered[i] = keys[i]! % ROWS;
  const compare = (a: number, b: number) => {
    for (const { column, values } of fields) {
      const order = column.type === 'text' ? values.compareTexts(a, b) : values.compareNumbers(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
  for (let from = 0; from < ordered.length; ) {
    const time = start[ordered[from]!];
    let to = from + 1;
    while (to < ordered.length && start[ordered[to]!] === time) to++;
    if (to > from + 1) ordered.subarray(from, to).sort(compare);
    from = to;
  }
  return ordered;
}

class FewRecords implements Result {
  readonly columns: readonly Column[];
  private added: Totals | undefined;

  constructor(
    private readonly values: KeptValues,
    private readonly fields: readonly Shown[],
    private readonly order: Uint32Array,
    private readonly asides: ReadonlyMap<string, number>,
  ) {
    this.columns = fields.map(({ column }) => column);
  }

  async *rows(limit = this.order.length): AsyncGenerator<Row[]> {
    const wanted = this.order.subarray(0, limit);
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
    let bytes = 0n;
    for (const { name } of summed) {
      const numbers = this.values.numbers(name);
      let some = 0;
      for (const row of this.order) {
        some += Math.max(numbers[row]!, 0);
        // None has more than fifteen digits: so far the sum is exact.
        if (some < EXACT) continue;
        bytes += BigInt(some);
        some = 0;
      }
      bytes += BigInt(some);
    }
    return {
      rows: this.order.length,
      cut: false,
      bytes: summed.length > 0 ? bytes : undefined,
      asides: this.asides,
    };
  }

  async *csv(limit = this.order.length): AsyncGenerator<Uint8Array> {
    yield* this.values.csv(this.order.subarray(0, limit), this.fields);
  }
}
