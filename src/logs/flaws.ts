import { plural } from '../terminal/units.js';
import type { LogFile } from './log-file.js';

/** Something in the input that was skipped: how many of them, said in a few words, and each in detail. */
export interface Flaw {
  readonly count: number;
  /** `3 malformed lines`. */
  readonly summary: string;
  /** One line each: file, place, text. */
  readonly details: readonly string[];
}

/** Details kept for each flaw; the rest is counted only. */
export const DETAILS = 1000;

/** A flaw of files that were skipped or differ from what AWS writes. */
export function fileFlaw(paths: readonly string[], one: string, many: string): Flaw[] {
  if (paths.length === 0) return [];
  return [
    { count: paths.length, summary: plural(paths.length, one, many), details: paths.slice(0, DETAILS) },
  ];
}

/** What is unusual about whole files, as their first bytes show it. */
export function kindFlaws(files: readonly LogFile[]): Flaw[] {
  const of = (test: (file: LogFile) => boolean) => files.filter(test).map(({ name }) => name);
  return [
    ...fileFlaw(
      of((file) => file.kind === 'empty'),
      'empty file',
      'empty files',
    ),
    ...fileFlaw(
      of((file) => file.kind === 'foreign' && file.damaged === true),
      'file damaged from the start',
      'files damaged from the start',
    ),
    ...fileFlaw(
      of((file) => file.kind === 'foreign' && file.formatUnknown === true),
      'file of an unknown format, which --log-format can say',
      'files of an unknown format, which --log-format can say',
    ),
    ...fileFlaw(
      of((file) => file.kind === 'foreign' && file.exported === true),
      'file that is an export, not a flow log',
      'files that are exports, not flow logs',
    ),
    ...fileFlaw(
      of((file) => file.kind === 'foreign' && !file.damaged && !file.formatUnknown && !file.exported),
      'file that is not a flow log',
      'files that are not flow logs',
    ),
  ];
}

/** Of files that do not unpack to their end. */
export function faultFlaws(truncated: readonly string[], damaged: readonly string[]): Flaw[] {
  return [
    ...fileFlaw(truncated, 'truncated gzip file', 'truncated gzip files'),
    ...fileFlaw(damaged, 'damaged gzip file', 'damaged gzip files'),
  ];
}
