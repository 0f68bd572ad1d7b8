import type { OptionGroup } from '../option.js';
import { ATHENA } from './athena/options.js';
import { LOCAL } from './duckdb/options.js';
import type { Engine, EngineContext } from './engine.js';

/** An engine as the command line knows it. */
export interface EngineEntry<Options> {
  /** Options that say what is asked, as far as they are not those of every engine. */
  readonly sourceOptions: readonly OptionGroup[];
  /** Options of a run. */
  readonly runOptions: readonly OptionGroup[];
  /** The options that name what it asks: whoever gives one of them asks this engine. */
  readonly namedBy: readonly string[];
  /** Whether the options name what this engine can ask, when none is chosen. */
  isNamed(options: Options): boolean;
  /** Whether it says itself that a statement of the user's own would write. */
  readonly judgesStatements: boolean;
  /** @throws UsageError when the options do not fit it */
  create(options: Options, context: EngineContext): Promise<Engine>;
}

/** The first whose logs or table the options name is asked. */
const TABLE = { local: LOCAL, athena: ATHENA } as const;

export type EngineName = keyof typeof TABLE;

type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;
/** The options of all engines, as typed. With `sql` nothing is run. */
export type EngineOptions = Intersection<Parameters<(typeof TABLE)[EngineName]['create']>[0]> & {
  readonly sql?: boolean;
};

export const ENGINES: Readonly<Record<EngineName, EngineEntry<EngineOptions>>> = TABLE;
export const ENGINE_NAMES = Object.keys(TABLE) as EngineName[];

/** The engine that the options choose, or else name. */
export function engineOf(
  options: EngineOptions & { readonly engine?: EngineName },
): EngineEntry<EngineOptions> {
  const name = options.engine ?? ENGINE_NAMES.find((each) => ENGINES[each].isNamed(options));
  return ENGINES[name!];
}
