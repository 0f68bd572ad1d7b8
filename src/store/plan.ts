import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { isLogGroup } from '../flowlog/log-group.js';
import { parseKey } from '../flowlog/s3-layout.js';
import { isS3Uri } from '../flowlog/s3-place.js';
import type { FoundFile } from '../logs/log-file.js';
import type { Entry } from './ledger.js';

/** A log file that is to be taken in. */
export interface NewFile {
  readonly found: FoundFile;
  readonly name: string;
  readonly place: string | null;
  readonly modified: number;
  /** The number under which the store has its records from before it changed. */
  readonly replaces: number | undefined;
}

export interface Plan {
  readonly files: readonly NewFile[];
  /** Files whose records the store has already, as they are. */
  readonly known: number;
  /** Copies of files that are in the store or about to be: to be known from now on, without records of their own. */
  readonly copies: ReadonlyArray<Omit<Entry, 'id'>>;
  /** Entries of known files that were touched but not changed. */
  readonly touched: readonly Entry[];
}

/**
 * Which of the files that were found are new to the store. A file is known by its path, its size and when it was last
 * changed; where only the last differs, its bytes decide. A file at another path is a copy when its path ends in the same
 * place of an S3 layout and its bytes are the same; AWS gives no two files the same place.
 *
 * @param isInput whether a path is that of kept standard input, which is known by what it said
 */
export async function planImport(
  found: readonly FoundFile[],
  entries: readonly Entry[],
  isInput: (path: string) => boolean,
): Promise<Plan> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const byPlace = new Map<string, string[]>();
  const isCopy = async (place: string, size: number, sha256: () => Promise<string>) => {
    const hashes = byPlace.get(`${place} ${size}`);
    return hashes?.includes(await sha256());
  };
  const remember = (place: string, size: number, sha256: string) => {
    const key = `${place} ${size}`;
    byPlace.set(key, [...(byPlace.get(key) ?? []), sha256]);
  };
  for (const { place, size, sha256 } of entries) if (place !== null) remember(place, size, sha256);

  const twins = countPlaces(found);
  const files: NewFile[] = [];
  const touched: Entry[] = [];
  let known = 0;
  const copies: Array<Omit<Entry, 'id'>> = [];
  for (const file of found) {
    const { path, size } = file;
    let hash: Promise<string> | undefined;
    const sha256 = () => {
      hash ??= hashOf(path);
      return hash;
    };
    const isEvents = isLogGroup(file.name);
    const input = isInput(path) && !isEvents;
    const name = input ? `- ${await sha256()}` : isEvents || isS3Uri(file.name) ? file.name : resolve(path);
    const modified = Math.floor(statSync(path).mtimeMs);
    const entry = byName.get(name);
    // Events of a day are only added; where fewer are left, their retention has removed the others.
    const isKept = isEvents && entry !== undefined && size <= entry.size;
    if (entry && (input || isKept || (await isUnchanged(entry, { size, modified }, sha256)))) {
      known++;
      if (entry.modified !== modified && entry.size === size) touched.push({ ...entry, modified });
      continue;
    }
    const place = placeIn(file.name);
    if (place !== null && (await isCopy(place, size, sha256))) {
      copies.push({ name, place, size, modified, sha256: await sha256(), rows: 0 });
      continue;
    }
    // Only where two of the files found may be copies of each other need their bytes be looked at before.
    if (place !== null && twins.get(`${place} ${size}`)! > 1) remember(place, size, await sha256());
    files.push({ found: file, name, place, modified, replaces: entry?.id });
  }
  return { files, known, copies, touched };
}

async function isUnchanged(
  entry: Entry,
  now: { size: number; modified: number },
  sha256: () => Promise<string>,
): Promise<boolean> {
  if (entry.size !== now.size) return false;
  return entry.modified === now.modified || entry.sha256 === (await sha256());
}

/** Where in an S3 layout a path is, wherever that layout itself may be. */
function placeIn(path: string): string | null {
  const key = parseKey(path);
  if (!key) return null;
  const { account, region, day, hour } = key;
  return [account, region, day, ...(hour === undefined ? [] : [hour]), basename(path)].join('/');
}

function countPlaces(found: readonly FoundFile[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name, size } of found) {
    const place = placeIn(name);
    if (place === null) continue;
    const key = `${place} ${size}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(bytes as Buffer);
  return hash.digest('hex');
}
