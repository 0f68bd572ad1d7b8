import { availableParallelism } from 'node:os';
import { Interrupted } from '../errors.js';
import { type ReadyThread, ReadyThreads } from '../scan/ready-threads.js';
import { sizeOf } from '../scan/stored-file.js';
import { type ChunkOutcome, type ChunkTask, Converter, type ConverterSettings } from './convert.js';
import type { FromWorker, ToWorker } from './store-worker.js';

/** Rows in memory, of all threads together. */
const ROWS = 1_200_000;
/** And of each at least, so that there is something to put in order. */
const LEAST_ROWS = 122_880;

/** Less than this is converted sooner than a thread is started (bytes as stored). */
const SMALL = 2 << 20;

const threads = () => availableParallelism();

/** Rows kept in memory and put in order together: of one thread. */
const tableRows = () => Math.max(Math.floor(ROWS / threads()), LEAST_ROWS);

/** Rows that a chunk should have, so that it becomes one file a day, and each thread has some. */
export const chunkSize = () => ({ rows: tableRows(), least: LEAST_ROWS, threads: threads() });

/** Threads that may soon have logs to convert. */
export class StoreThreads extends ReadyThreads {
  readonly settings: ConverterSettings;

  /** @param staging folder for what is unfinished; need not be there before there is work */
  constructor(staging: string) {
    const settings: ConverterSettings = { staging, rows: tableRows() };
    super(new URL('./store-worker.js', import.meta.url), () => settings);
    this.settings = settings;
  }

  /** @param size of the logs there may be (bytes as stored) */
  start(size: number): void {
    if (size >= SMALL) this.begin(threads());
  }
}

/**
 * Turns chunks of log files into Parquet on all cores.
 *
 * @param onDone told of each; the next chunks are under way meanwhile
 * @throws Interrupted when the signal is aborted
 */
export async function convertAll(
  chunks: readonly ChunkTask[],
  ready: StoreThreads,
  signal: AbortSignal,
  onDone: (outcome: ChunkOutcome) => void,
): Promise<void> {
  const size = sizeOf(chunks.flatMap(({ sources }) => sources));
  if (size < SMALL) return convertHere(chunks, ready.settings, signal, onDone);
  const waiting = [...chunks];
  const stop = new AbortController();
  const cancel = () => stop.abort();
  signal.addEventListener('abort', cancel, { once: true });
  const each = () => runThread(ready.take(), () => waiting.shift(), stop.signal, onDone);
  try {
    await Promise.all(Array.from({ length: Math.min(threads(), chunks.length) }, each));
  } catch (error) {
    stop.abort();
    throw signal.aborted ? new Interrupted() : error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function convertHere(
  chunks: readonly ChunkTask[],
  settings: ConverterSettings,
  signal: AbortSignal,
  onDone: (outcome: ChunkOutcome) => void,
): Promise<void> {
  const converter = new Converter(settings);
  for (const chunk of chunks) {
    if (signal.aborted) throw new Interrupted();
    onDone(await converter.convert(chunk));
  }
}

function runThread(
  { worker, failure }: ReadyThread,
  next: () => ChunkTask | undefined,
  signal: AbortSignal,
  onDone: (outcome: ChunkOutcome) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (failure) return reject(failure);
    const cancel = () => void worker.terminate();
    signal.addEventListener('abort', cancel, { once: true });
    const give = () => worker.postMessage(next() satisfies ToWorker);
    worker.on('message', (outcome: FromWorker) => {
      onDone(outcome);
      give();
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      signal.removeEventListener('abort', cancel);
      // Only now is what it was writing out of its hands.
      if (signal.aborted) reject(new Interrupted());
      else resolve();
    });
    give();
  });
}
