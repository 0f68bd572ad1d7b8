import { ATHENA, type TypedAthenaOptions } from './athena/options.js';
import { LOCAL, type LocalLogsOptions } from './duckdb/options.js';
import type { Engine, EngineContext } from './engine.js';

/** An engine as the command line knows it. */
export interface EngineEntry<Options> {
  /** The options that name what it asks: whoever gives one of them asks this engine. */
  readonly namedBy: readonly string[];
  /** @throws UsageError when the options do not fit it */
  create(options: Options, context: EngineContext): Promise<Engine>;
}

/** The options of all engines, as typed. With `sql` nothing is run. */
export type EngineOptions = LocalLogsOptions & TypedAthenaOptions & { readonly sql?: boolean };

export const ENGINES = {
  local: LOCAL,
  athena: ATHENA,
} as const satisfies Record<string, EngineEntry<EngineOptions>>;

export type EngineName = keyof typeof ENGINES;
export const ENGINE_NAMES = Object.keys(ENGINES) as EngineName[];

/** The engine that the options name; Athena where they name nothing, since its table has a name by default. */
export function engineOf(
  options: EngineOptions & { readonly engine?: EngineName },
): EngineEntry<EngineOptions> {
  const name = options.engine ?? (options.logs !== undefined && options.logs.length > 0 ? 'local' : 'athena');
  return ENGINES[name];
}
