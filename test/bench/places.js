import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Outside the checkout, so that a fresh one need not make gigabytes of logs anew. */
export const CACHE =
  process.env.FLOWLOG_BENCH_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'flowlog-bench');

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** One word of a shell command. */
export const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

export const NODE = quoted(process.execPath);
export const FLOWLOG = `${NODE} ${quoted(at('../../bin/flowlog.js'))}`;
export const script = (name) => quoted(at(name));
