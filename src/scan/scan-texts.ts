import { availableParallelism } from 'node:os';
import { Interrupted } from '../errors.js';
import { type ReadyThread, ReadyThreads } from './ready-threads.js';
import {
  type SpooledText,
  type TaskOutcome,
  type TextKind,
  type TextOutcome,
  TextScanner,
  type TextTask,
} from './scan-text.js';
import { type StoredFile, sizeOf } from './stored-file.js';
import type { FromWorker, ToWorker, WorkerSettings } from './text-worker.js';

/** Text files of a kind. */
export interface Texts {
  readonly kind: TextKind;
  readonly files: readonly StoredFile[];
}

export interface ScannedTexts {
  /** Of files of which there is something to say. */
  readonly outcomes: readonly TextOutcome[];
  /** Files with the records that may matter. */
  readonly spools: readonly SpooledText[];
  /** Records that were read, whether they may matter or not. */
  readonly records: number;
}

const CORES = availableParallelism();

/** Less than this is gone over sooner than a thread is started (bytes as stored). */
const SMALL = 2 << 20;
/** Small files go to a thread several at a time (bytes as stored). */
const BATCH = 1 << 20;

/** Batches that a thread has in hand, so that it need not wait while this one is busy; fewer towards the end. */
const AHEAD = 8;

/** Threads that may soon have texts to go over. */
export class TextThreads extends ReadyThreads {
  constructor() {
    super(new URL('./text-worker.js', import.meta.url), (number): WorkerSettings => ({ name: `${number}` }));
  }

  /** @param size of the texts there may be (bytes as stored) */
  start(size: number): void {
    if (size >= SMALL) this.begin(Math.min(CORES, Math.ceil(size / BATCH)));
  }
}

/** Told of files that were gone over: how many, their bytes as stored, and bytes of lines that may matter. */
export type OnDone = (files: number, size: number, kept: number) => void;

/**
 * Goes over text files on all cores.
 *
 * @throws Interrupted when the signal is aborted
 */
export async function scanTexts(
  texts: readonly Texts[],
  ready: TextThreads,
  signal: AbortSignal,
  onDone: OnDone,
): Promise<ScannedTexts> {
  const waiting = batches(texts);
  if (sizeOf(waiting) < SMALL) return scanHere(waiting, signal, onDone);
  const threads = Math.min(CORES, waiting.length);
  const outcomes: TextOutcome[] = [];
  const spools: SpooledText[] = [];
  let records = 0;
  const stop = new AbortController();
  const cancel = () => stop.abort();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const ahead = () => Math.max(1, Math.min(AHEAD, Math.floor(waiting.length / (4 * threads))));
    const each = async () => {
      const done = await runThread(
        ready.take(),
        () => waiting.shift(),
        ahead,
        stop.signal,
        ({ task, size }, { kept, files, records: read }) => {
          records += read;
          outcomes.push(...files);
          onDone(task.paths.length, size, kept);
        },
      );
      spools.push(...done);
    };
    const all = Array.from({ length: threads }, each);
    await Promise.all(all).catch(async (error) => {
      stop.abort();
      // What a thread may still write is to be removed when all have ended.
      await Promise.allSettled(all);
      throw signal.aborted ? new Interrupted() : error;
    });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  return { outcomes, spools, records };
}

async function scanHere(
  batches: readonly Batch[],
  signal: AbortSignal,
  onDone: OnDone,
): Promise<ScannedTexts> {
  const scanner = new TextScanner('0');
  const outcomes: TextOutcome[] = [];
  let records = 0;
  for (const { task, size } of batches) {
    if (signal.aborted) throw new Interrupted();
    const { kept, files, records: read } = await scanner.scan(task);
    records += read;
    outcomes.push(...files);
    onDone(task.paths.length, size, kept);
  }
  return { outcomes, spools: scanner.close(), records };
}

interface Batch {
  readonly task: TextTask;
  /** Bytes as stored. */
  readonly size: number;
}

/** Small files several at a time. Those with the most bytes first: the last one to be done is then small. */
function batches(texts: readonly Texts[]): Batch[] {
  const all: Batch[] = [];
  for (const { kind, files } of texts) {
    for (let from = 0, to = 0; from < files.length; from = to) {
      let size = 0;
      do size += files[to++]!.size;
      while (to < files.length && size + files[to]!.size <= BATCH);
      const some = files.slice(from, to);
      const paths = some.map(({ path }) => path);
      all.push({ task: { kind, paths, sizes: some.map(({ size }) => size) }, size });
    }
  }
  return all.sort((a, b) => b.size - a.size);
}

/** Feeds one thread until there is nothing more, and resolves with the files it kept lines in. */
function runThread(
  { worker, failure }: ReadyThread,
  next: () => Batch | undefined,
  ahead: () => number,
  signal: AbortSignal,
  onBatch: (batch: Batch, outcome: TaskOutcome) => void,
): Promise<readonly SpooledText[]> {
  return new Promise((resolve, reject) => {
    const cancel = () => {
      void worker.terminate().then(() => reject(new Interrupted()));
    };
    if (failure) return reject(failure);
    if (signal.aborted) return cancel();
    signal.addEventListener('abort', cancel, { once: true });
    const given: Batch[] = [];
    let ended = false;
    const give = () => {
      while (!ended && given.length < ahead()) {
        const batch = next();
        if (batch) given.push(batch);
        else ended = true;
        worker.postMessage(batch?.task satisfies ToWorker);
      }
    };
    worker.on('message', (message: FromWorker) => {
      if ('spools' in message) return resolve(message.spools);
      onBatch(given.shift()!, message);
      give();
    });
    worker.on('error', reject);
    worker.on('exit', () => signal.removeEventListener('abort', cancel));
    give();
  });
}
