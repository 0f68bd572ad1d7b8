import { UsageError } from '../errors.js';
import type { Field } from './fields.js';
import { DEFAULT_FORMAT, LogFormatError, parseFormat, VERSION_5_FORMAT } from './log-format.js';

/** The fields of a log format as typed: by a name of it, or written out as AWS writes it. */
export function parseFormatOption(flag: string, format: string): readonly Field[] {
  if (format === 'default' || format === '2') return DEFAULT_FORMAT;
  if (format === '5') return VERSION_5_FORMAT;
  try {
    return parseFormat(format);
  } catch (error) {
    if (!(error instanceof LogFormatError)) throw error;
    throw new UsageError(
      `${flag} '${format}' is not a log format (${error.problem}${error.value === format ? '' : `: ${error.value}`}).`,
      "Write default, 5, or the fields you want: '${srcaddr} ${dstaddr} ${start} ${end}'.",
    );
  }
}
