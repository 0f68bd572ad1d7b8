import { FlowlogError } from '../errors.js';
import { AddressMap } from '../net/address-map.js';

/** What AWS publishes about an address: a service code such as `S3`, and a region or `GLOBAL`. */
export interface AwsRange {
  readonly service: string;
  readonly region: string;
}

/** One edition of AWS's published ranges. */
export interface AwsRanges {
  /** Unix seconds of `createDate`. */
  readonly time: number;
  readonly syncToken: string;
  readonly prefixes: number;
  of(address: string): AwsRange | undefined;
}

interface Entry {
  readonly ip_prefix?: unknown;
  readonly ipv6_prefix?: unknown;
  readonly region?: unknown;
  readonly service?: unknown;
}

/** Whether a parsed JSON file is an edition of AWS's published ranges. */
export const isAwsRanges = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'syncToken' in json && 'prefixes' in json;

/**
 * Reads `ip-ranges.json` (Amazon VPC User Guide, "AWS IP address ranges"). Service codes are taken from the file: AWS adds
 * some that no document lists.
 *
 * @throws FlowlogError where the file is not what AWS publishes
 */
export function parseAwsRanges(json: unknown, path: string): AwsRanges {
  const wrong = (what: string) =>
    new FlowlogError(
      `${path} is not a file of AWS's address ranges: ${what}.`,
      'Use ip-ranges.json as AWS publishes it at https://ip-ranges.amazonaws.com/ip-ranges.json.',
    );
  if (!isAwsRanges(json)) throw wrong('syncToken or prefixes is missing');
  const { syncToken, createDate, prefixes, ipv6_prefixes = [] } = json as Record<string, unknown>;
  const time = editionTime(String(syncToken), String(createDate));
  if (time === undefined) throw wrong(`createDate is ${JSON.stringify(createDate)}`);
  const entries = [prefixes, ipv6_prefixes];
  if (!entries.every(Array.isArray)) throw wrong('prefixes is not a list');
  const best = new Map<string, AwsRange>();
  for (const entry of entries.flat() as Entry[]) {
    const block = entry.ip_prefix ?? entry.ipv6_prefix;
    const { region, service } = entry;
    if (typeof block !== 'string' || typeof region !== 'string' || typeof service !== 'string') {
      throw wrong(`an entry is ${JSON.stringify(entry)}`);
    }
    const known = best.get(block);
    if (!known || moreSpecific(service, known.service)) best.set(block, { service, region });
  }
  const map = AddressMap.builder<AwsRange>();
  for (const [block, range] of best) {
    if (!map.add(block, range)) throw wrong(`'${block}' is not a block`);
  }
  const built = map.build();
  return { time, syncToken: String(syncToken), prefixes: best.size, of: (address) => built.get(address) };
}

/** The edition's date: `2026-08-22-15-17-05` is UTC, and the token is the same in Unix seconds. */
function editionTime(syncToken: string, createDate: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)$/.exec(createDate) ?? [];
  if (year !== undefined) {
    return Date.UTC(+year, +month! - 1, +day!, +hour!, +minute!, +second!) / 1000;
  }
  return /^\d{9,11}$/.test(syncToken) ? Number(syncToken) : undefined;
}

/** A range listed for a service is listed for EC2 and AMAZON too: the service is what uses it. */
const rank = (service: string) => (service === 'AMAZON' ? 0 : service === 'EC2' ? 1 : 2);

function moreSpecific(service: string, than: string): boolean {
  if (rank(service) !== rank(than)) return rank(service) > rank(than);
  // CLOUDFRONT_ORIGIN_FACING says more than CLOUDFRONT.
  if (service.length !== than.length) return service.length > than.length;
  return service < than;
}

/** `S3 ap-northeast-1`; `CLOUDFRONT` where the range is of no single region. */
export const rangeName = ({ service, region }: AwsRange): string =>
  region === 'GLOBAL' ? service : `${service} ${region}`;
