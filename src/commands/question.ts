import { Command } from 'commander';
import { FlowlogError } from '../errors.js';
import { columnOf } from '../flowlog/fields.js';
import type { Names } from '../names/names.js';
import { WAY_COLUMNS } from '../names/ways.js';
import type { OptionSpec } from '../option.js';
import { writeAsked } from '../questions/asked.js';
import { recordedField } from '../questions/columns.js';
import { usualColumns } from '../questions/flows.js';
import { queryOf } from '../questions/query-of.js';
import type { Example, Question } from '../questions/question.js';
import type { Scope } from '../questions/scope.js';
import type { Column } from '../result.js';
import type { Source } from '../sql/query.js';
import type { Io } from '../terminal/streams.js';
import { basisOf, type Derivation, derivationOf } from '../whose/derivation.js';
import { derive, derivedColumns } from '../whose/derive.js';
import type { Namer } from '../whose/namer.js';
import { answer, type Shape } from './answer.js';
import { emptyAnswerNotes, whenNothing } from './empty-answer.js';
import { knownNames, namesNotes } from './known-names.js';
import { addCommonOptions, addSpecs, type CommonOptions } from './options.js';
import { pickColumns } from './pick-columns.js';
import { withSession } from './session.js';

interface QuestionOptions extends CommonOptions {
  readonly columns?: readonly string[];
}

/** Makes the command that asks a question. */
export function questionCommand(question: Question, io: Io, done: (code: number) => void): Command {
  const { name, summary, argument, options, ownColumns } = question;
  const command = new Command(name).description(summary);
  if (argument) command.arguments(argument);
  const columns: OptionSpec = {
    flags: '--columns <names>',
    description: 'columns of the answer to show',
    many: 'list',
  };
  addSpecs(command, { heading: 'Question:', options: ownColumns ? options : [...options, columns] });
  addCommonOptions(command);
  return command.addHelpText('after', exampleText(question.examples)).action(async (...given: unknown[]) => {
    const words = (given.slice(0, -2) as Array<string | string[]>).flat();
    done(await ask(question, given.at(-2) as QuestionOptions, words, io));
  });
}

export const exampleText = (examples: readonly Example[]): string =>
  `\nExamples:\n${examples.map(({ about, line }) => `  ${about}:\n    $ ${line}\n`).join('\n')}`;

async function ask(
  question: Question,
  options: QuestionOptions,
  words: readonly string[],
  io: Io,
): Promise<number> {
  const heard: string[] = [];
  const request = await question.request(options, {
    now: io.now,
    words,
    note: (sentence) => heard.push(sentence),
  });
  const names = await knownNames(options, io);
  return withSession(options, request.range, io, async (session) => {
    const { source } = session;
    const derivation = derivationOf(request, shownColumns(question, source, names?.namer.names));
    const known = derivation ? (names ?? (await knownNames(options, io, true))) : names;
    const basis = derivation ? basisOf(request, derivation, source.fields, known!.namer.names) : request;
    const { query, lacking, columns } = queryOf(question, basis, source);
    const all = derivation ? derivedColumns(query.columns, derivation) : query.columns;
    const typed = question.ownColumns ? undefined : options.columns;
    const wanted = typed ?? (derivation && all.map(({ name }) => name));
    const picked = columns ? pickedColumns(wanted, columns, query.columns) : wanted;
    if (picked?.length === 0) {
      const [name = ''] = options.columns ?? lacking;
      recordedField(name, session.source, `column ${name}`);
    }
    const { notes, missing } = namesNotes(known, derivation, (column) => source.fields.has(column));
    if (missing.refusal !== undefined) throw new FlowlogError(missing.refusal, missing.notes.join('\n'));
    const made = derivation && { derivation, namer: known!.namer };
    const shape = shapeOf(question, request, picked, all, made);
    const before = [...heard, ...notesBefore(question, request, lacking), ...notes];
    if (!options.quiet) for (const note of before) await io.stderr.write(`${note}\n`);
    // A printed statement is for people to read.
    const asked = options.sql
      ? undefined
      : writeAsked(shownRequest(request, derivation), query, {
          columns: picked,
          names: options.names,
          lacking,
          options: options.effective?.options,
        });
    return answer(session, { ...query, asked }, { ...options, known: known?.namer }, io, {
      shape,
      picture: question.picture?.(request),
      caveats: caveatsOf(question, request),
      before,
      whenEmpty: whenNothing(missing, () => emptyAnswerNotes(session, question, basis)),
    });
  });
}

export const caveatsOf = (question: Question, request: Scope) => (asides: ReadonlyMap<string, number>) =>
  question.caveats?.(asides, request) ?? [];

/** The request with its columns by name: another run has another idea of the usual ones. */
const shownRequest = (request: Scope, derivation: Derivation | undefined): Scope =>
  derivation && !derivation.grouped ? ({ ...request, columns: derivation.columns } as Scope) : request;

/** The columns of a row per record: which way a flow left, too, where anything is known. */
function shownColumns(question: Question, source: Source, names: Names | undefined): readonly string[] {
  const usual = usualColumns(source);
  const tells = WAY_COLUMNS.some((name) => source.fields.has(name));
  return question.name === 'egress' && names?.knowsMore && tells ? [...usual, 'way'] : usual;
}

/** The columns to show: those that the user wants, else all, without those that these logs have nothing for. */
function pickedColumns(
  wanted: readonly string[] | undefined,
  filled: readonly string[],
  all: readonly Column[],
): readonly string[] {
  const isEmpty = (name: string) => !filled.includes(name) && all.some((column) => column.name === name);
  return (wanted?.map(columnOf) ?? filled).filter((name) => !isEmpty(name));
}

/** What is said before the rows. */
export function notesBefore(question: Question, request: Scope, lacking: readonly string[]): string[] {
  const notes = [...(question.notes?.(request) ?? [])];
  if (lacking.length > 0) {
    notes.push(`These logs do not record ${lacking.join(', ')}: the answer does without.`);
  }
  return notes;
}

/** What is made of the rows of an answer: the question finishes them, then the columns that the user wants are picked. */
export function shapeOf(
  question: Question,
  request: Scope,
  picked: readonly string[] | undefined,
  columns: readonly Column[],
  made?: { readonly derivation: Derivation; readonly namer: Namer },
): Shape {
  const pick = pickColumns(picked, columns);
  return (result) => {
    const whole = made ? derive(result, made.derivation, made.namer) : result;
    return pick(question.finish?.(whole, request) ?? whole);
  };
}
