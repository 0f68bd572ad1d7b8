/** What a value of an option must be instead, a sentence. */
export class UnfitValue extends Error {}

/** An option of a question, as data: the command line, completion and the configuration file are made from it. */
export interface OptionSpec {
  /** `--min-ports <n>`; completion knows what `<cidr>`, `<columns>` and others stand for. */
  readonly flags: string;
  /** At most ten words. */
  readonly description: string;
  /** Whether the configuration file and the environment may set it too. */
  readonly setting?: boolean;
  readonly required?: boolean;
  /** `list`: repeatable, several values between commas. `repeatable`: repeatable, each value as it is. */
  readonly many?: 'list' | 'repeatable';
  readonly choices?: readonly string[];
  /** Other words for choices: `src` for `source`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** @throws UnfitValue */
  readonly parse?: (text: string) => unknown;
  readonly default?: { readonly value: unknown; readonly text?: string };
}

/** Options that help shows under one heading. */
export interface OptionGroup {
  readonly heading: string;
  readonly options: readonly OptionSpec[];
}

/** An option that the configuration file and the environment may set too. */
export const settingSpec = (
  flags: string,
  description: string,
  more: Partial<OptionSpec> = {},
): OptionSpec => ({
  flags,
  description,
  setting: true,
  ...more,
});

/** @throws UnfitValue */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UnfitValue('It must be a whole number.');
  return Number(text);
}

/** For values that are read by a function that gives undefined for what it cannot read. */
export const parsed =
  (parse: (text: string) => number | undefined, problem: string) =>
  (text: string): number => {
    const value = parse(text);
    if (value === undefined) throw new UnfitValue(problem);
    return value;
  };
