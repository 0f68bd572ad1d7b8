import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Workspace } from '../cache/workspace.js';
import { FlowlogError } from '../errors.js';
import { isPartPath, LEDGER_FILE, STORE_FOLDER } from '../flowlog/store-layout.js';
import {
  CHANGE_VERSION,
  changePath,
  damagedStore,
  placeOf,
  readChange,
  refuseLinks,
  type StoreChange,
} from '../logs/store-change.js';
import type { Part } from './convert.js';
import { type Entry, isEntry, isId, Ledger } from './ledger.js';

/** What one step of an import changes, all of it or nothing. */
export interface Step {
  readonly added: readonly Part[];
  /** Paths below the store's folder. */
  readonly removed: readonly string[];
  readonly forgotten: readonly number[];
  readonly entries: readonly Entry[];
}

/** The change as it is written down before anything is moved. */
interface WrittenStep extends StoreChange {
  readonly version: typeof CHANGE_VERSION;
  readonly forgotten: readonly number[];
  readonly entries: readonly Entry[];
}

/** Where a store keeps what is unfinished. */
export const stagingOf = (folder: string): string => join(folder, STORE_FOLDER, 'staging');

/**
 * The folder that holds imported records, open for change: by one process at a time.
 *
 * A step is first made ready beside the store, then decided by a file that appears whole or not at all, then carried out.
 * Carrying out can be begun again as often as need be: whoever opens the store next finishes what was decided.
 */
export class Store {
  readonly staging: string;

  private constructor(
    readonly folder: string,
    private readonly ledger: Ledger,
  ) {
    this.staging = stagingOf(folder);
  }

  /**
   * Opens a store, or makes one where there is nothing yet.
   *
   * @throws FlowlogError when the folder is no store but not empty, cannot be written, or is in use
   */
  static async open(workspace: Workspace, folder: string): Promise<Store> {
    const own = join(folder, STORE_FOLDER);
    await refuseOther(folder);
    refuseLinks(folder, [STORE_FOLDER]);
    await mkdir(own, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      throw new FlowlogError(
        `${folder} cannot be written (${error.code}).`,
        'Name a folder you may write to with --to.',
      );
    });
    refuseLinks(
      folder,
      (await readdir(own)).map((name) => `${STORE_FOLDER}/${name}`),
    );
    const ledger = await Ledger.open(workspace, folder, join(own, LEDGER_FILE));
    const store = new Store(folder, ledger);
    try {
      await store.recover();
    } catch (error) {
      // Nothing is removed of a store that is not as it should be.
      await ledger.close();
      throw error;
    }
    return store;
  }

  private async recover(): Promise<void> {
    const change = await readChange(this.folder);
    if (change) await this.carryOut(this.checked(change));
    await rm(this.staging, { recursive: true, force: true });
    await mkdir(this.staging);
  }

  private checked({ added, removed, rest }: StoreChange & { rest: unknown }): WrittenStep {
    const { forgotten, entries } = rest as Record<string, unknown>;
    if (
      !Array.isArray(forgotten) ||
      !forgotten.every(isId) ||
      !Array.isArray(entries) ||
      !entries.every(isEntry)
    ) {
      throw damagedStore(
        this.folder,
        `${STORE_FOLDER}/change.json has a log file that is not described as it should be`,
      );
    }
    return { version: CHANGE_VERSION, added, removed, forgotten, entries };
  }

  entries(): Promise<Entry[]> {
    return this.ledger.entries();
  }

  /** The store's Parquet files, below its folder, and their sizes. */
  async parts(): Promise<Array<{ path: string; size: number }>> {
    const parts: Array<{ path: string; size: number }> = [];
    for (const entry of await readdir(this.folder, { withFileTypes: true })) {
      const day = entry.name;
      if (!day.startsWith('day=') || !entry.isDirectory()) continue;
      for (const name of await readdir(join(this.folder, day))) {
        const path = `${day}/${name}`;
        if (isPartPath(path)) parts.push({ path, size: (await stat(join(this.folder, path))).size });
      }
    }
    return parts.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Has the system write to the disk what is to be part of a step: there is less to wait for then. */
  prepare(parts: readonly Part[]): void {
    for (const { staged } of parts) flush(staged).catch(() => {});
  }

  /** Makes a step, so that it is there whole after whatever may happen. */
  async commit({ added, removed, forgotten, entries }: Step): Promise<void> {
    await Promise.all(added.map(({ staged }) => flush(staged)));
    const step: WrittenStep = {
      version: CHANGE_VERSION,
      added: added.map(({ staged, path }) => ({
        staged: relative(this.folder, staged).replaceAll(sep, '/'),
        path,
      })),
      removed,
      forgotten,
      entries,
    };
    const path = changePath(this.folder);
    await rm(`${path}.new`, { force: true });
    await writeFile(`${path}.new`, JSON.stringify(step), { flag: 'wx' });
    reached('written');
    await flush(`${path}.new`);
    await rename(`${path}.new`, path);
    reached('decided');
    await flush(dirname(path));
    await this.carryOut(step);
  }

  private async carryOut(step: WrittenStep): Promise<void> {
    const days = new Set(
      [...step.added.map(({ path }) => path), ...step.removed].map((path) => dirname(path)),
    );
    refuseLinks(this.folder, [...days]);
    // All of it must be there before anything is changed.
    for (const added of step.added) {
      if ((await placeOf(this.folder, added)) === undefined) {
        throw damagedStore(this.folder, `${added.path} is missing, which an interrupted import had written`);
      }
    }
    const folders = new Set(step.added.map(({ path }) => dirname(join(this.folder, path))));
    for (const folder of folders) await mkdir(folder, { recursive: true });
    for (const { staged, path } of step.added) {
      reached('moving');
      await rename(join(this.folder, staged), join(this.folder, path)).catch(
        (error: NodeJS.ErrnoException) => {
          // Moved already, before it was begun again.
          if (error.code !== 'ENOENT') throw error;
        },
      );
    }
    reached('moved');
    for (const folder of [...folders, this.folder]) await flush(folder);
    for (const path of step.removed) {
      reached('removing');
      await rm(join(this.folder, path), { force: true });
    }
    reached('removed');
    await this.ledger.change(step.forgotten, step.entries);
    reached('recorded');
    await rm(changePath(this.folder));
    reached('done');
  }

  /** Leaves the store to others. What was not committed is gone. */
  async close(): Promise<void> {
    await rm(this.staging, { recursive: true, force: true });
    await this.ledger.close();
  }
}

const FAULT = process.env.FLOWLOG_TEST_FAULT?.split(':');
let passes = 0;

/**
 * A moment inside a step at which tests kill the process: `FLOWLOG_TEST_FAULT=moved:3` at the third time that files have been
 * moved, `any:17` at the seventeenth moment of any kind.
 */
function reached(moment: string): void {
  if (!FAULT || (FAULT[0] !== 'any' && FAULT[0] !== moment)) return;
  if (++passes === Number(FAULT[1])) process.kill(process.pid, 'SIGKILL');
}

/** What a system crash must not take back is on the disk when this is done. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some systems cannot flush a folder.
    if (!['EISDIR', 'EPERM', 'EINVAL', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  } finally {
    await handle.close();
  }
}

/** A folder with other things in it, or with a store's files whose ledger is lost, is not written to. */
async function refuseOther(folder: string): Promise<void> {
  const names: string[] = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new FlowlogError(
      `${folder} cannot be used (${error.code}).`,
      'Name a folder of your own with --to.',
    );
  });
  if (names.length === 0 || names.includes(STORE_FOLDER)) return;
  throw new FlowlogError(
    `${folder} is not empty and is no store of flowlog${names.some((name) => name.startsWith('day=')) ? ": its ledger, in the hidden folder '.flowlog', is missing" : ''}.`,
    'Name a new folder with --to, or one that flowlog import made.',
  );
}
