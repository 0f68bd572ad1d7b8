import { availableParallelism, cpus } from 'node:os';

/** What the figures were taken on. */
export function machine() {
  return { processor: cpus()[0].model.trim(), cores: availableParallelism(), node: process.version };
}
