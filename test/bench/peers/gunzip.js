// The bare limit: unpacks files in threads with what Node has, and throws the bytes away. gunzip.js FOLDER THREADS
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';

const AT_A_TIME = 16;

/** In one piece where it is small, else in pieces that are soon used again: both were the fastest of what was tried. */
function unpack(packed) {
  const length = packed.readUInt32LE(packed.length - 4);
  gunzipSync(packed, { chunkSize: length < 4 << 20 ? length + 64 : 1 << 18 });
}

if (isMainThread) {
  const [folder, threads] = process.argv.slice(2);
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.gz'))
    .map((entry) => join(entry.parentPath, entry.name));
  // The last ones go one by one, so that no thread has much to do when the others are done.
  const next = () => paths.splice(0, Math.min(AT_A_TIME, Math.ceil(paths.length / (2 * threads))));
  for (let i = 0; i < Number(threads); i++) {
    const worker = new Worker(new URL(import.meta.url));
    const give = () => worker.postMessage(next());
    worker.on('message', give);
    give();
  }
} else {
  parentPort.on('message', (paths) => {
    if (paths.length === 0) return parentPort.close();
    for (const path of paths) unpack(readFileSync(path));
    parentPort.postMessage(undefined);
  });
}
