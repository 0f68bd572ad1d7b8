import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { FlowlogError } from '../errors.js';
import { type AwsRanges, isAwsRanges, parseAwsRanges } from './aws-ranges.js';
import { readJson } from './read-described.js';
import { isSnapshot, parseSnapshot, type Snapshot, snapshotText } from './snapshot.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Where snapshots are kept unless `--inventory` names another folder: below the data folder of the XDG specification. */
export function inventoryFolder(given: string | undefined, env: Env): string {
  if (given !== undefined) return resolve(given);
  const { XDG_DATA_HOME: xdg } = env;
  // A relative one counts as not set.
  const data = xdg && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), '.local/share');
  return join(data, 'flowlog/inventory');
}

export interface StoredInventory {
  readonly snapshots: readonly Snapshot[];
  readonly ranges: readonly AwsRanges[];
}

/**
 * Reads all `.json` and `.json.gz` files of the folder. A folder that does not exist is empty.
 *
 * @throws FlowlogError for a file that is neither a snapshot nor AWS's ranges
 */
export async function readInventory(folder: string): Promise<StoredInventory> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new FlowlogError(`${folder} cannot be read (${error.code}).`, 'Check --inventory.');
  });
  const snapshots: Snapshot[] = [];
  const ranges: AwsRanges[] = [];
  for (const name of names.filter((each) => /^[^.].*\.json(\.gz)?$/.test(each)).sort()) {
    const path = join(folder, name);
    const json = await readJson(path);
    if (isSnapshot(json)) snapshots.push(parseSnapshot(json, path));
    else if (isAwsRanges(json)) ranges.push(parseAwsRanges(json, path));
    else {
      throw new FlowlogError(
        `${path} is neither an inventory snapshot nor AWS's address ranges.`,
        `Add saved 'aws ec2 describe-…' output with 'flowlog inventory import ${path}', and remove the file.`,
      );
    }
  }
  return { snapshots, ranges };
}

/** Writes a snapshot and returns the file's path. */
export async function saveSnapshot(folder: string, snapshot: Snapshot): Promise<string> {
  const time = snapshot.taken.replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  const whose = [snapshot.account, snapshot.region].filter((part) => part !== undefined);
  return save(folder, ['inventory', time, ...whose].join('-'), snapshotText(snapshot));
}

/** Writes AWS's ranges, as published, and returns the file's path. */
export async function saveRanges(folder: string, ranges: AwsRanges, json: unknown): Promise<string> {
  const time = `${new Date(ranges.time * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  return save(folder, `ip-ranges-${time}`, `${JSON.stringify(json, null, 1)}\n`);
}

async function save(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, `${name}.json`);
  const partial = join(folder, `.${name}.${process.pid}.partial`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(partial, text);
    await rename(partial, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new FlowlogError(`${path} cannot be written (${code}).`, 'Name another folder with --inventory.');
  }
  return path;
}
