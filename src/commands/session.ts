import type { Engine } from '../engines/engine.js';
import { UsageError } from '../errors.js';
import type { Io } from '../terminal/streams.js';
import { parseRange, type TimeRange } from '../time/range.js';
import { parseZone } from '../time/zone.js';
import type { CommonOptions } from './options.js';

/** The common options as meant. */
export interface Asked {
  readonly zone: string;
  readonly range: TimeRange;
}

export function askedOf(options: CommonOptions, io: Io): Asked {
  const zone = parseZone(options.tz);
  return { zone, range: parseRange(options, zone, io.now()) };
}

/** Opens the engine the options ask for, and closes it whatever happens. */
export async function withEngine<T>(
  options: CommonOptions,
  io: Io,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await openEngine(options, io);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

async function openEngine(options: CommonOptions, io: Io): Promise<Engine> {
  if (!options.logs?.length) {
    throw new UsageError(
      'No logs are named.',
      "Name them with --logs: a folder, a file, a quoted pattern, or - for standard input. 'flowlog sample DIR' makes some.",
    );
  }
  // DuckDB takes longer to load than everything else together: only when it is needed.
  const { openLocalEngine } = await import('../engines/duckdb/engine.js');
  return openLocalEngine({ logs: options.logs, stdin: io.stdin, signal: io.signal });
}
