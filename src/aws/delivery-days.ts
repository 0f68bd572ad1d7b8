import { headerLine } from '../flowlog/log-format.js';
import { parseFlowLogId } from '../flowlog/s3-layout.js';
import { inParallel } from '../parallel.js';
import type { Aws } from './clients.js';
import { type FileFindings, inspectObject } from './inspect-object.js';
import { listFolders, listGroups } from './list-logs.js';
import type { RegionFolder } from './log-folders.js';

/** What the files of one flow log have in common over some days, in the folders of a region. */
export interface Span {
  readonly flowLog: string;
  readonly hourly: boolean;
  /** Undefined where no file was read. */
  readonly file: FileFindings | undefined;
  /** Times in the names of the first and the last file (Unix seconds); without names, the bounds of the days. */
  readonly first: number;
  readonly last: number;
}

/** Days and hours looked at, at the same time. */
const AT_ONCE = 8;
/** Up to this number of days are looked at one by one; of more, some are skipped where the days around them agree. */
const DAYS = 3_000;

/** How many days lie between two that are looked at, where nothing changes between them. */
export const strideOf = (days: number): number => Math.max(1, Math.ceil(days / DAYS));

const datePart = (name: string) => /^(?:(?:year|month|day)=)?(\d{2}|\d{4})$/.exec(name)?.[1];

/** The UTC days with a folder in a region, `YYYY-MM-DD`, from the first wanted one to the last, each with its prefix. */
export async function daysOf(
  aws: Aws,
  bucket: string,
  { prefix }: { readonly prefix: string },
  { from = '', to = '9999' }: { from?: string | undefined; to?: string | undefined },
): Promise<Array<{ day: string; prefix: string }>> {
  let level = [{ day: '', prefix }];
  for (const length of [4, 7, 10]) {
    const below = await inParallel(level, AT_ONCE, async (above) =>
      (await listFolders(aws, { bucket, prefix: above.prefix })).flatMap((name) => {
        const part = datePart(name);
        if (part === undefined) return [];
        const day = above.day === '' ? part : `${above.day}-${part}`;
        const wanted =
          day.length === length &&
          day >= from.slice(0, length) &&
          day <= to.slice(0, Math.min(length, to.length));
        return wanted ? [{ day, prefix: `${above.prefix}${name}/` }] : [];
      }),
    );
    level = below.flat();
  }
  return level.sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** Of one day, the files of one flow log: the prefixes that their keys begin with, hour by hour. */
interface DayFiles {
  readonly flowLog: string;
  readonly hourly: boolean;
  readonly prefixes: readonly string[];
}

/**
 * Which flow logs delivered to a region's folder, from when to when, and what their files are. The names of a day are
 * listed in groups, so that a day costs two requests however many files it has; of a flow log the first file and the
 * last one are read, and where they differ, the change is searched for between them.
 */
export class DeliveryDays {
  private readonly probed = new Map<number, Promise<ReadonlyMap<string, DayFiles>>>();

  constructor(
    private readonly aws: Aws,
    private readonly bucket: string,
    private readonly folder: RegionFolder,
    private readonly days: ReadonlyArray<{ readonly day: string; readonly prefix: string }>,
    private readonly options: {
      readonly stride: number;
      /** Whether files are read. */
      readonly reads: boolean;
      readonly signal?: AbortSignal | undefined;
      /** Told of each day that was looked at. */
      readonly onDay?: () => void;
    },
  ) {}

  async spans(): Promise<Span[]> {
    const last = this.days.length - 1;
    const samples = [
      ...new Set([...this.days.keys()].filter((at) => at % this.options.stride === 0).concat(last)),
    ];
    await inParallel(samples, AT_ONCE, (at) => this.files(at), this.options.signal);
    for (const [i, at] of samples.entries()) if (i > 0) await this.refine(samples[i - 1]!, at);
    const looked = [...this.probed.keys()].sort((a, b) => a - b);
    const days = new Map<string, number[]>();
    for (const at of looked) {
      for (const key of (await this.files(at)).keys()) days.set(key, [...(days.get(key) ?? []), at]);
    }
    const found = await inParallel(
      [...days],
      AT_ONCE,
      ([key, at]) => this.spansOf(key, at),
      this.options.signal,
    );
    return found.flat();
  }

  /** Between two days with different flow logs, finds the days where they change. */
  private async refine(from: number, to: number): Promise<void> {
    if (to - from < 2) return;
    const [before, after] = [await this.files(from), await this.files(to)];
    if (before.size === after.size && [...before.keys()].every((key) => after.has(key))) return;
    const middle = (from + to) >> 1;
    await this.refine(from, middle);
    await this.refine(middle, to);
  }

  private files(at: number): Promise<ReadonlyMap<string, DayFiles>> {
    const known = this.probed.get(at) ?? this.probe(this.days[at]!.prefix);
    if (!this.probed.has(at)) void known.then(this.options.onDay, () => {});
    this.probed.set(at, known);
    return known;
  }

  private async probe(day: string): Promise<Map<string, DayFiles>> {
    const { account, region } = this.folder;
    const files = new Map<string, DayFiles>();
    const add = (flowLog: string, hourly: boolean, prefix: string) => {
      const key = `${flowLog} ${hourly}`;
      files.set(key, { flowLog, hourly, prefixes: [...(files.get(key)?.prefixes ?? []), prefix] });
    };
    for (const prefix of await this.groups(day, '_')) {
      const [, hour, name = ''] = /^((?:hour=)?\d{2}\/)?(.*)$/s.exec(prefix.slice(day.length))!;
      // Athena, too, leaves out names that begin with a dot or an underscore.
      if (/^[._]|\/$/.test(name) || name === '') continue;
      const hourly = hour !== undefined;
      const usual = name === `${account}_` ? await this.groups(`${prefix}vpcflowlogs_${region}_`, '_') : [];
      for (const each of usual) add(parseFlowLogId(`${each}_`) ?? UNNAMED, hourly, each);
      if (usual.length === 0) add(UNNAMED, hourly, prefix);
    }
    return files;
  }

  private groups(prefix: string, delimiter: string): Promise<readonly string[]> {
    return listGroups(this.aws, { bucket: this.bucket, prefix }, delimiter);
  }

  /** The spans of one flow log, on the days it delivered: one, but for files that others put there. */
  private async spansOf(key: string, days: readonly number[]): Promise<Span[]> {
    const read = new Map<number, Promise<FileFindings | undefined>>();
    const file = (i: number) => {
      const known = read.get(i) ?? this.read(key, days[i]!);
      read.set(i, known);
      return known;
    };
    const ends: number[] = [];
    const search = async (from: number, to: number): Promise<void> => {
      if (to === from || sameShape(await file(from), await file(to))) return;
      if (to - from === 1) {
        ends.push(from);
        return;
      }
      const middle = (from + to) >> 1;
      await search(from, middle);
      await search(middle, to);
    };
    await search(0, days.length - 1);
    const spans: Span[] = [];
    for (const [i, end] of [...ends, days.length - 1].entries()) {
      const begin = i === 0 ? 0 : ends[i - 1]! + 1;
      const { flowLog, hourly } = (await this.files(days[begin]!)).get(key)!;
      const first = (await this.times(key, days[begin]!))[0];
      const last = (await this.times(key, days[end]!))[1];
      spans.push({ flowLog, hourly, file: await file(end), first, last });
    }
    return spans;
  }

  private async read(key: string, at: number): Promise<FileFindings | undefined> {
    if (!this.options.reads) return undefined;
    for (const prefix of [...(await this.files(at)).get(key)!.prefixes].reverse()) {
      const [found] = (await listGroups(this.aws, { bucket: this.bucket, prefix }, undefined)).slice(-1);
      if (found !== undefined) return inspectObject(this.aws, { bucket: this.bucket, key: found });
    }
    return undefined;
  }

  /** The times in the names of the first and the last file of a day. */
  private async times(key: string, at: number): Promise<[number, number]> {
    const { flowLog, prefixes } = (await this.files(at)).get(key)!;
    const start = Date.parse(this.days[at]!.day) / 1000;
    if (flowLog === UNNAMED) return [start, start + 86_399];
    const stamps = await Promise.all(
      [prefixes[0]!, prefixes.at(-1)!].map(async (prefix) =>
        (await this.groups(prefix, 'Z')).flatMap((name) => {
          const [, y, mo, d, h, mi] = /_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z$/.exec(name) ?? [];
          return y === undefined ? [] : [Date.parse(`${y}-${mo}-${d}T${h}:${mi}Z`) / 1000];
        }),
      ),
    );
    const [first = start] = [...stamps[0]!].sort((a, b) => a - b);
    const [last = start + 86_399] = [...stamps[1]!].sort((a, b) => b - a);
    // A file may be named after the day before or after its folder.
    return [Math.max(first, start), Math.min(Math.max(last, start), start + 86_399)];
  }
}

const UNNAMED = 'files without a flow log id';

function sameShape(a: FileFindings | undefined, b: FileFindings | undefined): boolean {
  return (
    a?.format === b?.format &&
    (a?.format === 'parquet' || headerLine(a?.fields ?? []) === headerLine(b?.fields ?? []))
  );
}
