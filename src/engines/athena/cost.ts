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
