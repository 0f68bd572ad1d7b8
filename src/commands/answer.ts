import { isOwn, type RunSummary, type Session } from '../engines/engine.js';
import { EXIT, UsageError } from '../errors.js';
import { columnOf } from '../flowlog/fields.js';
import { carriesNotes, checkTerminal, type Format, formatFor, loadRenderer } from '../output/formats.js';
import { nameAddresses } from '../output/name-addresses.js';
import { visibleLines, visibleStatement } from '../output/text.js';
import type { Picture } from '../picture.js';
import { QUESTIONS } from '../questions/index.js';
import type { Caveat } from '../questions/question.js';
import type { Result, Totals } from '../result.js';
import type { OwnStatement, Query } from '../sql/query.js';
import { type Io, wantsColor } from '../terminal/streams.js';
import { grouped, humanBytes, humanSeconds, plural } from '../terminal/units.js';
import { minuteTime } from '../time/zone.js';
import { nameColumns } from '../whose/name-columns.js';
import { NOTHING_FOUND } from './empty-answer.js';
import { flawLines, refuseFlaws } from './flaws.js';
import type { CommonOptions, OutputOptions } from './options.js';
import { runOptions } from './session.js';
import { isStandardOutput, openTarget } from './target.js';

/** A table shows this many rows unless `--limit` is given: more would not be read. */
const TABLE_ROWS = 1000;

/** What is made of a result before it is written. */
export type Shape = (result: Result) => Result;

/** Runs a query, renders its rows, and says on standard error what must be known of the answer. Returns the exit code. */
export async function answer(
  session: Session,
  query: Query | OwnStatement,
  options: CommonOptions,
  io: Io,
  how: Pick<Delivery, 'shape' | 'picture' | 'caveats' | 'before' | 'whenEmpty'> = {},
): Promise<number> {
  if (options.sql && !isOwn(query)) {
    await io.stdout.write(visibleStatement(session.statement(query)));
    return EXIT.done;
  }
  // Before a run that may be billed.
  chosenFormat(options, io, how.picture);
  // Of the process: `performance` would be loaded for this alone.
  const start = process.uptime();
  const running = runOptions(options.quiet === true, io);
  const run = await session.run(query, running).finally(running.clear);
  const seconds = () => process.uptime() - start;
  return deliver(run.result, { summary: run.summary, seconds, ...how }, options, io);
}

/** What is known of a result beside its rows. */
export interface Delivery {
  /** Complete once the rows are read. */
  readonly summary: () => Promise<RunSummary>;
  /** How long the answer took so far; said of runs that cost nothing but time. */
  readonly seconds?: () => number;
  readonly shape?: Shape | undefined;
  /** What is drawn of the rows. */
  readonly picture?: Picture | undefined;
  /** What was said before the rows. */
  readonly before?: readonly string[];
  /** What is to say of an answer without rows. */
  readonly whenEmpty?: (() => Promise<readonly string[]>) | undefined;
  /** What the records beside the answer say against it. */
  readonly caveats?: ((asides: Totals['asides']) => readonly Caveat[]) | undefined;
}

/** Renders the rows of a result, and says on standard error what must be known of them. Returns the exit code. */
export async function deliver(
  result: Result,
  {
    summary: summaryOf,
    seconds = () => 0,
    shape,
    picture,
    caveats: caveatsOf = () => [],
    before = [],
    whenEmpty,
  }: Delivery,
  options: OutputOptions & Pick<CommonOptions, 'strict'>,
  io: Io,
): Promise<number> {
  const notesOf = once(async (rows: number, totals: Totals) => {
    const summary = await summaryOf();
    const empty = totals.rows === 0 ? await whenEmpty?.() : undefined;
    const notes = notesAfter(rows, totals, summary, { verbose: options.verbose === true, empty });
    const caveats = totals.cut ? [] : caveatsOf(totals.asides);
    const lines = [...notes.map(visibleLines), ...caveats.map(({ note }) => note), ...outdatedNotes(options)];
    return { summary, caveats, lines, size: sizeNote(totals, summary) };
  });
  const { rows, format, totals } = await renderResult(
    result,
    options,
    io,
    { shape, picture },
    async (rows, totals) => {
      const { lines, size } = await notesOf(rows, totals);
      return [...before, size, ...lines];
    },
  );
  const { summary, caveats, lines, size } = await notesOf(rows, totals);
  if (!options.quiet) {
    // Athena's own time is in what was read: `flowlog result` says the same of it later.
    const time = summary.billed ? '' : ` in ${humanSeconds(seconds())}`;
    if (format === 'table' || summary.billed) await io.stderr.write(`${size}${time}\n`);
    for (const line of lines) await io.stderr.write(`${line}\n`);
  }
  const doubts = caveats.map(({ summary }) => ({ count: 1, summary, details: [] }));
  if (options.strict)
    refuseFlaws(
      [...summary.flaws, ...doubts],
      'Run without --strict to have the rest answered; --verbose lists each.',
    );
  return EXIT.done;
}

/** What a function gave when it was first asked: later calls give that again. */
function once<A extends unknown[], R>(work: (...given: A) => R): (...given: A) => R {
  let first: { readonly value: R } | undefined;
  return (...given) => {
    first ??= { value: work(...given) };
    return first.value;
  };
}

/** How much was found in how much. */
function sizeNote(totals: Totals, { read }: RunSummary): string {
  const bytes = totals.bytes === undefined ? '' : `, ${humanBytes(totals.bytes)}`;
  return `${plural(totals.rows, 'row')}${bytes}; ${read}`;
}

function outdatedNotes({ known, tz }: OutputOptions): string[] {
  const times = [...(known?.outdated ?? [])].sort((a, b) => a - b).map((at) => minuteTime(at, tz));
  if (times.length === 0) return [];
  const shown = `${times.slice(0, 3).join(', ')}${times.length > 3 ? ', …' : ''}`;
  return [`Some names are not of the time of their flows but of what was saved at ${shown} ${tz}.`];
}

/**
 * The format of an answer, and whether the question and the notes go with the rows.
 *
 * @throws UsageError for options that do not go together
 */
function chosenFormat(
  options: OutputOptions,
  { stdout }: Io,
  picture: Picture | undefined,
): { format: Format; carries: boolean } {
  const isTTY = isStandardOutput(options.output) && stdout.isTTY;
  const format = formatFor(options.format, options.output) ?? (isTTY ? 'table' : 'csv');
  if (format === 'svg') checkPicture(picture, options as { readonly columns?: readonly string[] });
  checkTerminal(format, isTTY);
  return { format, carries: carriesNotes(format, options) };
}

/** @throws UsageError where there is nothing to draw */
function checkPicture(
  picture: Picture | undefined,
  { columns }: { readonly columns?: readonly string[] },
): void {
  if (picture === undefined) {
    const drawing = QUESTIONS.filter((question) => question.picture).map(({ name }) => name);
    throw new UsageError(
      '--format svg: this answer has no picture.',
      `Questions with one are ${drawing.slice(0, -1).join(', ')} and ${drawing.at(-1)}.`,
    );
  }
  if (columns && !columns.map(columnOf).includes(picture.value)) {
    throw new UsageError(
      `--format svg draws ${picture.value}, which --columns leaves out.`,
      `Add ${picture.value} to --columns, or leave --columns out.`,
    );
  }
}

/** Writes a result where and how the options say. */
export async function renderResult(
  result: Result,
  options: OutputOptions,
  io: Io,
  { shape = (each) => each, picture }: Pick<Delivery, 'shape' | 'picture'> = {},
  notesOf?: (rows: number, totals: Totals) => Promise<readonly string[]>,
): Promise<{ rows: number; format: Format; totals: Totals }> {
  const { format, carries } = chosenFormat(notesOf ? options : { ...options, notes: false }, io, picture);
  const target = await openTarget(options.output, io, { paged: options.pager });
  const render = await loadRenderer(format);
  const shaped = shape(result);
  const shown = options.names ? withNames(shaped, options) : shaped;
  const rows = await target.finish(
    render(shown, target.write, {
      // A pipe or a file has no width that the lines would have to fit.
      width: target.isTTY ? target.width : Number(io.env.COLUMNS) || Number.MAX_SAFE_INTEGER,
      color: wantsColor(target, io.env, !options.color),
      terminal: target.isTTY,
      limit: options.limit ?? (format === 'table' ? TABLE_ROWS : undefined),
      // A table in a pipe or a file is for programs too.
      picture: format !== 'table' || target.isTTY || picture?.everywhere ? picture : undefined,
      excel: options.excel === true,
      about: carries
        ? { question: options.effective, notes: async (rows) => notesOf?.(rows, await shown.totals()) ?? [] }
        : undefined,
    }),
  );
  return { rows, format, totals: await shown.totals() };
}

const withNames = (result: Result, { networks, known }: OutputOptions): Result =>
  known ? nameColumns(result, known) : nameAddresses(result, networks);

export const skipdataNote = (count: number): string =>
  `${plural(count, 'SKIPDATA record')} in this range: AWS could not record some flows, so results may be incomplete.`;

function notesAfter(
  rows: number,
  totals: Totals,
  summary: RunSummary,
  { verbose, empty = [NOTHING_FOUND] }: { verbose: boolean; empty?: readonly string[] | undefined },
): string[] {
  const lines: string[] = [];
  const more = totals.rows - rows;
  if (totals.cut) {
    lines.push(`There are more rows than --limit ${rows}; SKIPDATA records were not counted.`);
  } else if (more > 0) {
    lines.push(`Showing ${grouped(rows)} of ${plural(totals.rows, 'row')} (--limit ${totals.rows} for all).`);
  }
  lines.push(...summary.notes);
  if (totals.rows === 0) lines.push(...empty);
  const skipped = totals.asides.get('skipdata');
  if (skipped) {
    lines.push(skipdataNote(skipped));
  }
  const repeats = totals.asides.get('repeat');
  if (repeats) {
    lines.push(
      `Not counted: ${plural(repeats, 'record')} of regional NAT gateways, which repeat those of the interfaces behind them (--keep-repeats counts them).`,
    );
  }
  lines.push(...flawLines(summary.flaws, verbose));
  return lines;
}
