import type { QueryExecution } from '@aws-sdk/client-athena';
import { humanBytes, humanSeconds } from '../terminal/units.js';

const MB = 1_000_000;
const TB = 1_000_000_000_000;
/** A query is billed for no less (Athena pricing page). */
const MINIMUM = 10 * MB;

/**
 * What a query costs, in USD, as far as one can tell: bytes rounded up to the MB, 10 MB at least. AWS does not say whether its
 * units are decimal; these are.
 *
 * @param pricePerTb USD
 */
export function estimatedCost(bytesScanned: number, pricePerTb: number): number {
  return (Math.max(MINIMUM, Math.ceil(bytesScanned / MB) * MB) / TB) * pricePerTb;
}

/** `0.00005 USD`, `1.23 USD`: two significant digits below a cent. */
export function costText(usd: number): string {
  const text =
    usd >= 0.01 || usd === 0 ? usd.toFixed(2) : Number(usd.toPrecision(2)).toFixed(8).replace(/0+$/, '');
  return `${text} USD`;
}

/** `12 MB scanned (about 0.00006 USD) by query 0a1b… (3.2 s at Athena)`. */
export function executionText(execution: QueryExecution, pricePerTb: number): string {
  const { Statistics = {}, QueryExecutionId } = execution;
  const scanned = Statistics.DataScannedInBytes ?? 0;
  const reused = Statistics.ResultReuseInformation?.ReusedPreviousResult === true;
  const cost = reused
    ? 'an earlier result reused, nothing scanned'
    : `${humanBytes(scanned)} scanned (about ${costText(estimatedCost(scanned, pricePerTb))})`;
  const seconds =
    (Statistics.TotalExecutionTimeInMillis ?? Statistics.EngineExecutionTimeInMillis ?? 0) / 1000;
  const queued = (Statistics.QueryQueueTimeInMillis ?? 0) / 1000;
  const queue = queued >= 0.5 ? `, ${humanSeconds(queued)} of it queued` : '';
  return `${cost} by query ${QueryExecutionId} (${humanSeconds(seconds)} at Athena${queue})`;
}
