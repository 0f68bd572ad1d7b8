import type { Argument, Command, Option } from 'commander';
import { FIELDS } from '../flowlog/fields.js';
import { TOPICS } from '../help/topics.js';

/** What a word could become. */
export interface Candidate {
  readonly value: string;
  readonly about: string;
}

export interface Candidates {
  readonly values: readonly Candidate[];
  /** Whether paths can stand there too: those the shell knows best. */
  readonly files: boolean;
}

/** Names that are the user's own, asked for only where one can stand. */
export interface OwnNames {
  networks(): Promise<readonly string[]>;
  profiles(): Promise<readonly string[]>;
}

const NOTHING: Candidates = { values: [], files: false };
const FILES: Candidates = { values: [], files: true };
const plain = (values: readonly string[]): Candidate[] => values.map((value) => ({ value, about: '' }));

/**
 * What the last word of a command line could become, from what the commands declare of themselves: options, choices, and
 * by the placeholder of a value (`<zone>`, `<cidr>`) what it means.
 *
 * @param words those after the program's name, the last one unfinished, perhaps empty
 */
export async function candidates(
  program: Command,
  words: readonly string[],
  own: OwnNames,
): Promise<Candidates> {
  const before = words.slice(0, -1);
  const current = unquoted(words.at(-1) ?? '');
  const found = await possible(program, before, current, own);
  const fitting = found.values.filter(({ value }) => value.startsWith(current));
  return { values: fitting, files: found.files };
}

/** A word as the shell would read it: what was typed may have quotes and backslashes. */
const unquoted = (word: string) => word.replace(/^["']/, '').replace(/\\(.)/g, '$1');

async function possible(
  program: Command,
  before: readonly string[],
  current: string,
  own: OwnNames,
): Promise<Candidates> {
  const name = before.find((word) => !word.startsWith('-'));
  if (name === undefined) {
    return { values: current.startsWith('-') ? optionsOf(program) : commandsOf(program), files: false };
  }
  const command = program.commands.find((each) => each.name() === name);
  if (!command) return NOTHING;
  const option = optionAwaited(command, before, current);
  if (option) return valuesOf(option.option, option.typed, own, option.prefix);
  if (current.startsWith('-')) return { values: optionsOf(command), files: false };
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  const argument = registeredArguments[operands(command, before) - 1] ?? (last?.variadic ? last : undefined);
  return argument ? argumentValues(argument, program, own) : NOTHING;
}

/** The option whose value is being written: `--tz As`, `--tz=As`, and what bash makes of the latter, `--tz = As`. */
function optionAwaited(command: Command, before: readonly string[], current: string) {
  const takesValue = (word: string | undefined) =>
    command.options.find((each) => each.required && isOption(each, word));
  const joined = /^(--[^=]+)=(.*)$/.exec(current);
  const [last, lastButOne] = [before.at(-1), before.at(-2)];
  const option = takesValue(joined?.[1] ?? (last === '=' ? lastButOne : last));
  if (!option) return undefined;
  return { option, typed: joined ? joined[2]! : current, prefix: joined ? `${joined[1]}=` : '' };
}

async function valuesOf(option: Option, typed: string, own: OwnNames, prefix: string): Promise<Candidates> {
  const { values, files } = await meant(option, own);
  // After a comma comes another of a list.
  const listed = option.argChoices === undefined ? typed.slice(0, typed.lastIndexOf(',') + 1) : '';
  return {
    values: values.map(({ value, about }) => ({ value: `${prefix}${listed}${value}`, about })),
    files,
  };
}

const TIMES = ['today', 'yesterday', 'now', '24h', '7d'];
const PROTOCOLS = ['tcp', 'udp', 'icmp', 'icmpv6', 'gre', 'esp', 'sctp'];

/** By what an option has for choices, is called, or says of its value. */
async function meant(option: Option, own: OwnNames): Promise<Candidates> {
  const values = (list: readonly string[]): Candidates => ({ values: plain(list), files: false });
  if (option.argChoices) return values(option.argChoices);
  switch (option.name()) {
    case 'protocol':
      return values(PROTOCOLS);
    case 'since':
    case 'until':
      return values(TIMES);
  }
  switch (/<([^>]+)>/.exec(option.flags)?.[1]) {
    case 'zone':
      return values([...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])]);
    case 'cidr':
      return values(await own.networks());
    case 'profile':
      return values(await own.profiles());
    case 'action':
      return values(['accept', 'reject']);
    case 'columns':
    case 'names':
      return {
        values: [
          ...plain(['start_time', 'end_time']),
          ...FIELDS.map(({ column, meaning }) => ({ value: column, about: meaning })),
        ],
        files: false,
      };
    case 'path':
    case 'file':
      return FILES;
  }
  return NOTHING;
}

const isOption = ({ short, long }: Option, word: string | undefined) =>
  word !== undefined && (word === short || word === long);

function optionsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ value: long, about: description }] : []));
}

function commandsOf(program: Command): Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ value: command.name(), about: command.description() }));
}

/** How many words are neither options nor their values, the command among them. */
function operands(command: Command, before: readonly string[]): number {
  return before.filter((word, i) => {
    const option = command.options.find((each) => each.required && isOption(each, before[i - 1]));
    return !word.startsWith('-') && option === undefined;
  }).length;
}

async function argumentValues(argument: Argument, program: Command, own: OwnNames): Promise<Candidates> {
  if (argument.argChoices) return { values: plain(argument.argChoices), files: false };
  switch (argument.name()) {
    case 'topic':
      return {
        values: [...commandsOf(program), ...TOPICS.map(({ name, about }) => ({ value: name, about }))],
        files: false,
      };
    case 'address':
      return { values: plain(await own.networks()), files: false };
    case 'dir':
    case 'file':
      return FILES;
    default:
      return NOTHING;
  }
}
