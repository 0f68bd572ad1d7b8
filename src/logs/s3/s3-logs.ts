import { basename } from 'node:path';
import { findLogs } from '../../aws/find-logs.js';
import type { LogSelection } from '../../aws/list-logs.js';
import { uriOf } from '../../aws/object-stream.js';
import { Cache } from '../../cache/cache.js';
import { RunFolder } from '../../cache/run-folder.js';
import { FlowlogError } from '../../errors.js';
import { narrowByName } from '../../flowlog/delivery.js';
import { inParallel } from '../../parallel.js';
import type { Told } from '../../records/content.js';
import { durationText, humanBytes, humanSeconds, plural } from '../../terminal/units.js';
import { type Flaw, fileFlaw } from '../flaws.js';
import type { FoundFile } from '../log-file.js';
import { checkAmount } from './check-amount.js';
import { downloadAll, type Fetched, type Placed } from './download-all.js';
import { look } from './look.js';
import { type Amount, amountOf, type S3Settings, type WantedObject } from './settings.js';

/** AWS delivers at best effort: files are looked for that come up to a day late. */
const S3_LATE = 24 * 3600;

/** Files taken from the cache at the same time. */
const TAKEN = 64;

/** Logs in S3 as files of this machine: found by their keys, taken from the cache, or downloaded. */
export class S3Logs {
  private cached: Amount = { files: 0, bytes: 0 };
  private downloaded: Amount & { seconds: number } = { files: 0, bytes: 0, seconds: 0 };
  /** Files of the days that were listed, but of other times by their names. */
  private otherTimes = 0;
  /** How late files were looked for, where the range has an end (seconds). */
  private late: number | undefined;
  private gone: readonly string[] = [];
  private archived: readonly string[] = [];
  private run: RunFolder | undefined;
  private trimming: Promise<unknown> | undefined;
  private readonly cache: Cache | undefined;

  constructor(
    private readonly settings: S3Settings,
    private readonly signal: AbortSignal,
    private readonly told: Told = { zone: 'UTC' },
  ) {
    this.cache = settings.cacheSize === undefined ? undefined : new Cache(settings.cacheFolder);
  }

  /**
   * The logs of the selection at some places, as files that are there until this is closed; where there are none, one that
   * is not of the selection, as its beginning shows it.
   */
  async fetch(
    uris: readonly string[],
    selection: LogSelection,
  ): Promise<{ files: readonly FoundFile[]; example: FoundFile | undefined }> {
    const { aws, cacheFolder, lookOnly, known, progress } = this.settings;
    const { told } = this;
    try {
      const { objects: found, others } = await this.find(uris, selection);
      const objects = found.filter((object) => !known?.(uriOf(object), object.size));
      const [example] = found.length > 0 ? [] : await look(aws, others.slice(0, 1), told, this.signal);
      const files = lookOnly ? await look(aws, objects, told, this.signal) : await this.here(objects);
      return { files, example };
    } catch (error) {
      throw diskError(error, cacheFolder);
    } finally {
      await progress.clear();
    }
  }

  private async here(objects: readonly WantedObject[]): Promise<FoundFile[]> {
    if (objects.length === 0) return [];
    const run = await RunFolder.make(this.settings.cacheFolder);
    this.run = run;
    const placed = objects.map((object): Placed => ({ ...object, path: runPath(run, object.key) }));
    const missing = await this.takeCached(placed);
    const fetched = await this.download(missing);
    return placed.flatMap((object) => {
      const got = fetched.get(object);
      const size = got === undefined ? object.size : sizeOf(got);
      const { path, etag, named } = object;
      return size === undefined ? [] : [{ path, name: uriOf(object), size, named, etag }];
    });
  }

  private async find(
    uris: readonly string[],
    selection: LogSelection,
  ): Promise<{ objects: WantedObject[]; others: WantedObject[] }> {
    const { aws, access: asked, progress } = this.settings;
    const { late = S3_LATE } = selection;
    if (selection.range.until !== undefined) this.late = late;
    const objects = new Map<string, WantedObject>();
    const others: WantedObject[] = [];
    let listed = 0;
    const onPage = (count: number) => {
      listed += count;
      progress.show({ listed });
    };
    for (const uri of new Set(uris)) {
      const listing = { access: asked, signal: this.signal, onPage };
      const { bucket, access, named, notes, ...found } = await findLogs(
        aws,
        uri,
        { ...selection, late },
        listing,
      );
      for (const note of notes) progress.note(note);
      const inRange = named ? found.objects : narrowByName(found.objects, selection.range, late);
      this.otherTimes += found.objects.length - inRange.length;
      for (const object of inRange) {
        objects.set(uriOf({ bucket, key: object.key }), { ...object, bucket, access, named });
      }
      if (found.other) others.push({ ...found.other, bucket, access, named });
      if (found.foreign > 0) {
        progress.note(`${plural(found.foreign, 'object')} under ${uri} not named like a log, and not read.`);
      }
    }
    return { objects: [...objects.values()], others };
  }

  /** Puts in place what the cache has, and returns the rest. */
  private async takeCached(placed: readonly Placed[]): Promise<readonly Placed[]> {
    const { cache } = this;
    if (!cache) return placed;
    const taken = await inParallel(placed, TAKEN, (object) => cache.take(object, object.path), this.signal);
    this.cached = amountOf(placed.filter((_, i) => taken[i]));
    return placed.filter((_, i) => !taken[i]);
  }

  private async download(missing: readonly Placed[]): Promise<ReadonlyMap<Placed, Fetched>> {
    if (missing.length === 0) return new Map();
    const { settings, cache, cached, signal } = this;
    settings.progress.note(await checkAmount(settings, amountOf(missing), cached));
    const begun = performance.now();
    const fetched = await downloadAll(settings, missing, cache, signal);
    this.keepOutcome(fetched, (performance.now() - begun) / 1000);
    // While the files are read.
    this.trimming = cache?.trim(settings.cacheSize!).catch((error: NodeJS.ErrnoException) => {
      settings.progress.note(
        `The cache in ${cache.folder} is larger than it should be (${error.code ?? error}).`,
      );
    });
    return fetched;
  }

  /** Keeps what is to be said of a download. */
  private keepOutcome(fetched: ReadonlyMap<Placed, Fetched>, seconds: number): void {
    const those = (test: (got: Fetched) => boolean) =>
      [...fetched]
        .filter(([, got]) => test(got))
        .map(([object, got]) => ({ object, size: sizeOf(got) ?? 0 }));
    const uris = (test: (got: Fetched) => boolean) => those(test).map(({ object }) => uriOf(object));
    const downloaded = amountOf(those(({ outcome }) => outcome === 'whole'));
    const cached = amountOf(those(({ outcome }) => outcome === 'cached'));
    this.downloaded = { ...downloaded, seconds };
    this.cached = {
      files: this.cached.files + cached.files,
      bytes: this.cached.bytes + cached.bytes,
    };
    this.gone = uris(({ outcome }) => outcome === 'gone');
    this.archived = uris(({ outcome }) => outcome === 'archived');
    if (this.archived.length > 0 && downloaded.files + this.cached.files === 0) {
      throw new FlowlogError(
        `${this.archived[0]} is archived in S3 Glacier and cannot be read as it is.`,
        'Restore the objects in S3, or ask for a range of time that is not archived yet.',
      );
    }
    const [changed, ...others] = uris((got) => got.outcome === 'whole' && got.changed);
    if (changed !== undefined) {
      const more = others.length > 0 ? ` and ${plural(others.length, 'other')}` : '';
      this.settings.progress.note(`${changed}${more} changed after the listing: read as it is now.`);
    }
  }

  /** Whether anything was downloaded, which AWS may bill. */
  get billed(): boolean {
    return this.downloaded.files > 0;
  }

  /** For the end of what was read; empty where nothing of S3 was. */
  summary(): string {
    const { downloaded, cached } = this;
    const parts: string[] = [];
    if (downloaded.files > 0) {
      parts.push(`${humanBytes(downloaded.bytes)} downloaded in ${humanSeconds(downloaded.seconds)}`);
    }
    if (cached.files > 0) parts.push(`${humanBytes(cached.bytes)} from the cache`);
    return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  }

  notes(): string[] {
    const notes: string[] = [];
    if (this.otherTimes > 0) {
      notes.push(
        `${plural(this.otherTimes, 'file')} of those days are of other times by their names, and not read.`,
      );
    }
    if (this.late !== undefined) {
      notes.push(
        `Files delivered up to ${durationText(this.late)} after the range are read, later ones are not (--late).`,
      );
    }
    return notes;
  }

  flaws(): Flaw[] {
    return [
      ...fileFlaw(
        this.gone,
        'object deleted before it could be read',
        'objects deleted before they could be read',
      ),
      ...fileFlaw(
        this.archived,
        'object archived in S3 Glacier, not read',
        'objects archived in S3 Glacier, not read',
      ),
    ];
  }

  async close(): Promise<void> {
    this.run?.remove();
    await this.trimming;
  }
}

/** The file's own name stays, where it says when it was delivered: `coverage` looks at it. */
function runPath(run: RunFolder, key: string): string {
  const name = basename(key);
  return /^[\w.-]{1,200}$/.test(name) ? `${run.newFile()}-${name}` : run.newFile();
}

/** Of the file that is there now, if there is one. */
const sizeOf = (got: Fetched): number | undefined => ('size' in got ? got.size : undefined);

function diskError(error: unknown, folder: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  // Connections have such errors too, but those have been explained.
  if (code === undefined || syscall === undefined || error instanceof FlowlogError) return error;
  return new FlowlogError(
    `The logs cannot be kept in ${folder} (${code}).`,
    'Make room there or give yourself permission to write, or set FLOWLOG_CACHE_DIR to another folder.',
    1,
    { cause: error },
  );
}
