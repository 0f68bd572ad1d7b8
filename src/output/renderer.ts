import type { Picture } from '../picture.js';
import type { Result } from '../result.js';
import { visible } from './text.js';

export interface RenderOptions {
  /** Columns of the terminal; a table is fitted to it. */
  readonly width: number;
  readonly color: boolean;
  /** The text goes to a terminal: control characters from data must not reach it, in any format. */
  readonly terminal: boolean;
  /** At most this many rows; undefined for all. */
  readonly limit: number | undefined;
  /** What is known of the answer beside its rows, where it is to be written with them. */
  readonly about?: About | undefined;
  /** What to draw of the rows; undefined for nothing. */
  readonly picture?: Picture | undefined;
  /** CSV for spreadsheets: BOM, CRLF, and guarded formulas. */
  readonly excel: boolean;
}

/** What a run asks, whoever said it: goes with an answer where that is kept. */
export interface EffectiveQuestion {
  readonly command: string;
  readonly options: ReadonlyArray<{
    readonly option: string;
    readonly value: string;
    readonly source: string;
  }>;
}

export interface About {
  readonly question: EffectiveQuestion | undefined;
  /** Notes on the answer, given the number of rows that were written: a sentence each. */
  notes(rows: number): Promise<readonly string[]>;
}

/** What people want to know of a question: what somebody said, and the zone of its times. */
export const shownOptions = ({ options }: EffectiveQuestion): EffectiveQuestion['options'] =>
  options.filter(({ option, source }) => source !== 'default' || option === 'tz');

/** The question and what is said of the answer, a line each, for formats of text. */
export async function aboutLines({ question, notes }: About, rows: number): Promise<string[]> {
  const asked = question && [
    `flowlog ${question.command}`,
    ...shownOptions(question).map(({ option, value }) => `${option} ${value}`),
  ];
  return [...(asked ? [asked.join(', ')] : []), ...(await notes(rows))].map(visible);
}

/** Where rendered text goes. Resolves when more may be written. */
export type Write = (text: string | Uint8Array) => Promise<void>;

/** Draws a result and resolves with the number of rows drawn. */
export type Renderer = (result: Result, write: Write, options: RenderOptions) => Promise<number>;
