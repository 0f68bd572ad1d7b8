import { FlowlogError } from '../errors.js';
import type { Flaw } from '../logs/flaws.js';
import { visible } from '../output/text.js';
import { grouped } from '../terminal/units.js';

/** What was skipped or is unusual, said line by line; each of them where the user wants to know. */
export function flawLines(flaws: readonly Flaw[], verbose: boolean): string[] {
  const lines: string[] = [];
  for (const flaw of flaws) {
    lines.push(`Skipped or unusual: ${flaw.summary}${verbose ? ':' : ' (--verbose lists them).'}`);
    if (verbose) lines.push(...flaw.details.map((detail) => `  ${visible(detail)}`));
    if (verbose && flaw.count > flaw.details.length) {
      lines.push(`  and ${grouped(flaw.count - flaw.details.length)} more`);
    }
  }
  return lines;
}

/** @throws FlowlogError when there are any */
export function refuseFlaws(flaws: readonly Flaw[], hint: string): void {
  if (flaws.length > 0)
    throw new FlowlogError(`--strict: ${flaws.map((flaw) => flaw.summary).join(', ')}.`, hint);
}
