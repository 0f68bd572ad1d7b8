import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { classOf } from '../../src/names/special.js';
import { seeded } from '../../src/sample/random.js';

describe('the class of an address', () => {
  it.each([
    ['10.0.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['100.64.0.0', 'shared'],
    ['100.128.0.0', 'public'],
    ['169.254.169.254', 'link-local'],
    ['127.0.0.53', 'loopback'],
    ['224.0.0.251', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'reserved'],
    ['192.0.0.8', 'reserved'],
    ['192.0.0.9', 'public'],
    ['203.0.113.9', 'documentation'],
    ['198.19.0.1', 'benchmarking'],
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['fd00:ec2::254', 'private'],
    ['fe80::1', 'link-local'],
    ['ff02::1', 'multicast'],
    ['::1', 'loopback'],
    ['::', 'unspecified'],
    ['::2', 'reserved'],
    ['4000::1', 'reserved'],
    ['2001:db8::1', 'documentation'],
    ['3fff:fff::1', 'documentation'],
    ['64:ff9b::a00:1', 'public'],
    ['::ffff:10.0.0.1', 'translation'],
    ['2002::1', 'translation'],
    ['-', undefined],
  ])('%s is %s', (address, expected) => {
    expect(classOf(address)).toBe(expected);
  });

  it('is what the IP library says of random addresses (seed 7)', () => {
    const random = seeded(7);
    const names = {
      private: 'private',
      uniqueLocal: 'private',
      carrierGradeNat: 'shared',
      linkLocal: 'link-local',
      loopback: 'loopback',
      multicast: 'multicast',
    } as const;
    for (let i = 0; i < 20_000; i++) {
      const bytes = Array.from({ length: i % 2 ? 4 : 16 }, () => random.below(256));
      const address = ipaddr.fromByteArray(bytes);
      const range = address.range() as keyof typeof names;
      const ours = classOf(address.toString());
      if (names[range]) expect([address.toString(), ours]).toEqual([address.toString(), names[range]]);
      else expect(Object.values(names)).not.toContain(ours);
    }
  });
});
