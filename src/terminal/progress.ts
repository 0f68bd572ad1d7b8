import type { Output } from './streams.js';
import { humanBytes, humanSeconds } from './units.js';

/** How far a piece of work has come. */
export interface Amounts {
  readonly files: { readonly done: number; readonly all: number };
  readonly bytes: { readonly done: number; readonly all: number };
}

export interface ProgressLine {
  /** Draws where the work stands, in place of what stood there. */
  show(amounts: Amounts): void;
  /** Leaves the line as it was before. */
  clear(): Promise<void>;
}

/** Work shorter than this shows nothing (seconds). */
const MOMENT = 0.7;
const CLEAR = '\r\x1b[2K';

/** One line on a terminal that says how far the work is and how long it will take; nothing elsewhere. */
export function progressLine(
  output: Output,
  now: () => number = () => performance.now() / 1000,
): ProgressLine {
  const start = now();
  let shown = false;
  if (!output.isTTY) return { show: () => {}, clear: async () => {} };
  return {
    show(amounts) {
      const elapsed = now() - start;
      if (elapsed < MOMENT) return;
      shown = true;
      void output.write(CLEAR + progressText(amounts, elapsed).slice(0, output.width - 1)).catch(() => {});
    },
    async clear() {
      if (shown) await output.write(CLEAR);
      shown = false;
    },
  };
}

export function progressText({ files, bytes }: Amounts, elapsed: number): string {
  const part = bytes.all === 0 ? 0 : bytes.done / bytes.all;
  const left = part > 0.02 ? `, ${humanSeconds((elapsed / part) * (1 - part))} left` : '';
  return (
    `Reading: ${files.done.toLocaleString('en')} of ${files.all.toLocaleString('en')} files, ` +
    `${humanBytes(bytes.done)} of ${humanBytes(bytes.all)}${left}`
  );
}
