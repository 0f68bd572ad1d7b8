import { existsSync } from 'node:fs';
import { wayAdvice } from '../names/ways.js';
import type { Io } from '../terminal/streams.js';
import type { Derivation } from '../whose/derivation.js';
import { Namer } from '../whose/namer.js';
import { type Has, type Unseen, unseen } from '../whose/unseen.js';
import { inventoryFolders } from './names-options.js';
import type { OutputOptions } from './options.js';

/**
 * What names addresses beside the networks of the configuration: what the options say, or the folder that `flowlog inventory`
 * keeps. Undefined where there is nothing, or no names are wanted.
 *
 * @param needed whether the answer is made of names, so that the classes of addresses will do
 */
export async function knownNames(
  options: OutputOptions,
  io: Io,
  needed = false,
): Promise<KnownNames | undefined> {
  const { inventory = [], dns = [], asn } = options;
  const given = inventory.length > 0 || dns.length > 0 || asn !== undefined;
  if (
    !needed &&
    !(options.names && (given || inventoryFolders(options, io).some((path) => existsSync(path))))
  )
    return undefined;
  const { openNames } = await import('./open-names.js');
  const { names, notes } = await openNames(options, options.networks, io);
  return { namer: new Namer(names), notes };
}

export interface KnownNames {
  readonly namer: Namer;
  /** What had to be skipped, a sentence each. */
  readonly notes: readonly string[];
}

export interface NamesNotes {
  /** What is to know of the names in an answer, and what would tell more. */
  readonly notes: readonly string[];
  readonly missing: Unseen;
}

export function namesNotes(
  known: KnownNames | undefined,
  derivation: Derivation | undefined,
  has: Has,
): NamesNotes {
  if (!known) return { notes: [], missing: { notes: [] } };
  const { names } = known.namer;
  const missing = unseen(derivation, names, has);
  const said = [...known.notes, ...missing.notes];
  const of = derivation && [...derivation.columns, ...derivation.where.map(({ field }) => field)];
  if (of && !names.knowsMore && missing.notes.length === 0) {
    said.push(
      "There is no inventory and no published ranges: 'flowlog inventory update' and 'flowlog inventory ranges' add them, --dns names that hosts asked for.",
    );
  }
  const asksWay = of?.some((name) => name === 'way' || name === 'leaves');
  const advice = asksWay ? wayAdvice(has) : undefined;
  return { notes: advice === undefined ? said : [...said, advice], missing };
}
