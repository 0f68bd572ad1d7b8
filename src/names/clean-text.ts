import { UNSEEN } from '../terminal/unseen.js';

/** Escape sequences of terminals (ECMA-48): CSI, OSC and the like, and single ones. */
const ESCAPES =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -~]?)|\u009b[0-?]*[ -/]*[@-~]/g;

/** Longer texts are cut: a name stands in a column. */
const LONGEST = 120;

/** Text that anybody may have written, such as a description or a tag, made safe to print in one line. */
export function cleanText(text: string, longest = LONGEST): string {
  const clean = text.replace(ESCAPES, '').replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim();
  const characters = [...clean];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : clean;
}
