import { InvalidArgumentError, Option } from 'commander';
import { type OptionSpec, UnfitValue } from '../option.js';
import { list, paths, Setting } from './settings.js';

/** An option as the command line takes it. */
export function optionFrom(spec: OptionSpec): Option {
  const { flags, description, setting, required, many, choices, aliases, parse, default: usual } = spec;
  const option = setting ? new Setting(flags, description) : new Option(flags, description);
  if (choices) chosen(option, choices, aliases);
  if (many) option.argParser(many === 'list' ? list : paths);
  if (parse) option.argParser(argParser(parse));
  if (usual) option.default(usual.value, usual.text);
  return option.makeOptionMandatory(required === true);
}

/** Lets an option be one of these, also by another word for it. */
export function chosen<T extends Option>(
  option: T,
  choices: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
): T {
  option.choices(choices);
  const check = option.parseArg!;
  option.parseArg = (text, before) =>
    check(Object.hasOwn(aliases, text.toLowerCase()) ? aliases[text.toLowerCase()]! : text, before);
  return option;
}

/** A parser of values, as Commander takes one. */
export const argParser =
  <T>(parse: (text: string) => T) =>
  (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof UnfitValue ? new InvalidArgumentError(error.message) : error;
    }
  };
