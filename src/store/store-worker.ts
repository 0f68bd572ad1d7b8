/** A thread that turns log files into Parquet: one chunk at a time, until there are no more. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ChunkOutcome, type ChunkTask, Converter, type ConverterSettings } from './convert.js';

/** To a worker: a chunk, or undefined for no more. */
export type ToWorker = ChunkTask | undefined;
export type FromWorker = ChunkOutcome;

const port = parentPort!;
const converter = new Converter(workerData as ConverterSettings);
port.on('message', async (task: ToWorker) => {
  if (task === undefined) port.close();
  else port.postMessage((await converter.convert(task)) satisfies FromWorker);
});
