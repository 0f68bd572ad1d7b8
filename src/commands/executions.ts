import type { QueryExecution } from '@aws-sdk/client-athena';
import { Command } from 'commander';
import { estimatedCost, executionText } from '../athena/cost.js';
import { cancel, describe, recentExecutions } from '../athena/execution.js';
import { unsuccessful } from '../athena/failures.js';
import { OWN, readMark } from '../athena/mark.js';
import { athenaSettings } from '../athena/options.js';
import { type Shape as AnswerShape, executionResult, executionShape } from '../athena/results.js';
import type { AthenaSettings } from '../athena/settings.js';
import { EXIT, FlowlogError, UsageError } from '../errors.js';
import { readAsked } from '../questions/asked.js';
import { ownColumn } from '../questions/own-sql.js';
import { type Column, givenRows, type Row } from '../result.js';
import type { OwnColumn } from '../sql/query.js';
import type { Io } from '../terminal/streams.js';
import { isoTime, parseZone } from '../time/zone.js';
import { basisLimit, derivationOf } from '../whose/derivation.js';
import { derivedColumns } from '../whose/derive.js';
import { type Delivery, deliver, renderResult, type Shape } from './answer.js';
import { billedEmptyNotes, NOTHING_FOUND, whenNothing } from './empty-answer.js';
import { knownNames, namesNotes } from './known-names.js';
import { namesOptions } from './names-options.js';
import { type AthenaOptions, addAthenaOptions, addOutputOptions, type OutputOptions } from './options.js';
import { caveatsOf, notesBefore, shapeOf } from './question.js';
import { contextOf } from './session.js';

interface Options extends AthenaOptions, OutputOptions {}

const HISTORY_EXAMPLES = `
Examples:
  Recent queries with bytes scanned and estimated cost:
    $ flowlog history

  More of them, from another workgroup, as CSV:
    $ flowlog history --limit 200 --workgroup security --format csv
`;

const RESULT_EXAMPLES = `
Examples:
  An old answer for a report, with an id that 'flowlog history' shows:
    $ flowlog result 5f9f283d-3ea8-44c5-8651-3d24e5e72757 --format markdown
`;

const CANCEL_EXAMPLES = `
Examples:
  Cancel a query whose id 'flowlog history' shows:
    $ flowlog cancel 5f9f283d-3ea8-44c5-8651-3d24e5e72757
`;

/** Rows of the history without `--limit`. */
const RECENT = 20;

export function historyCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('history').description("List flowlog's recent Athena queries, newest first");
  addAthenaOptions(addOutputOptions(command), ['workgroup', 'price']);
  return command.addHelpText('after', HISTORY_EXAMPLES).action(async (options: Options) => {
    const settings = await athenaSettings(options, contextOf(options, io));
    const zone = parseZone(options.tz);
    const limit = options.limit ?? RECENT;
    const rows: Row[] = [];
    for await (const execution of recentExecutions(settings)) {
      if (rows.length >= limit) break;
      const mark = readMark(execution.Query ?? '');
      if (mark) rows.push(historyRow(mark.name, execution, zone, options.pricePerTb));
    }
    await renderResult(givenRows(historyColumns(zone), rows), { ...options, limit }, io);
    if (rows.length === 0 && !options.quiet) {
      await io.stderr.write(`Workgroup ${options.workgroup} has no recent queries of flowlog.\n`);
    }
    done(EXIT.done);
  });
}

const historyColumns = (zone: string): Column[] => [
  { name: 'submitted', type: 'time', zone },
  { name: 'state', type: 'text' },
  { name: 'question', type: 'text' },
  { name: 'seconds', type: 'text' },
  { name: 'bytes', type: 'bytes' },
  { name: 'cost_usd', type: 'text' },
  { name: 'id', type: 'text' },
];

function historyRow(question: string, execution: QueryExecution, zone: string, pricePerTb: number): Row {
  const { Status, Statistics, QueryExecutionId = '' } = execution;
  const submitted = Status?.SubmissionDateTime;
  const scanned = Statistics?.DataScannedInBytes ?? null;
  // Failed queries are free; cancelled ones are billed for what they scanned.
  const free =
    Status?.State === 'FAILED' || Statistics?.ResultReuseInformation?.ReusedPreviousResult === true;
  const cost = scanned === null ? null : free ? 0 : estimatedCost(scanned, pricePerTb);
  const time = Statistics?.TotalExecutionTimeInMillis;
  return [
    submitted ? isoTime(Math.floor(submitted.getTime() / 1000), zone) : null,
    Status?.State ?? null,
    question,
    time === undefined ? null : (time / 1000).toFixed(1),
    scanned,
    cost === null ? null : cost.toFixed(6),
    QueryExecutionId,
  ];
}

export function resultCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('result')
    .description('Show the result of an earlier Athena query again, without scanning anything')
    .argument('<id>', "query execution id, as 'flowlog history' shows it");
  addAthenaOptions(addOutputOptions(command), ['price']);
  for (const made of namesOptions()) command.addOption(made.helpGroup('Names:'));
  return command.addHelpText('after', RESULT_EXAMPLES).action(async (id: string, options: Options) => {
    const settings = await athenaSettings(options, contextOf(options, io));
    const execution = await describe(settings, checkId(id));
    const state = execution.Status?.State;
    if (state === 'FAILED' || state === 'CANCELLED') throw unsuccessful(execution, settings);
    if (state !== 'SUCCEEDED') {
      throw new FlowlogError(`Query ${id} is ${state?.toLowerCase()}: no result yet.`, 'Try again later.');
    }
    const {
      notes: before,
      shape,
      asked,
      finish,
      picture,
      caveats,
      whenEmpty,
    } = await answerOf(settings, execution, options, io);
    if (!options.quiet) for (const note of before) await io.stderr.write(`${note}\n`);
    const summary = async () => ({
      read: executionText(execution, options.pricePerTb),
      billed: true,
      notes: [],
      flaws: [],
    });
    const result = executionResult(settings, execution, shape);
    const how = { summary, shape: finish, picture, caveats, before, whenEmpty };
    done(await deliver(result, how, { ...options, ...asked }, io));
  });
}

/** An answer as the run that asked for it showed it. */
interface Earlier {
  /** What was said before the rows. */
  readonly notes: readonly string[];
  readonly shape: AnswerShape;
  readonly finish?: Shape;
  readonly picture?: Delivery['picture'];
  readonly caveats?: Delivery['caveats'];
  readonly whenEmpty?: Delivery['whenEmpty'];
  readonly asked: Pick<OutputOptions, 'limit' | 'names' | 'known' | 'effective'>;
}

/** What the statement's mark says of its answer; without one, what can be told from the names of its columns. */
async function answerOf(
  settings: AthenaSettings,
  execution: QueryExecution,
  options: Options,
  io: Io,
): Promise<Earlier> {
  const mark = readMark(execution.Query ?? '');
  const asked = mark && readAsked(mark.name, mark.asked);
  const shown = (limit: number | undefined, names: boolean) => {
    const most = options.limit ?? limit;
    return { ...(most === undefined ? {} : { limit: most }), names: options.names && names };
  };
  if (asked) {
    const { question, request, shape, output } = asked;
    const derivation = derivationOf(request, []);
    const known = await knownNames(
      { ...options, names: options.names && output.names },
      io,
      derivation !== undefined,
    );
    const made = derivation && { derivation, namer: known!.namer };
    // What is made of rows here follows from all that is recorded of it.
    const has = (name: string) => shape.columns.some((column) => column.name === name);
    const names = namesNotes(known, derivation, has);
    const columns = derivation ? derivedColumns(shape.columns, derivation) : shape.columns;
    return {
      notes: [...notesBefore(question, request, output.lacking), ...names.notes, ...mark.notes],
      shape: derivation ? { ...shape, limit: basisLimit(derivation) } : shape,
      finish: shapeOf(question, request, output.columns, columns, made),
      picture: question.picture?.(request),
      caveats: caveatsOf(question, request),
      whenEmpty: whenNothing(names.missing, async () => [NOTHING_FOUND, ...billedEmptyNotes(request)]),
      asked: {
        ...shown(request.limit, output.names),
        known: known?.namer,
        ...(output.options && { effective: { command: question.name, options: output.options } }),
      },
    };
  }
  const own = mark?.name === OWN;
  const { limit, names } = (own ? (mark.asked ?? {}) : {}) as { limit?: unknown; names?: unknown };
  return {
    notes: mark?.notes ?? [],
    shape: await executionShape(
      settings,
      execution.QueryExecutionId!,
      own ? ownColumn : answerColumn(parseZone(options.tz)),
    ),
    asked: shown(Number.isSafeInteger(limit) ? Number(limit) : undefined, names !== false),
  };
}

const TIMES = new Set(['start_time', 'end_time', 'first_seen', 'last_seen', 'time']);
const PERCENTS = new Set(['share', 'cumulative']);
const ADDRESSES = new Set(['address', 'peer', 'via', 'opened_by']);

/** What columns of flowlog's own questions are follows from their names. */
const answerColumn =
  (zone: string): OwnColumn =>
  (name, type) => {
    if (TIMES.has(name)) return { name, type: 'time', zone };
    if (PERCENTS.has(name)) return { name, type: 'percent' };
    if (ADDRESSES.has(name)) return { name, type: 'text', address: true };
    return ownColumn(name, type);
  };

export function cancelCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('cancel')
    .description('Cancel a running Athena query')
    .argument('<id>', "query execution id, as 'flowlog history' shows it");
  addAthenaOptions(command, []);
  return command.addHelpText('after', CANCEL_EXAMPLES).action(async (id: string, options: Options) => {
    const settings = await athenaSettings(options, contextOf(options, io));
    const before = await describe(settings, checkId(id));
    const state = before.Status?.State ?? 'QUEUED';
    if (state === 'QUEUED' || state === 'RUNNING') {
      await cancel(settings, id);
      await io.stderr.write(`Cancelling query ${id}; what it scanned so far is billed.\n`);
    } else {
      await io.stderr.write(`Query ${id} has already ended: ${state.toLowerCase()}.\n`);
    }
    done(EXIT.done);
  });
}

function checkId(id: string): string {
  if (/^[0-9a-zA-Z_-]{1,128}$/.test(id)) return id;
  throw new UsageError(`'${id}' is not a query execution id.`, "'flowlog history' lists them.");
}
