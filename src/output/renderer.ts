import type { Result } from '../result.js';

export interface RenderOptions {
  /** Columns of the terminal; a table is fitted to it. */
  readonly width: number;
  readonly color: boolean;
  /** The text goes to a terminal: control characters from data must not reach it, in any format. */
  readonly terminal: boolean;
  /** At most this many rows; undefined for all. */
  readonly limit: number | undefined;
  /** What was asked, which JSON carries beside the rows where it is given. */
  readonly question?: unknown;
  /** What is to be said of the answer once its rows are written, for formats that carry it. */
  readonly notes?: ((rows: number) => Promise<readonly string[]>) | undefined;
  /** CSV for spreadsheets: BOM, CRLF, and guarded formulas. */
  readonly excel: boolean;
}

/** Where rendered text goes. Resolves when more may be written. */
export type Write = (text: string | Uint8Array) => Promise<void>;

/** Draws a result and resolves with the number of rows drawn. */
export type Renderer = (result: Result, write: Write, options: RenderOptions) => Promise<number>;
