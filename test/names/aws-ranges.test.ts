import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { type AwsRange, parseAwsRanges, rangeName } from '../../src/names/aws-ranges.js';
import { addressText, parseCidr } from '../../src/net/cidr.js';
import { seeded } from '../../src/sample/random.js';

/** A whole edition, gzipped or not, may be given to check: AWS states no licence for the file, so none is here. */
const GIVEN = process.env.FLOWLOG_TEST_IP_RANGES;

const entry = (block: string, service: string, region = 'ap-northeast-1') => ({
  [block.includes(':') ? 'ipv6_prefix' : 'ip_prefix']: block,
  region,
  service,
  network_border_group: region,
});

/** Blocks in blocks, equal blocks of several services, and neighbours, as a whole edition has them. */
const SMALL = {
  syncToken: '1787411825',
  createDate: '2026-08-22-15-17-05',
  prefixes: [
    ...['AMAZON', 'EC2', 'S3'].map((service) => entry('198.51.100.0/24', service)),
    ...['EC2', 'AMAZON'].map((service) => entry('203.0.112.0/22', service, 'us-east-1')),
    entry('203.0.113.128/25', 'DYNAMODB', 'us-east-1'),
    entry('203.0.113.192/27', 'AMAZON', 'us-east-1'),
    entry('203.0.116.0/22', 'AMAZON', 'GLOBAL'),
    ...['CLOUDFRONT_ORIGIN_FACING', 'CLOUDFRONT', 'AMAZON'].map((service) =>
      entry('192.0.2.0/26', service, 'GLOBAL'),
    ),
    entry('255.255.255.0/24', 'NEW_SERVICE'),
    entry('0.0.0.0/30', 'AMAZON'),
  ],
  ipv6_prefixes: [
    entry('2001:db8::/32', 'AMAZON'),
    entry('2001:db8:8000::/36', 'S3'),
    entry('2001:db8:8000:1::/64', 'EC2'),
    entry('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00/120', 'EFS'),
  ],
};

function edition(): typeof SMALL {
  if (GIVEN === undefined) return SMALL;
  const bytes = readFileSync(GIVEN);
  return JSON.parse((bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString());
}

/** A second way to find the range: hash tables by prefix length, longest first, on bytes from the IP library. */
function search({ prefixes, ipv6_prefixes }: typeof SMALL): (address: string) => AwsRange | undefined {
  const tables = new Map<string, Map<string, AwsRange[]>>();
  for (const each of [...prefixes, ...ipv6_prefixes] as Array<Record<string, string>>) {
    const [address, length] = (each.ip_prefix ?? each.ipv6_prefix)!.split('/');
    const bytes = ipaddr.parse(address!).toByteArray();
    const key = `${bytes.length} ${length!.padStart(3, '0')}`;
    const table = tables.get(key) ?? new Map<string, AwsRange[]>();
    tables.set(key, table);
    const cut = truncated(bytes, Number(length));
    table.set(cut, [...(table.get(cut) ?? []), { service: each.service!, region: each.region! }]);
  }
  const longestFirst = [...tables].sort(([a], [b]) => (a < b ? 1 : -1));
  return (address) => {
    const bytes = ipaddr.parse(address).toByteArray();
    for (const [key, table] of longestFirst) {
      const [size, length] = key.split(' ').map(Number);
      const found = size === bytes.length ? table.get(truncated(bytes, length!)) : undefined;
      if (!found) continue;
      const named = found.filter(({ service }) => service !== 'AMAZON' && service !== 'EC2');
      const several = named.length > 0 ? named : found.filter(({ service }) => service === 'EC2');
      const left = several.length > 0 ? several : found;
      return left.reduce((best, next) => (next.service.length > best.service.length ? next : best));
    }
    return undefined;
  };
}

const truncated = (bytes: readonly number[], length: number) =>
  bytes.map((byte, i) => byte & (0xff00 >> Math.min(Math.max(length - 8 * i, 0), 8)) & 0xff).join('.');

describe("AWS's published ranges", () => {
  const json = edition();
  const ranges = parseAwsRanges(json, 'ip-ranges.json');
  const expected = search(json);
  const agree = (addresses: Iterable<string>) => {
    const different: unknown[] = [];
    let found = 0;
    for (const address of addresses) {
      const [ours, theirs] = [ranges.of(address), expected(address)];
      if (theirs) found++;
      if (ours?.service !== theirs?.service || ours?.region !== theirs?.region)
        different.push([address, ours, theirs]);
    }
    expect(different).toEqual([]);
    return found;
  };

  it('every block, and its neighbours, are named as a second search names them', () => {
    const blocks = [...json.prefixes, ...json.ipv6_prefixes].map((each) =>
      parseCidr((each as Record<string, string>)['ip_prefix' in each ? 'ip_prefix' : 'ipv6_prefix']!),
    );
    const addresses = blocks.flatMap(({ family, first, last }) => {
      const top = family === 4 ? (1n << 32n) - 1n : (1n << 128n) - 1n;
      return [first, last, first - 1n, last + 1n, (first + last) / 2n]
        .filter((value) => value >= 0n && value <= top)
        .map((value) => addressText(family, value));
    });
    expect(agree(addresses)).toBeGreaterThan(blocks.length);
  });

  it('100,000 random addresses of both families too (seed 20260822)', () => {
    const random = seeded(20260822);
    const blocks = json.ipv6_prefixes.map((each) =>
      ipaddr.parse((each as Record<string, string>).ipv6_prefix!.split('/')[0]!).toByteArray(),
    );
    const addresses = Array.from({ length: 100_000 }, (_, i) => {
      if (i % 2 === 0) return [0, 0, 0, 0].map(() => random.below(256)).join('.');
      // Few random addresses lie in a block of IPv6: half of them begin like one.
      const bytes = Array.from({ length: 16 }, () => random.below(256));
      const begun = i % 4 === 1 ? random.pick(blocks).slice(0, 4 + random.below(5)) : [];
      return new ipaddr.IPv6([...begun, ...bytes.slice(begun.length)]).toString();
    });
    expect(agree(addresses)).toBeGreaterThan(100);
  });

  it('the service that uses a range is named, then EC2, then AMAZON, and unknown codes as they are', () => {
    const { of } = parseAwsRanges(SMALL, 'small');
    expect(rangeName(of('198.51.100.7')!)).toBe('S3 ap-northeast-1');
    expect(rangeName(of('203.0.113.1')!)).toBe('EC2 us-east-1');
    expect(rangeName(of('203.0.113.129')!)).toBe('DYNAMODB us-east-1');
    expect(rangeName(of('192.0.2.1')!)).toBe('CLOUDFRONT_ORIGIN_FACING');
    expect(rangeName(of('255.255.255.255')!)).toBe('NEW_SERVICE ap-northeast-1');
    expect(of('203.0.120.0')).toBeUndefined();
  });

  it.each([
    [{}, 'syncToken or prefixes is missing'],
    [{ ...SMALL, createDate: 'today', syncToken: 'x' }, 'createDate is "today"'],
    [{ ...SMALL, prefixes: [entry('198.51.100.0/40', 'S3')] }, "'198.51.100.0/40' is not a block"],
    [{ ...SMALL, prefixes: [{}] }, 'an entry is {}'],
    [{ ...SMALL, prefixes: 'all' }, 'prefixes is not a list'],
  ])('what is no such file is refused: %#', (content, why) => {
    expect(() => parseAwsRanges(content, 'x.json')).toThrow(
      `x.json is not a file of AWS's address ranges: ${why}.`,
    );
  });
});
