import { describe, expect, it } from 'vitest';
import { parseAwsRanges } from '../../src/names/aws-ranges.js';
import { DnsNames } from '../../src/names/dns-names.js';
import { Inventory } from '../../src/names/inventory.js';
import { type NameContext, Names } from '../../src/names/names.js';
import type { InterfaceItem, Snapshot } from '../../src/names/snapshot.js';
import { parseCidr } from '../../src/net/cidr.js';
import { Networks } from '../../src/net/networks.js';

const day = (n: number) => Date.UTC(2026, 5, n) / 1000;
const taken = (n: number) => new Date(day(n) * 1000).toISOString();

const eni = (id: string, name: string, address: string, vpc = 'vpc-1'): InterfaceItem => ({
  id,
  vpc,
  addresses: [address],
  tags: { Name: name },
});

const snapshot = (
  n: number,
  interfaces: readonly InterfaceItem[],
  more: Partial<Snapshot> = {},
): Snapshot => ({
  flowlog: 'inventory',
  version: 1,
  taken: taken(n),
  account: '1',
  region: 'r',
  interfaces,
  ...more,
});

const edition = (n: number, service: string) =>
  parseAwsRanges(
    {
      syncToken: String(day(n)),
      createDate: taken(n).slice(0, 19).replace(/[T:]/g, '-'),
      prefixes: [{ ip_prefix: '198.51.100.0/24', region: 'GLOBAL', service }],
      ipv6_prefixes: [],
    },
    service,
  );

function dns() {
  const names = new DnsNames();
  const add = (n: number, name: string, address: string, host: string, vpc = 'vpc-1') =>
    names.add({ time: day(n), name, addresses: [address], host, vpc, type: 'A', rcode: 'NOERROR' });
  add(2, 'old.example', '198.51.100.1', '10.0.0.1');
  add(4, 'new.example', '198.51.100.1', '10.0.0.1');
  add(5, 'other.example', '198.51.100.1', '10.0.0.2');
  add(5, 'foreign.example', '198.51.100.1', '10.0.0.1', 'vpc-2');
  return names;
}

const names = new Names({
  networks: new Networks(new Map([['lab', [parseCidr('10.0.9.0/24')]]])),
  inventory: new Inventory([
    snapshot(10, [eni('eni-b', 'second', '10.0.0.5'), eni('eni-c', 'late', '10.0.0.7')]),
    snapshot(1, [
      eni('eni-a', 'first', '10.0.0.5'),
      eni('eni-d', 'gone', '10.0.0.6'),
      eni('eni-l', 'in lab', '10.0.9.9'),
    ]),
    snapshot(3, [eni('eni-x', 'elsewhere', '10.0.0.5', 'vpc-2'), eni('eni-y', 'far', '10.5.0.5', 'vpc-2')], {
      account: '2',
    }),
  ]),
  dns: dns(),
  ranges: [edition(20, 'NEWER'), edition(5, 'OLDER')],
});

describe('the name of an address', () => {
  const one = (address: string, at?: number, context?: NameContext) => {
    const found = names.of(address, at === undefined ? undefined : day(at), context);
    return (
      found &&
      `${found.kind} ${found.name}${found.asOf === undefined ? '' : ` of ${new Date(found.asOf * 1000).getUTCDate()}`}`
    );
  };
  const vpc1 = { vpcId: 'vpc-1' };

  it.each<[string, string, number | undefined, NameContext, string | undefined]>([
    ['a network of the configuration comes first', '10.0.9.9', 2, vpc1, 'network lab'],
    ['the newest snapshot not later than the record', '10.0.0.5', 2, vpc1, 'interface first'],
    ['and the next one when its time has come', '10.0.0.5', 10, vpc1, 'interface second'],
    ['the present without a time', '10.0.0.5', undefined, vpc1, 'interface second'],
    ['a snapshot of later says its date', '10.0.0.7', 2, vpc1, 'interface late of 10'],
    ['one that no longer stands too', '10.0.0.6', 12, vpc1, 'interface gone of 1'],
    ['before all snapshots', '10.0.0.5', 0, vpc1, 'interface first of 1'],
    [
      'the interface of the record, whoever has the address now',
      '10.0.0.5',
      12,
      { ...vpc1, interfaceId: 'eni-a' },
      'interface first',
    ],
    [
      'but not for the other address of the record',
      '10.0.0.7',
      12,
      { ...vpc1, interfaceId: 'eni-a' },
      'interface late',
    ],
    ['of another VPC with the same address', '10.0.0.5', 5, { vpcId: 'vpc-2' }, 'interface elsewhere'],
    ['none where several have it, and nothing tells which', '10.0.0.5', 5, {}, 'class private'],
    ['of a peer', '10.5.0.5', 5, vpc1, 'interface far'],
    [
      'the name the host asked for before the flow',
      '198.51.100.1',
      3,
      { ...vpc1, host: '10.0.0.1' },
      'domain old.example of 2',
    ],
    ['the latest one', '198.51.100.1', 9, { ...vpc1, host: '10.0.0.1' }, 'domain new.example of 4'],
    [
      'what its VPC asked for, where the host did not',
      '198.51.100.1',
      9,
      { ...vpc1, host: '10.0.0.3' },
      'domain other.example of 5',
    ],
    [
      'not what was asked for after the flow',
      '198.51.100.1',
      1,
      { ...vpc1, host: '10.0.0.1' },
      'aws-service OLDER of 5',
    ],
    ["AWS's ranges of the time", '198.51.100.9', 19, vpc1, 'aws-service OLDER'],
    ["AWS's ranges of now", '198.51.100.9', undefined, vpc1, 'aws-service NEWER'],
    ['the class', '203.0.113.1', 5, vpc1, 'class documentation'],
    ['no address', '-', 5, vpc1, undefined],
  ])('%s', (_title, address, at, context, expected) => {
    expect(one(address, at, context)).toBe(expected);
  });
});
