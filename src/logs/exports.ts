import type { LogFile } from './log-file.js';

/**
 * The files, without exported answers that were found beside logs: the logs hold their records, which would count twice. What was
 * named itself is read, and so is a folder of exports alone.
 *
 * @param logsBeside whether there are logs besides these files
 */
export function leaveOutExports(files: readonly LogFile[], logsBeside: boolean): readonly LogFile[] {
  if (!files.some(isFoundExport) || !(logsBeside || files.some(isLog))) return files;
  return files.map((file): LogFile => {
    if (!isFoundExport(file)) return file;
    const { path, name, size, named } = file;
    return { path, name, size, named, kind: 'foreign', why: 'it is an export beside logs', exported: true };
  });
}

export const isLog = (file: LogFile) => file.kind === 'parquet' || (file.kind === 'text' && !file.exported);

export const isFoundExport = (file: LogFile) => file.kind === 'text' && file.exported === true && !file.named;
