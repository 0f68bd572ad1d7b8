import { LineCutter } from './lines.js';
import type { Wrapper } from './wrapper.js';

/** Records that stand by themselves, in a text that is not stored as AWS stores it. */
export const plainText: Wrapper = {
  name: 'lines',
  matches: () => true,
  read: (to) =>
    new LineCutter(
      (line, number) => to.line(line, number),
      (line, number) => to.malformed(number, line, 'it is longer than a record can be'),
    ),
};
