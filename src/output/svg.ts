import { FlowlogError } from '../errors.js';
import type { Row } from '../result.js';
import { barsOf, valueColumn } from './bars.js';
import type { Renderer } from './renderer.js';

/** Bars that one picture holds. */
const MOST_BARS = 2000;
/** Bars one below the other unless `--limit` says more or less. */
const USUAL_BARS = 30;

/** A picture of its own: a bar for each row up to the limit. Without one all rows are read, as notes count them. */
export const renderSvg: Renderer = async (result, write, { picture, limit }) => {
  const kept = Math.min(limit ?? (picture?.overTime ? Infinity : USUAL_BARS), MOST_BARS + 1);
  const rows: Row[] = [];
  for await (const batch of result.rows(limit)) rows.push(...batch.slice(0, kept - rows.length));
  if (rows.length > MOST_BARS) {
    throw new FlowlogError(
      `A picture holds ${MOST_BARS} bars, and the answer has more.`,
      `Use --limit ${MOST_BARS}, a shorter range or longer steps.`,
    );
  }
  const column = picture && valueColumn(picture, result.columns);
  const bars = picture && barsOf(picture, result.columns, rows);
  if (!column || !bars) {
    throw new FlowlogError('This answer has no column to draw.', 'Use --format html or csv.');
  }
  const { barsSvg } = await import('./charts.js');
  await write(`${barsSvg(bars, column.type).svg}\n`);
  return rows.length;
};
