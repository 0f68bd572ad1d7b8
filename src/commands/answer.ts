import { isOwn, type RunSummary, type Session } from '../engines/engine.js';
import { EXIT, UsageError } from '../errors.js';
import { type Format, formatFor, loadRenderer } from '../output/formats.js';
import { nameAddresses } from '../output/name-addresses.js';
import { visibleLines } from '../output/text.js';
import type { Caveat } from '../questions/question.js';
import type { Result, Totals } from '../result.js';
import type { OwnStatement, Query } from '../sql/query.js';
import { type Io, wantsColor } from '../terminal/streams.js';
import { grouped, humanBytes, humanSeconds, plural } from '../terminal/units.js';
import { minuteTime } from '../time/zone.js';
import { nameColumns } from '../whose/name-columns.js';
import { flawLines, refuseFlaws } from './flaws.js';
import type { CommonOptions, OutputOptions } from './options.js';
import { runOptions } from './session.js';
import { openTarget } from './target.js';

/** A table shows this many rows unless `--limit` says otherwise: more would not be read. */
const TABLE_ROWS = 1000;

/** What is made of a result before it is written. */
export type Shape = (result: Result, format: Format) => Result;

/** Runs a query, renders its rows, and says on standard error what must be known of the answer. Returns the exit code. */
export async function answer(
  session: Session,
  query: Query | OwnStatement,
  options: CommonOptions,
  io: Io,
  { shape, caveats, whenEmpty }: Pick<Delivery, 'shape' | 'caveats' | 'whenEmpty'> = {},
): Promise<number> {
  if (options.sql && !isOwn(query)) {
    await io.stdout.write(session.statement(query));
    return EXIT.done;
  }
  // Before a run that may be billed.
  formatFor(options.format, options.output);
  // Of the process: `performance` would be loaded for this alone.
  const start = process.uptime();
  const running = runOptions(options.quiet === true, io);
  const run = await session.run(query, running).finally(running.clear);
  const seconds = () => process.uptime() - start;
  return deliver(run.result, { summary: run.summary, seconds, shape, caveats, whenEmpty }, options, io);
}

/** What is known of a result beside its rows. */
export interface Delivery {
  /** Complete once the rows are read. */
  readonly summary: () => Promise<RunSummary>;
  /** How long the answer took so far; said of runs that cost nothing but time. */
  readonly seconds?: () => number;
  readonly shape?: Shape | undefined;
  /** What else is to say of an answer without rows. */
  readonly whenEmpty?: (() => Promise<readonly string[]>) | undefined;
  /** What the records beside the answer say against it. */
  readonly caveats?: ((asides: Totals['asides']) => readonly Caveat[]) | undefined;
}

/** Renders the rows of a result, and says on standard error what must be known of them. Returns the exit code. */
export async function deliver(
  result: Result,
  { summary: summaryOf, seconds = () => 0, shape, caveats: caveatsOf = () => [], whenEmpty }: Delivery,
  options: OutputOptions & Pick<CommonOptions, 'strict'>,
  io: Io,
): Promise<number> {
  /** What is said of so many rows, with these totals. */
  const saidOf = async (rows: number, totals: Totals, format: Format): Promise<string[]> => {
    const summary = await summaryOf();
    const caveats = totals.cut ? [] : caveatsOf(totals.asides);
    const empty = totals.rows === 0 ? await whenEmpty?.() : undefined;
    const how = { seconds: seconds(), table: format === 'table', verbose: options.verbose === true, empty };
    return [
      ...notes(rows, totals, summary, how).map(visibleLines),
      ...caveats.map(({ note }) => note),
      ...outdatedNotes(options),
    ];
  };
  const { rows, format, totals } = await renderResult(result, options, io, shape, saidOf);
  const summary = await summaryOf();
  const caveats = totals.cut ? [] : caveatsOf(totals.asides);
  if (!options.quiet)
    for (const line of await saidOf(rows, totals, format)) await io.stderr.write(`${line}\n`);
  const doubts = caveats.map(({ summary }) => ({ count: 1, summary, details: [] }));
  if (options.strict)
    refuseFlaws(
      [...summary.flaws, ...doubts],
      'Run without --strict to have the rest answered; --verbose lists each.',
    );
  return EXIT.done;
}

function outdatedNotes({ known, tz }: OutputOptions): string[] {
  const times = [...(known?.outdated ?? [])].sort((a, b) => a - b).map((at) => minuteTime(at, tz));
  if (times.length === 0) return [];
  const shown = `${times.slice(0, 3).join(', ')}${times.length > 3 ? ', …' : ''}`;
  return [`Some names are not of the time of their flows but of what was saved at ${shown} ${tz}.`];
}

/** Writes a result where and how the options say. */
export async function renderResult(
  result: Result,
  options: OutputOptions,
  io: Io,
  shape: Shape = (each) => each,
  notesOf?: (rows: number, totals: Totals, format: Format) => Promise<readonly string[]>,
): Promise<{ rows: number; format: Format; totals: Totals }> {
  if (options.withQuestion && options.format !== 'json') {
    throw new UsageError('--with-question is of no use without --format json.', 'Add --format json.');
  }
  const named = formatFor(options.format, options.output);
  const target = await openTarget(options.output, io);
  const format = named ?? (target.isTTY ? 'table' : 'csv');
  const render = await loadRenderer(format);
  const shaped = shape(result, format);
  const shown = options.names ? withNames(shaped, options) : shaped;
  const rows = await target.finish(
    render(shown, target.write, {
      width: target.width,
      color: wantsColor(target, io.env, !options.color),
      terminal: target.isTTY,
      limit: options.limit ?? (format === 'table' ? TABLE_ROWS : undefined),
      excel: options.excel === true,
      question: options.withQuestion || format === 'html' ? options.effective : undefined,
      notes: notesOf && (async (rows) => notesOf(rows, await shown.totals(), format)),
    }),
  );
  return { rows, format, totals: await shown.totals() };
}

const withNames = (result: Result, { networks, known }: OutputOptions): Result =>
  known ? nameColumns(result, known) : nameAddresses(result, networks);

/** Amazon VPC User Guide, "Flow log limitations". */
const NEVER_RECORDED =
  'Nothing found. Flow logs never record traffic to the Amazon DNS server, instance metadata, time sync, DHCP and Windows activation.';

export const skipdataNote = (count: number): string =>
  `${plural(count, 'SKIPDATA record')} in this range: AWS could not record some flows, so results may be incomplete.`;

function notes(
  rows: number,
  totals: Totals,
  summary: RunSummary,
  {
    seconds,
    table,
    verbose,
    empty = [],
  }: { seconds: number; table: boolean; verbose: boolean; empty?: readonly string[] | undefined },
): string[] {
  const lines: string[] = [];
  if (table || summary.billed) {
    const bytes = totals.bytes === undefined ? '' : `, ${humanBytes(totals.bytes)}`;
    // Athena's own time is in what was read: `flowlog result` says the same of it later.
    const time = summary.billed ? '' : ` in ${humanSeconds(seconds)}`;
    lines.push(`${plural(totals.rows, 'row')}${bytes}; ${summary.read}${time}`);
  }
  const more = totals.rows - rows;
  if (totals.cut) {
    lines.push(`There are more rows than --limit ${rows}; SKIPDATA records were not counted.`);
  } else if (more > 0) {
    lines.push(`Showing ${grouped(rows)} of ${plural(totals.rows, 'row')} (--limit ${totals.rows} for all).`);
  }
  lines.push(...summary.notes);
  if (totals.rows === 0) lines.push(NEVER_RECORDED, ...empty);
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
