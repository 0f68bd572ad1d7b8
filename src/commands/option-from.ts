import { InvalidArgumentError, Option } from 'commander';
import { type OptionSpec, UnfitValue } from '../option.js';
import { list, paths, Setting } from './settings.js';

/** An option as the command line takes it. */
export function optionFrom(spec: OptionSpec): Option {
  const { flags, description, setting, required, many, choices, parse, default: usual } = spec;
  const option = setting ? new Setting(flags, description) : new Option(flags, description);
  if (choices) option.choices(choices);
  if (many) option.argParser(many === 'list' ? list : paths);
  if (parse) option.argParser(argParser(parse));
  if (usual) option.default(usual.value, usual.text);
  return option.makeOptionMandatory(required === true);
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
