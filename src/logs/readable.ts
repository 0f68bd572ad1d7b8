import { FlowlogError } from '../errors.js';
import type { FoundFile } from './log-file.js';

/** What DuckDB or the system says of a file it cannot read, without DuckDB's own stack and statement. */
export function readable(error: unknown, files: readonly FoundFile[]): unknown {
  const line = error instanceof Error ? error.message.split('\n', 1)[0]! : '';
  const duckdb = /^(?:IO|Invalid Input|Out of Memory|Permission) Error: (.+)/.exec(line);
  const system = /^E[A-Z]+: .+/.exec(line);
  const what = duckdb?.[1] ?? system?.[0];
  if (what === undefined) return error;
  const gone = /^ENOENT|No such file|No files found that match/i.test(line);
  const hint = gone
    ? 'A file was removed while flowlog read the logs. Run it again.'
    : /Out of Memory|ENOSPC|No space/i.test(line)
      ? 'Ask for a shorter range of time, or free space in the temporary folder.'
      : 'Take the file out of the folder, or name other files with --logs.';
  const named = files.reduce((text, { path, name }) => text.replaceAll(path, name), what);
  return new FlowlogError(`The logs cannot be read: ${named}`, hint, undefined, { cause: error });
}
