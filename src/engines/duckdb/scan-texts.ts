import { availableParallelism } from 'node:os';
import { Interrupted } from '../../errors.js';
import { type ReadyThread, ReadyThreads } from '../../ready-threads.js';
import { sizeOf } from './log-file.js';
import { type TextOutcome, TextScanner, type TextTask } from './scan-text.js';
import type { FromWorker, ToWorker, WorkerSettings } from './text-worker.js';

export interface ScannedTexts {
  readonly outcomes: readonly TextOutcome[];
  /** Files with the lines that may matter. */
  readonly spools: readonly string[];
}

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
    if (size >= SMALL) this.begin(Math.min(availableParallelism(), Math.ceil(size / BATCH)));
  }
}

/**
 * Goes over text files on all cores.
 *
 * @param onDone told of each file
 * @throws Interrupted when the signal is aborted
 */
export async function scanTexts(
  tasks: readonly TextTask[],
  ready: TextThreads,
  signal: AbortSignal,
  onDone: (task: TextTask, outcome: TextOutcome) => void,
): Promise<ScannedTexts> {
  const size = sizeOf(tasks);
  if (size < SMALL) return scanHere(tasks, signal, onDone);
  // Large files first: the last one to be done is then a small one.
  const waiting = batches([...tasks].sort((a, b) => b.size - a.size));
  const threads = Math.min(availableParallelism(), waiting.length);
  const outcomes: TextOutcome[] = [];
  const spools: string[] = [];
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
        (batch, come) => {
          outcomes.push(...come);
          for (const [i, task] of batch.entries()) onDone(task, come[i]!);
        },
      );
      spools.push(...done);
    };
    await Promise.all(Array.from({ length: threads }, each));
  } catch (error) {
    stop.abort();
    throw signal.aborted ? new Interrupted() : error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  return { outcomes, spools };
}

async function scanHere(
  tasks: readonly TextTask[],
  signal: AbortSignal,
  onDone: (task: TextTask, outcome: TextOutcome) => void,
): Promise<ScannedTexts> {
  const scanner = new TextScanner('0');
  const outcomes: TextOutcome[] = [];
  for (const task of tasks) {
    if (signal.aborted) throw new Interrupted();
    const outcome = await scanner.scan(task);
    outcomes.push(outcome);
    onDone(task, outcome);
  }
  return { outcomes, spools: scanner.close() };
}

function batches(tasks: readonly TextTask[]): TextTask[][] {
  const all: TextTask[][] = [];
  let size = 0;
  for (const task of tasks) {
    if (all.length === 0 || size + task.size > BATCH) {
      all.push([]);
      size = 0;
    }
    all.at(-1)!.push(task);
    size += task.size;
  }
  return all;
}

/** Feeds one thread until there is nothing more, and resolves with the files it kept lines in. */
function runThread(
  { worker, failure }: ReadyThread,
  next: () => readonly TextTask[] | undefined,
  ahead: () => number,
  signal: AbortSignal,
  onBatch: (batch: readonly TextTask[], outcomes: readonly TextOutcome[]) => void,
): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const cancel = () => {
      void worker.terminate();
      reject(new Interrupted());
    };
    if (failure) return reject(failure);
    if (signal.aborted) return cancel();
    signal.addEventListener('abort', cancel, { once: true });
    const given: Array<readonly TextTask[]> = [];
    let ended = false;
    const give = () => {
      while (!ended && given.length < ahead()) {
        const tasks = next();
        if (tasks) given.push(tasks);
        else ended = true;
        worker.postMessage(tasks satisfies ToWorker);
      }
    };
    worker.on('message', (message: FromWorker) => {
      if ('spools' in message) return resolve(message.spools);
      onBatch(given.shift()!, message.outcomes);
      give();
    });
    worker.on('error', reject);
    worker.on('exit', () => signal.removeEventListener('abort', cancel));
    give();
  });
}
