import { settingSpec as setting } from '../option.js';
import { humanBytes } from '../terminal/units.js';
import { MOST_INPUT } from './find-files.js';
import { parseSize } from './s3/options.js';

/** How logs are read that the files themselves do not tell. */
export const READING_OPTIONS = [
  setting(
    '--log-format <format>',
    "fields of text logs without a header line: default, 5, or '${srcaddr} ${dstaddr} …'",
  ),
  setting('--max-input <size>', 'maximum size of standard input, a device or a pipe', {
    parse: parseSize,
    default: { value: MOST_INPUT, text: humanBytes(MOST_INPUT) },
  }),
];
