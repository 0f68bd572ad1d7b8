import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Field } from '../flowlog/fields.js';
import { headerLine } from '../flowlog/log-format.js';
import { type FileFormat, fileName, folderOf, type Layout } from '../flowlog/s3-layout.js';
import { awsTraffic } from './aws-traffic.js';
import { network } from './network.js';
import { type Plant, type Planted, planted } from './planted.js';
import { seeded } from './random.js';
import { recordWriter } from './record-text.js';
import { type Flow, flowAt } from './traffic.js';

export interface SampleOptions {
  readonly directory: string;
  readonly seed: number;
  /** In all files together, records of no flow included. */
  readonly records: number;
  readonly days: number;
  /** Unix seconds of the first day's midnight, UTC. */
  readonly start: number;
  readonly fields: readonly Field[];
  readonly fileFormat: FileFormat;
  readonly layout: Layout;
  readonly hourly: boolean;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  /** Files in all; undefined for as many as such logs would have. */
  readonly files?: number;
  /**
   * Folder for what names the addresses: an inventory, ranges, Resolver query logs. The logs then have further files, with
   * flows to services of AWS.
   */
  readonly names?: string;
  /** Known traffic in further files of the first account and Region. */
  readonly plants?: readonly Plant[];
  readonly signal?: AbortSignal;
}

export interface SampleSummary {
  readonly records: number;
  readonly files: number;
  /** Bytes as stored. */
  readonly bytes: number;
  /** What was planted. */
  readonly planted: readonly Planted[];
}

export const DEFAULTS = { accounts: ['123456789012'], regions: ['ap-northeast-1'] } as const;

const DAY = 86_400;
/** AWS publishes every five minutes: names of files carry such times. */
const INTERVAL = 300;
/** Records of a file, about, where the number of files is left to us. */
const PER_FILE = 40_000;
/** Files packed at the same time as the next is made. */
const IN_FLIGHT = 4;

const pack = promisify(gzip);

/** One file to be: whose, of what time, with how many records. */
interface Plan {
  readonly account: string;
  readonly region: string;
  readonly number: number;
  readonly from: number;
  readonly to: number;
  readonly records: number;
  readonly firstIndex: number;
}

/**
 * Writes synthetic logs of a closed SageMaker VPC. The same options give the same bytes.
 *
 * @throws the signal's reason when it is aborted; files already written stay
 */
export async function generateSample(options: SampleOptions): Promise<SampleSummary> {
  const write = options.fileFormat === 'parquet' ? await parquetWriter(options) : textWriter;
  const version = Math.max(...options.fields.map((field) => field.version ?? 2));
  const underway = new Set<Promise<void>>();
  let bytes = 0;
  let files = 0;
  let records = 0;
  const known = plantedIn(options);
  try {
    for (const { path, text, count } of allFiles(options, version, known.flows)) {
      options.signal?.throwIfAborted();
      records += count;
      const writing = write(path, text).then((size) => {
        bytes += size;
        files++;
        underway.delete(writing);
      });
      underway.add(writing);
      if (underway.size >= IN_FLIGHT) await Promise.race(underway);
    }
    await Promise.all(underway);
  } finally {
    await Promise.allSettled(underway);
    await rm(join(options.directory, WORK), { recursive: true, force: true });
  }
  if (options.names !== undefined) {
    const { writeNames } = await import('./names.js');
    await writeNames(
      options.names,
      ownersOf(options).map(({ account, region }) => ({
        ...{ account, region, network: ownNetwork(options.seed, account, region).net },
        ...{ seed: options.seed, start: options.start, days: options.days },
      })),
    );
  }
  return { records, files, bytes, planted: known.truth };
}

interface FileToWrite {
  readonly path: string;
  readonly text: Buffer;
  readonly count: number;
}

function* allFiles(options: SampleOptions, version: number, known: readonly Flow[]): Generator<FileToWrite> {
  for (const plan of plans(options)) yield made(plan, options, version);
  if (known.length > 0) yield* plantedFiles(options, version, known);
  if (options.names === undefined) return;
  for (const { account, region } of ownersOf(options)) {
    for (let day = 0; day < options.days; day++) yield* awsFiles(options, version, account, region, day);
  }
}

const ownersOf = ({ accounts, regions }: SampleOptions) =>
  accounts.flatMap((account) => regions.map((region) => ({ account, region })));

function ownNetwork(seed: number, account: string, region: string) {
  const owner = createHash('sha256').update(`${seed} ${account} ${region}`).digest();
  return { owner, net: network(owner.readUInt32LE(0)) };
}

function plantedIn(options: SampleOptions): ReturnType<typeof planted> {
  const { plants = [], seed } = options;
  const { account, region } = ownersOf(options)[0]!;
  return planted(plants, ownNetwork(seed, account, region).net, options);
}

/** Known traffic, in files of the flow log that the rest is of. */
function* plantedFiles(
  options: SampleOptions,
  version: number,
  flows: readonly Flow[],
): Generator<FileToWrite> {
  const owner = ownersOf(options)[0]!;
  for (let day = 0; day < options.days; day++) {
    yield* filesOf(options, version, { ...owner, day, flows, label: 'planted', id: 4 });
  }
}

/** A day's flows to services of AWS, as another flow log of the same VPC delivers them. */
function* awsFiles(
  options: SampleOptions,
  version: number,
  account: string,
  region: string,
  day: number,
): Generator<FileToWrite> {
  const { owner, net } = ownNetwork(options.seed, account, region);
  const random = seeded(options.seed * 0x01000193 + owner.readUInt32LE(4) + day);
  const flows = awsTraffic(net, options.start + day * DAY, random);
  yield* filesOf(options, version, { account, region, day, flows, label: 'aws', id: 12 });
}

interface DayOfFlows {
  readonly account: string;
  readonly region: string;
  readonly day: number;
  readonly flows: readonly Flow[];
  /** Tells names of files apart. */
  readonly label: string;
  /** Where the id of the flow log is among the owner's bytes. */
  readonly id: number;
}

/** A file for each folder of a day. */
function* filesOf(
  options: SampleOptions,
  version: number,
  { account, region, day, flows, label, id }: DayOfFlows,
): Generator<FileToWrite> {
  const { owner, net } = ownNetwork(options.seed, account, region);
  const midnight = options.start + day * DAY;
  const line = recordWriter(options.fields, { account, region, network: net, version });
  const span = options.hourly ? 3600 : DAY;
  for (let from = midnight; from < midnight + DAY; from += span) {
    const own = flows.filter(({ end }) => end >= from && end < from + span);
    const name = fileName({
      account,
      region,
      flowLogId: `fl-0${owner.toString('hex', id, id + 8)}`,
      unixSeconds: from,
      hash: createHash('sha256')
        .update(`${options.seed} ${label} ${account} ${region} ${from}`)
        .digest('hex')
        .slice(0, 8),
      format: options.fileFormat,
    });
    yield {
      path: join(options.directory, folderOf({ ...options, account, region }, from), name),
      text: Buffer.from(`${headerLine(options.fields)}\n${own.map((flow) => `${line(flow)}\n`).join('')}`),
      count: own.length,
    };
  }
}

/** Time is cut into as many even spans as there are files, none across a day (or, with hourly folders, an hour). */
function* plans(options: SampleOptions): Generator<Plan> {
  const { records, days, start } = options;
  const owners = ownersOf(options);
  const folders = days * (options.hourly ? 24 : 1);
  const perOwner = Math.ceil((options.files ?? records / PER_FILE) / owners.length);
  const least = options.files === undefined && !options.hourly ? 4 : 1;
  const perFolder = Math.max(Math.ceil(perOwner / folders), least);
  const count = folders * perFolder;
  const span = (days * DAY) / count;
  const all = owners.length * count;
  for (let number = 0; number < all; number++) {
    const { account, region } = owners[Math.floor(number / count)]!;
    const slot = number % count;
    const firstIndex = Math.floor((number * records) / all);
    yield {
      account,
      region,
      number,
      from: start + Math.ceil((slot * span) / INTERVAL) * INTERVAL,
      to: start + Math.floor((slot + 1) * span),
      records: Math.floor(((number + 1) * records) / all) - firstIndex,
      firstIndex,
    };
  }
}

function made(plan: Plan, options: SampleOptions, version: number): FileToWrite {
  const { account, region } = plan;
  const random = seeded(options.seed * 0x01000193 + plan.number);
  const { owner, net } = ownNetwork(options.seed, account, region);
  const line = recordWriter(options.fields, { account, region, network: net, version });
  const length = Math.max(plan.to - plan.from, 1);
  const text = new Text(plan.records * 128);
  text.add(`${headerLine(options.fields)}\n`);
  for (let i = 0; i < plan.records; i++) {
    // In the order of time, a little shuffled, as aggregation intervals of many interfaces overlap.
    const end = plan.from + Math.min(Math.floor((i * length) / plan.records) + random.below(60), length - 1);
    text.add(`${line(flowAt(plan.firstIndex + i, end, net, random))}\n`);
  }
  const name = fileName({
    account,
    region,
    flowLogId: `fl-0${owner.toString('hex', 4, 12)}`,
    unixSeconds: plan.from,
    hash: createHash('sha256').update(`${options.seed} ${plan.number}`).digest('hex').slice(0, 8),
    format: options.fileFormat,
  });
  return {
    path: join(options.directory, folderOf({ ...options, account, region }, plan.from), name),
    text: text.bytes(),
    count: plan.records,
  };
}

/**
 * Text that grows as bytes. As one long string it would be a tree of a million small ones, which the garbage collector
 * walks again and again.
 */
class Text {
  private buffer: Buffer;
  private length = 0;
  private pending = '';

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafe(size + 4096);
  }

  add(ascii: string): void {
    this.pending += ascii;
    if (this.pending.length > 4096) this.flush();
  }

  bytes(): Buffer {
    this.flush();
    return this.buffer.subarray(0, this.length);
  }

  private flush(): void {
    if (this.length + this.pending.length > this.buffer.length) {
      this.buffer = Buffer.concat([this.buffer], (this.length + this.pending.length) * 2);
    }
    this.length += this.buffer.write(this.pending, this.length, 'latin1');
    this.pending = '';
  }
}

type FileWriter = (path: string, text: Buffer) => Promise<number>;

/** Where unfinished files are: a name that every reader of logs skips. */
const WORK = '.flowlog-sample';

const textWriter: FileWriter = async (path, text) => {
  const packed = await pack(text, { level: 4 });
  await mkdir(dirname(path), { recursive: true });
  const partial = join(dirname(path), `.${basename(path)}.partial`);
  await writeFile(partial, packed);
  await rename(partial, path);
  return packed.length;
};

async function parquetWriter(options: SampleOptions): Promise<FileWriter> {
  const { openParquetWriter } = await import('./write-parquet.js');
  return openParquetWriter(options.fields, join(options.directory, WORK));
}
