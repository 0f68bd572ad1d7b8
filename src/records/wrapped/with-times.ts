import { LineCutter } from './lines.js';
import type { Wrapper } from './wrapper.js';

/** An ISO time, or milliseconds since 1970. */
const TIME = /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?|\d{13})\s+/;
const STREAM = /^\S*eni-[0-9a-z]+(?:-[a-z]+)?\s+/i;

/**
 * The event's time before each record: exports of CloudWatch Logs to S3, `aws logs tail` (which puts the log stream between) and
 * `aws logs tail --format short`.
 */
export const linesWithTimes: Wrapper = {
  name: 'records with the time of their event before them',
  matches: (head) => TIME.test(head.trimStart()),
  read: (to) =>
    new LineCutter(
      (line, number) => {
        const text = line.trim();
        const time = TIME.exec(text)?.[0] ?? '';
        const record = text.slice(time.length);
        const stream = STREAM.exec(record)?.[0];
        if (stream === undefined || time === '') to.line(record, number);
        else to.line(record.slice(stream.length), number, stream.trim());
      },
      (line, number) => to.malformed(number, line, 'it is longer than a record can be'),
    ),
};
