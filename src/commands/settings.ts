import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { isLocalPath } from '../flowlog/local-path.js';
import { UnfitValue } from '../option.js';

/** For an option that may be given more than once, and takes several values between commas. */
export function list(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), ...value.split(',').filter((part) => part !== '')];
}

/** As {@link list}, for paths, which may hold commas. */
export function paths(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/**
 * An option that need not be typed each time: the environment may say it (`FLOWLOG_PRICE_PER_TB`), or the configuration
 * file (`price-per-tb`). Whoever says it, the value goes through the option's own parser.
 */
export class Setting extends Option {
  /** Whether a command cannot do without it, whoever says it. */
  needed = false;

  /** The key in the file: `price-per-tb`; of `--no-color` it is `color`. */
  get key(): string {
    return this.name().replace(/^no-/, '');
  }

  get variable(): string {
    return `FLOWLOG_${this.key.toUpperCase().replaceAll('-', '_')}`;
  }

  /** Commander would ask for it as soon as the flags are read, when others may yet say it. */
  override makeOptionMandatory(mandatory = true): this {
    this.needed = mandatory;
    return this;
  }

  /** The same setting for a command that can do without it. */
  unneeded(): Setting {
    const made = Object.assign(new Setting(this.flags, this.description), this);
    made.needed = false;
    return made;
  }

  /**
   * The option's value from the text of an environment variable.
   *
   * @throws UnfitValue
   */
  fromText(text: string): unknown {
    if (!this.isSwitch) return this.parsed([text]);
    if (/^(?:1|true|yes|on)$/i.test(text)) return true;
    if (/^(?:0|false|no|off)$/i.test(text)) return false;
    throw new UnfitValue('It must be true or false.');
  }

  /**
   * The option's value from one of the configuration file.
   *
   * @param folder where the file is: paths in it are relative to that
   * @throws UnfitValue
   */
  fromFile(value: unknown, folder: string): unknown {
    if (this.isSwitch) {
      if (typeof value !== 'boolean') throw new UnfitValue('It must be true or false, without quotes.');
      return value;
    }
    if (this.isList) {
      const values = Array.isArray(value) ? value : [value];
      if (!values.every((each) => typeof each === 'string' || Number.isInteger(each))) {
        throw new UnfitValue('It must be a text in quotes, or several as ["one", "two"].');
      }
      return this.parsed(values.map((each) => this.inFolder(String(each), folder)));
    }
    const numeric = typeof value === 'number' && this.parseArg !== undefined && this.argChoices === undefined;
    if (typeof value !== 'string' && !numeric) throw new UnfitValue('It must be a text in quotes.');
    return this.parsed([String(value)]);
  }

  private get isSwitch(): boolean {
    return !this.required && !this.optional;
  }

  private get isList(): boolean {
    return this.parseArg === list || this.parseArg === paths;
  }

  private parsed(texts: readonly string[]): unknown {
    const { parseArg } = this;
    if (!parseArg) return texts[0];
    try {
      return texts.reduce<unknown>((before, text) => parseArg(text, before), undefined);
    } catch (error) {
      if (error instanceof InvalidArgumentError) throw new UnfitValue(error.message);
      throw error;
    }
  }

  /** A path as meant where the file lies; what has a scheme or is standard input stays as it is. */
  private inFolder(text: string, folder: string): string {
    if (this.parseArg !== paths || !isLocalPath(text)) return text;
    return text.startsWith('~/') ? join(homedir(), text.slice(2)) : resolve(folder, text);
  }
}
