import type { Networks } from '../net/networks.js';
import type { OptionSpec } from '../option.js';
import type { Picture } from '../picture.js';
import type { Result } from '../result.js';
import type { Query, Source } from '../sql/query.js';
import type { Scope } from './scope.js';

/** What was typed that questions share; each question adds its own options. */
export interface Typed {
  /** Name of a time zone. */
  readonly tz: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  /** The networks that have names. */
  readonly networks: Networks;
}

/** What a request is made with besides the options. */
export interface Asking {
  /** Unix seconds. */
  now(): number;
  /** Hears how what was typed was understood, a sentence each. */
  note?(sentence: string): void;
  /** The words of the command line, where the question has an argument. */
  readonly words: readonly string[];
}

/** A command line with logs in `./my-logs`, and what it answers. */
export interface Example {
  readonly about: string;
  readonly line: string;
}

/** Why an answer may be wrong, in a few words and as sentences. `--strict` fails for it. */
export interface Caveat {
  readonly summary: string;
  readonly note: string;
}

/**
 * A question about flow logs. The command line, `flowlog result`, completion, help and the comparison of the engines are
 * made from the list of these in index.ts.
 *
 * @typeParam R what is asked: plain data, which `asked.ts` writes as text and reads again
 * @typeParam O its options as typed
 */
export interface Question<R extends Scope = Scope, O extends Typed = Typed> {
  readonly name: string;
  /** One line for help and README. */
  readonly summary: string;
  /** `<address...>` */
  readonly argument?: string;
  readonly options: readonly OptionSpec[];
  /** The columns of the record that it uses. */
  readonly fields: {
    /** It makes no sense without these. */
    readonly required: readonly string[];
    /** Where logs lack these, the columns made of them are left out of the answer. */
    readonly spare?: readonly string[];
    /** Used where the logs have them. */
    readonly optional: readonly string[];
  };
  readonly examples: readonly Example[];
  /** Whether `--columns` is an option of its own, rather than a choice among the columns of the answer. */
  readonly ownColumns?: boolean;
  /** Whether it compares addresses with those in the packets itself, so that `--packet-level` changes nothing. */
  readonly bothLevels?: boolean;

  /** @throws UsageError when the options do not make a request */
  request(options: O, asking: Asking): Promise<R>;
  /** @throws UsageError when the logs lack a field that it requires */
  query(request: R, source: Source): Query;
  /** What the reader of the answer must know of the request, a sentence each. */
  notes?(request: R): string[];
  /** What the records that are no part of the answer say against it, from their numbers by reason. */
  caveats?(asides: ReadonlyMap<string, number>, request: R): Caveat[];
  /** What is made of the rows before they are written. */
  finish?(result: Result, request: R): Result;
  /** What is drawn of the rows on a terminal, in a page and as SVG. */
  picture?(request: R): Picture;
}
