import { Argument, Command, Option } from 'commander';
import type { AllowEntry, AllowScope } from '../audit/allow-file.js';
import { EXIT, UsageError } from '../errors.js';
import { visibleLines } from '../output/text.js';
import {
  insideOptions,
  locationsOf,
  rangeOf,
  subnetOption,
  type TypedFilters,
  vpcNote,
} from '../questions/filters.js';
import { checkInside } from '../questions/flows.js';
import { type Column, givenRows, type Row } from '../result.js';
import type { Io } from '../terminal/streams.js';
import { plural } from '../terminal/units.js';
import { isoTime, parseZone } from '../time/zone.js';
import { readAllowList } from './allow-list.js';
import { renderResult, skipdataNote } from './answer.js';
import { flawLines, refuseFlaws } from './flaws.js';
import { type NamesOptions, namesOptions } from './names-options.js';
import { openNames } from './open-names.js';
import { optionFrom } from './option-from.js';
import { addAllowOptions, type CommonOptions } from './options.js';
import { runOptions, withSession } from './session.js';
import { Setting } from './settings.js';
import { openTarget } from './target.js';

interface AllowOptions extends CommonOptions, NamesOptions, Pick<TypedFilters, 'subnet' | 'vpc' | 'exclude'> {
  readonly allow?: string;
  readonly addresses?: boolean;
}

const ACTIONS = ['suggest', 'check', 'diff', 'unused', 'schema'] as const;
type Action = (typeof ACTIONS)[number];

const EXAMPLES = `
Examples:
  Learn an allow-list from the traffic of a day; nothing is allowed until each entry is approved:
    $ flowlog allow suggest --subnet 10.10.24.0/24 --logs ./my-logs --since 2026-06-01 --until 2026-06-02 -o suggested.toml

  What an allow-list does not have yet:
    $ flowlog allow suggest --allow allow.toml --logs ./my-logs --since 2026-06-01 --until 2026-06-02

  Is the file correct, and what is pending or has expired?
    $ flowlog allow check allow.toml

  What does a new version allow that the old one did not?
    $ flowlog allow diff allow.toml suggested.toml

  The form of the file for an editor that knows TOML, which the first line of the allow-list names (#:schema ./allow.schema.json):
    $ flowlog allow schema -o allow.schema.json

  Which entries allowed nothing, and could go?
    $ flowlog allow unused --allow allow.toml --since 2026-06-01 --until 2026-06-02 --logs ./my-logs
`;

export function allowCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('allow')
    .description('Learn, check and compare allow-lists of what may leave')
    .addArgument(new Argument('<action>', 'what to do').choices(ACTIONS))
    .addArgument(new Argument('[files...]', 'of check and diff: allow-lists'));
  const add = (made: Option) => command.addOption(made.helpGroup('Allow-list:'));
  add(new Setting('--allow <file>', 'allow-list: what may leave (allow.toml)'));
  for (const spec of [subnetOption('of suggest: source addresses', false), ...insideOptions('destinations')])
    add(optionFrom(spec));
  add(new Option('--addresses', 'of suggest: entries by address only, not by name or service'));
  for (const made of namesOptions()) add(made);
  addAllowOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (action: Action, files: string[], options: AllowOptions) => {
      checkWords(action, files, options);
      await ACTION[action](files, options, io);
      done(EXIT.done);
    });
}

function checkWords(action: Action, files: readonly string[], { allow, addresses }: AllowOptions): void {
  const most = { suggest: 0, unused: 0, schema: 0, check: 1, diff: 2 }[action];
  if (files.length > most)
    throw new UsageError(`Unexpected argument '${files[most]}'.`, "See 'flowlog allow --help' for usage.");
  if (action === 'diff' && files.length < 2)
    throw new UsageError('Two allow-lists are required.', 'Write: flowlog allow diff OLD NEW');
  if (action === 'check' && files.length === 0 && allow === undefined)
    throw new UsageError('No allow-list given.', 'Write: flowlog allow check allow.toml');
  if (action === 'unused' && allow === undefined)
    throw new UsageError('--allow is required: the list to look at.', 'Add --allow allow.toml.');
  if (addresses && action !== 'suggest')
    throw new UsageError("--addresses requires 'flowlog allow suggest'.", 'Leave it out.');
}

type Run = (files: readonly string[], options: AllowOptions, io: Io) => Promise<void>;

const say = async (lines: readonly string[], { quiet }: AllowOptions, io: Io) => {
  for (const line of quiet ? [] : lines) await io.stderr.write(`${visibleLines(line)}\n`);
};

const skipdata = (count: number) => (count === 0 ? [] : [skipdataNote(count)]);

const writeSchema: Run = async (_files, options, io) => {
  const { ALLOW_SCHEMA } = await import('../audit/allow-schema.js');
  const target = await openTarget(options.output, io);
  await target.finish(target.write(`${JSON.stringify(ALLOW_SCHEMA, undefined, 2)}\n`));
};

const suggestEntries: Run = async (_files, options, io) => {
  const { networks, format, limit } = options;
  if (format !== undefined || limit !== undefined) {
    throw new UsageError(
      `--${format === undefined ? 'limit' : 'format'} does not apply to 'flowlog allow suggest', which writes a whole allow-list as TOML.`,
      'Leave it out.',
    );
  }
  const notes: string[] = [];
  const { range, zone } = await rangeOf(options, { now: io.now, note: (sentence) => notes.push(sentence) });
  const list = options.allow === undefined ? undefined : (await readAllowList(options.allow, networks)).list;
  const scope = list?.scope ?? typedScope(options, notes);
  const { names, notes: ofNames } = await openNames(options, networks, io);
  await say([...notes, ...ofNames], options, io);
  const { suggest } = await import('../audit/suggest.js');
  const running = runOptions(options.quiet === true, io);
  const addresses = options.addresses === true;
  const suggestion = await withSession(options, range, io, (session) =>
    suggest(session, { scope, range, zone, names, networks, addresses, list }, running).finally(
      running.clear,
    ),
  );
  const target = await openTarget(options.output, io);
  await target.finish(target.write(suggestion.text));
  const { entries, flows, attempts, flaws } = suggestion;
  await say(
    [
      flows === 0
        ? `Nothing to suggest: no flow left${list ? ' that the list does not have' : ''}.`
        : `${plural(entries, 'entry', 'entries')} for ${plural(flows, 'flow')}; none allows anything until it is approved.`,
      ...(attempts > 0
        ? [`Nothing is suggested for ${plural(attempts, 'attempt')}: refused, or not answered.`]
        : []),
      ...suggestion.notes,
      ...skipdata(suggestion.skipped),
      ...flawLines(flaws, options.verbose === true),
    ],
    options,
    io,
  );
  if (options.strict)
    refuseFlaws(flaws, 'Run without --strict to learn from the rest; --verbose lists each.');
};

/** The scope of a new list. */
function typedScope(options: AllowOptions, notes: string[]): AllowScope {
  if (!options.subnet?.length) {
    throw new UsageError(
      '--subnet is required: the addresses whose traffic is learned.',
      'Add --subnet 10.10.24.0/24, or --allow allow.toml for what that list does not have.',
    );
  }
  const { subnets, vpc, exclude, assumedVpc } = locationsOf(options);
  checkInside(subnets, vpc);
  notes.push(...vpcNote({ vpc, assumedVpc }));
  return { subnets, vpc, exclude };
}

const text = (name: string): Column => ({ name, type: 'text' });
const integer = (name: string): Column => ({ name, type: 'integer' });

/** What says of an entry what it is. */
const ENTRY_COLUMNS = ['entry', 'reason', 'owner', 'approved', 'expires'].map(text);

async function entryCells(entry: AllowEntry): Promise<Row> {
  const { entryText } = await import('../audit/allow-file.js');
  const { reason = null, owner = null, approved = null, expires = null } = entry;
  return [entryText(entry), reason, owner, approved, expires];
}

/** @param day `YYYY-MM-DD` in the zone of the list */
const stateOf = ({ approved, expires }: AllowEntry, day: string): string => {
  if (approved === undefined) return 'pending';
  return expires !== undefined && expires < day ? 'expired' : 'allows';
};

const check: Run = async ([file], options, io) => {
  const { list } = await readAllowList(file ?? options.allow!, options.networks);
  const today = isoTime(io.now(), parseZone(options.tz)).slice(0, 10);
  const states = list.entries.map((entry) => stateOf(entry, today));
  const rows = await Promise.all(
    list.entries.map(async (entry, i) => [entry.line, states[i]!, ...(await entryCells(entry))]),
  );
  await renderResult(givenRows([integer('line'), text('state'), ...ENTRY_COLUMNS], rows), options, io);
  const count = (state: string) => states.filter((each) => each === state).length;
  await say(
    [
      `${list.path} is correct: ${plural(rows.length, 'entry', 'entries')}, ${count('pending')} pending, ${count('expired')} expired.`,
    ],
    options,
    io,
  );
};

const diff: Run = async ([before, after], options, io) => {
  const { diffAllowLists } = await import('../audit/allow-diff.js');
  const read = async (path: string) => (await readAllowList(path, options.networks)).list;
  const changes = diffAllowLists(await read(before!), await read(after!));
  const rows = changes.map(({ change, effect, what, oldLine = null, newLine = null, details }): Row => {
    return [change, effect, what, oldLine, newLine, details.length === 0 ? null : details.join('; ')];
  });
  const columns = [
    ...['change', 'effect', 'entry'].map(text),
    ...['old_line', 'new_line'].map(integer),
    text('details'),
  ];
  await renderResult(givenRows(columns, rows), options, io);
  if (rows.length === 0) await say(['Both lists say the same.'], options, io);
};

const unused: Run = async (_files, options, io) => {
  const { list } = await readAllowList(options.allow!, options.networks);
  const notes: string[] = [];
  const { range, zone } = await rangeOf(options, { now: io.now, note: (sentence) => notes.push(sentence) });
  const { names, notes: ofNames } = await openNames(options, options.networks, io);
  await say([...notes, ...ofNames], options, io);
  const { unusedEntries } = await import('../audit/unused.js');
  const running = runOptions(options.quiet === true, io);
  const found = await withSession(options, range, io, (session) =>
    unusedEntries(session, { list, range, zone, names }, running).finally(running.clear),
  );
  const { entries, flows, flaws } = found;
  const day = isoTime(range.since ?? io.now(), zone).slice(0, 10);
  const rows = await Promise.all(
    entries.map(async (entry) => {
      const state = stateOf(entry, day);
      return [entry.line, state === 'allows' ? 'unused' : state, ...(await entryCells(entry))];
    }),
  );
  await renderResult(givenRows([integer('line'), text('state'), ...ENTRY_COLUMNS], rows), options, io);
  await say(
    [
      flows === 0
        ? 'No flow left in this range, so no entry was used. Check --since, --until and the scope before removing any.'
        : `${entries.length} of ${plural(list.entries.length, 'entry', 'entries')} matched none of ${plural(flows, 'flow')}.`,
      ...found.notes,
      ...skipdata(found.skipped),
      ...flawLines(flaws, options.verbose === true),
    ],
    options,
    io,
  );
  if (options.strict) refuseFlaws(flaws, 'Run without --strict to look at the rest; --verbose lists each.');
};

const ACTION: Readonly<Record<Action, Run>> = {
  suggest: suggestEntries,
  check,
  diff,
  unused,
  schema: writeSchema,
};
