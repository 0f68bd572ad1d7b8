/** A thread that goes over text files: one task at a time, until there are no more. */
import { parentPort, workerData } from 'node:worker_threads';
import { type SpooledText, type TaskOutcome, TextScanner, type TextTask } from './scan-text.js';

export interface WorkerSettings {
  readonly name: string;
}

/** To a worker: a task, or undefined for no more. */
export type ToWorker = TextTask | undefined;

/** From a worker: what came of a task; or, last, the files it kept lines in. */
export type FromWorker = TaskOutcome | { readonly spools: readonly SpooledText[] };

const port = parentPort!;
const scanner = new TextScanner((workerData as WorkerSettings).name);
let last: Promise<void> = Promise.resolve();
port.on('message', (task: ToWorker) => {
  last = last.then(() => goOver(task));
});

async function goOver(task: ToWorker): Promise<void> {
  if (task === undefined) {
    port.postMessage({ spools: scanner.close() } satisfies FromWorker);
    port.close();
    return;
  }
  port.postMessage((await scanner.scan(task)) satisfies FromWorker);
}
