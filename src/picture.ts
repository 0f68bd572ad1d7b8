/**
 * What a question draws of its answer: a bar for each row. Terminal, SVG and page are drawn from this and from nothing else of
 * the question.
 */
export interface Picture {
  /** What the bars show: `Bytes per hour`. */
  readonly title: string;
  /** The columns that name a bar; an answer need not have them all. */
  readonly labels: readonly string[];
  /** The column of the values: whole numbers, of bytes or of `unit`. */
  readonly value: string;
  readonly unit?: 'seconds';
  /** What the whole bar stands for; without it the largest value. */
  readonly whole?: number | undefined;
  /** Bars stand side by side, in the order of time. */
  readonly overTime?: boolean;
  /** A table has the bars in a file too. */
  readonly everywhere?: boolean;
}
