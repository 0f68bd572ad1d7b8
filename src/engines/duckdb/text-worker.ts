/** A thread that goes over text files: one task at a time, until there are no more. */
import { parentPort, workerData } from 'node:worker_threads';
import { type TextOutcome, TextScanner, type TextTask } from './scan-text.js';

export interface WorkerSettings {
  readonly name: string;
}

/** To a worker: tasks, or undefined for no more. */
export type ToWorker = readonly TextTask[] | undefined;

/** From a worker: what came of the tasks; or, last, the files it kept lines in. */
export type FromWorker =
  | { readonly outcomes: readonly TextOutcome[] }
  | { readonly spools: readonly string[] };

const port = parentPort!;
const scanner = new TextScanner((workerData as WorkerSettings).name);
let last: Promise<void> = Promise.resolve();
port.on('message', (tasks: ToWorker) => {
  last = last.then(() => goOver(tasks));
});

async function goOver(tasks: ToWorker): Promise<void> {
  if (tasks === undefined) {
    port.postMessage({ spools: scanner.close() } satisfies FromWorker);
    port.close();
    return;
  }
  const outcomes: TextOutcome[] = [];
  for (const task of tasks) outcomes.push(await scanner.scan(task));
  port.postMessage({ outcomes } satisfies FromWorker);
}
