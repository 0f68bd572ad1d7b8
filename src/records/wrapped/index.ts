import { csv } from './csv.js';
import { json } from './json.js';
import { linesWithTimes } from './with-times.js';
import type { Wrapper } from './wrapper.js';

/** Ways in which records come wrapped, in the order in which a text is tried. A way more is a file more, and a line here. */
export const WRAPPERS: readonly Wrapper[] = [json, csv, linesWithTimes];
