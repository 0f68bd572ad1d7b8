import { describe, expect, it } from 'vitest';
import { parseAwsRanges } from '../../src/names/aws-ranges.js';
import { type Described, snapshotOf } from '../../src/names/described.js';
import { Inventory } from '../../src/names/inventory.js';
import { Names } from '../../src/names/names.js';
import { decodeTag, type Way, type WayFields, wayAdvice, wayOf } from '../../src/names/ways.js';
import { NO_NETWORKS } from '../../src/net/networks.js';
import { FILES, VPC } from './estate.js';

const described = {
  ...FILES['enis.json'],
  ...FILES['vpcs.json'],
  ...FILES['subnets.json'],
  ...FILES['nats.json'],
  ...FILES['lists.json'],
  VpcEndpoints: [
    ...FILES['endpoints.json'].VpcEndpoints,
    {
      VpcEndpointId: 'vpce-p',
      VpcEndpointType: 'Interface',
      VpcId: VPC,
      ServiceName: 'com.amazonaws.vpce.ap-northeast-1.vpce-svc-01',
      NetworkInterfaceIds: ['eni-00000000000000002'],
    },
  ],
  entries: new Map([['pl-61a54008', ['198.51.100.32/28']]]),
} as unknown as Described;

const inventory = new Inventory([snapshotOf(described, { taken: '2026-06-01T00:00:00Z' })]);
const ranges = parseAwsRanges(
  {
    syncToken: '1780272000',
    createDate: '2026-06-01-00-00-00',
    prefixes: [{ ip_prefix: '198.51.100.48/28', region: 'ap-northeast-1', service: 'DYNAMODB' }],
    ipv6_prefixes: [],
  },
  'ranges',
);
const nobody = new Names({ networks: NO_NETWORKS, inventory: new Inventory([]), ranges: [] });
const everybody = new Names({ networks: NO_NETWORKS, inventory, ranges: [ranges] });
const AT = Date.UTC(2026, 5, 1, 12) / 1000;

const OUTSIDE = '203.0.113.10';
const S3 = '198.51.100.40';
const NOTEBOOK = 'eni-00000000000000001';
const NAT_ENI = 'eni-00000000000000004';
const TGW_ENI = 'eni-00000000000000008';
const [NAT, TGW, ENDPOINT, PRIVATE_LINK] = ['10.10.0.220', '10.10.0.230', '10.10.40.11', '10.10.2.20'];

const egress = (fields: WayFields): WayFields => ({
  flowDirection: 'egress',
  vpcId: VPC,
  interfaceId: NOTEBOOK,
  ...fields,
});
const both = ({ way, leaves }: { way: string; leaves: string }) => `${way}: ${leaves}`;

describe('the way of a flow, by traffic-path alone', () => {
  const destinations = { outside: OUTSIDE, private: '10.10.24.5' };
  const table: Readonly<Record<string, readonly [outside: string, inside: string]>> = {
    // A destination outside was passed on by something in the VPC: nothing says by what.
    1: ['unknown: unknown', 'unknown: unknown'],
    2: ['unknown: unknown', 'unknown: unknown'],
    3: ['virtual private gateway: yes', 'virtual private gateway: yes'],
    4: ['peering: yes', 'peering: yes'],
    5: ['peering: yes', 'peering: yes'],
    6: ['local zone: unknown', 'local zone: unknown'],
    7: ['gateway endpoint: no', 'gateway endpoint: no'],
    8: ['internet gateway: yes', 'internet gateway: yes'],
    9: ['unknown: unknown', 'unknown: unknown'],
    '-': ['unknown: unknown', 'unknown: unknown'],
  };
  for (const [path, expected] of Object.entries(table)) {
    it(`${path}: ${expected.join('; inside the VPC: ')}`, () => {
      const ways = Object.values(destinations).map((dstaddr) =>
        both(wayOf({ dstaddr, trafficPath: path, flowDirection: 'egress' }, nobody, AT)),
      );
      expect(ways).toEqual(expected);
      const number = path === '-' ? null : Number(path);
      expect(both(wayOf({ dstaddr: OUTSIDE, trafficPath: number }, nobody, AT))).toBe(expected[0]);
    });
  }
});

/** For every path: what the next hop's type makes of it. */
describe('every traffic-path with every next-hop-interface-type', () => {
  const decided: Readonly<Record<string, string>> = {
    3: 'virtual private gateway: yes',
    4: 'peering: yes',
    5: 'peering: yes',
    6: 'local zone: unknown',
    7: 'gateway endpoint: no',
    8: 'internet gateway: yes',
  };
  const byHop: Readonly<Record<string, readonly [outside: string, inside: string]>> = {
    nat_gateway: ['NAT gateway: yes', 'NAT gateway: yes'],
    regional_nat_gateway: ['NAT gateway: yes', 'NAT gateway: yes'],
    transit_gateway: ['transit gateway: yes', 'transit gateway: yes'],
    vpc_endpoint: ['unknown: unknown', 'interface endpoint: no'],
    network_load_balancer: ['unknown: unknown', 'same VPC: no'],
    '-': ['unknown: unknown', 'unknown: unknown'],
  };
  for (const path of ['1', '2', '3', '4', '5', '6', '7', '8', '-']) {
    for (const [hop, [outside, inside]] of Object.entries(byHop)) {
      const open = path === '1' || path === '-';
      const expected = open ? [outside, inside] : Array(2).fill(decided[path] ?? 'unknown: unknown');
      it(`${path} ${hop}: ${expected.join('; inside the VPC: ')}`, () => {
        const ways = [OUTSIDE, '10.10.24.5'].map((dstaddr) =>
          both(
            wayOf(
              { dstaddr, trafficPath: path, nextHopInterfaceType: hop, flowDirection: 'egress' },
              nobody,
              AT,
            ),
          ),
        );
        expect(ways).toEqual(expected);
      });
    }
  }
});

describe('every traffic-path with every kind of pkt-dst-aws-service', () => {
  const services: Readonly<Record<string, string>> = {
    S3: 'unknown: unknown',
    DYNAMODB: 'unknown: unknown',
    // A range of S3 can be listed as either.
    AMAZON: 'unknown: unknown',
    EC2: 'unknown: unknown',
    CLOUDFRONT: 'internet gateway: yes',
    '-': 'internet gateway: yes',
  };
  for (const [service, two] of Object.entries(services)) {
    const seven = /^(?:S3|DYNAMODB)$/.test(service)
      ? `gateway endpoint ${service}: no`
      : 'gateway endpoint: no';
    it(`${service}: 2 ${two}, 7 ${seven}, 8 internet gateway: yes`, () => {
      const ways = [2, 7, 8].map((trafficPath) =>
        both(wayOf(egress({ dstaddr: OUTSIDE, trafficPath, pktDstAwsService: service }), nobody, AT)),
      );
      expect(ways).toEqual([two, seven, 'internet gateway: yes']);
    });
  }
});

describe('the way of a flow, with an inventory', () => {
  it.each<[string, WayFields, string]>([
    ['a neighbour', egress({ dstaddr: '10.10.24.17', trafficPath: 1 }), 'same VPC: no'],
    ['an address of the VPC nobody has', egress({ dstaddr: '10.10.77.7', trafficPath: 1 }), 'same VPC: no'],
    ['a neighbour, without the path', egress({ dstaddr: '10.10.24.17' }), 'same VPC: no'],
    [
      'an interface endpoint',
      egress({ dstaddr: ENDPOINT, trafficPath: 1 }),
      'interface endpoint sagemaker.api: no',
    ],
    [
      'an interface endpoint, in version 2',
      { dstaddr: ENDPOINT, interfaceId: NOTEBOOK },
      'interface endpoint sagemaker.api: no',
    ],
    [
      "another customer's service",
      egress({ dstaddr: PRIVATE_LINK, trafficPath: 1 }),
      'interface endpoint vpce.ap-northeast-1.vpce-svc-01: yes',
    ],
    [
      'S3 by the gateway endpoint, by prefix list',
      egress({ dstaddr: S3, trafficPath: 7 }),
      'gateway endpoint S3: no',
    ],
    [
      'DynamoDB by the gateway endpoint, by published range',
      egress({ dstaddr: '198.51.100.50', trafficPath: 7 }),
      'gateway endpoint DYNAMODB: no',
    ],
    ['S3 by the internet gateway', egress({ dstaddr: S3, trafficPath: 8 }), 'internet gateway: yes'],
    ['S3 by either', egress({ dstaddr: S3, trafficPath: 2 }), 'unknown: unknown'],
    [
      'S3 by either, where AWS named no service',
      egress({ dstaddr: S3, trafficPath: 2, pktDstAwsService: '-' }),
      'unknown: unknown',
    ],
    ['outside by path 1', egress({ dstaddr: OUTSIDE, trafficPath: 1 }), 'unknown: unknown'],
    [
      "the NAT gateway's own record",
      egress({ interfaceId: NAT_ENI, dstaddr: OUTSIDE, trafficPath: 8 }),
      'NAT gateway: yes',
    ],
    [
      'the same of a regional NAT gateway',
      { resourceId: 'nat-01', dstaddr: OUTSIDE, trafficPath: 8, flowDirection: 'egress' },
      'NAT gateway: yes',
    ],
    [
      'arriving at the NAT gateway for outside',
      egress({ interfaceId: NAT_ENI, dstaddr: NAT, pktDstaddr: OUTSIDE, flowDirection: 'ingress' }),
      'NAT gateway: yes',
    ],
    [
      'the same without direction and path',
      { vpcId: VPC, interfaceId: NAT_ENI, dstaddr: NAT, pktDstaddr: OUTSIDE },
      'NAT gateway: yes',
    ],
    [
      'an answer arriving at the NAT gateway',
      egress({ interfaceId: NAT_ENI, dstaddr: NAT, pktDstaddr: NAT, flowDirection: 'ingress' }),
      'incoming: no',
    ],
    [
      'arriving at the transit gateway for outside',
      egress({ interfaceId: TGW_ENI, dstaddr: TGW, pktDstaddr: '10.99.0.1', flowDirection: 'ingress' }),
      'transit gateway: yes',
    ],
    [
      'to the transit gateway',
      egress({ dstaddr: TGW, pktDstaddr: '10.99.0.1', trafficPath: 1 }),
      'transit gateway: yes',
    ],
    ['arriving at a host', egress({ dstaddr: '10.10.24.17', flowDirection: 'ingress' }), 'incoming: no'],
    ['refused', egress({ dstaddr: OUTSIDE, trafficPath: 8, action: 'REJECT' }), 'internet gateway: no'],
    [
      'next hop in the VPC',
      egress({ dstaddr: '10.10.24.5', trafficPath: 1, nextHopInterfaceId: 'eni-x', nextHopVpcId: VPC }),
      'same VPC: no',
    ],
    [
      'next hop in the VPC, for elsewhere',
      egress({ dstaddr: OUTSIDE, trafficPath: 1, nextHopInterfaceId: 'eni-x', nextHopVpcId: VPC }),
      'unknown: unknown',
    ],
    [
      'next hop in another VPC',
      egress({ dstaddr: '10.20.0.5', nextHopInterfaceId: 'eni-x', nextHopVpcId: 'vpc-2' }),
      'peering: yes',
    ],
    ['version 2 to outside', { interfaceId: NOTEBOOK, dstaddr: OUTSIDE }, 'unknown: unknown'],
    [
      'version 2 to S3: nothing tells the gateway endpoint from the internet',
      { interfaceId: NOTEBOOK, dstaddr: S3 },
      'unknown: unknown',
    ],
    ['no flow', { dstaddr: '-' }, 'unknown: unknown'],
  ])('%s', (_title, fields, expected) => {
    expect(both(wayOf(fields, everybody, AT))).toBe(expected);
  });

  it.each<[string, WayFields, Way['endpoint']]>([
    [
      'the one that an address belongs to',
      egress({ dstaddr: ENDPOINT, trafficPath: 1 }),
      { id: 'vpce-0c0ffee1', service: 'sagemaker.api', kind: 'interface' },
    ],
    [
      'also where its own interface recorded the flow',
      egress({ dstaddr: ENDPOINT, flowDirection: 'ingress', interfaceId: 'eni-00000000000000003' }),
      { id: 'vpce-0c0ffee1', service: 'sagemaker.api', kind: 'interface' },
    ],
    [
      'also where no interface is recorded',
      { dstaddr: ENDPOINT, flowDirection: 'ingress' },
      { id: 'vpce-0c0ffee1', service: 'sagemaker.api', kind: 'interface' },
    ],
    [
      "the VPC's gateway endpoint of the service",
      egress({ dstaddr: S3, trafficPath: 7 }),
      { id: 'vpce-0c0ffee3', service: 's3', kind: 'gateway' },
    ],
    [
      'the VPC that the interface is in',
      { dstaddr: S3, trafficPath: 7, interfaceId: NOTEBOOK },
      { id: 'vpce-0c0ffee3', service: 's3', kind: 'gateway' },
    ],
    [
      'a gateway endpoint that the inventory lacks',
      egress({ dstaddr: '198.51.100.50', trafficPath: 7 }),
      { service: 'dynamodb', kind: 'gateway' },
    ],
    ['S3 by either', egress({ dstaddr: S3, trafficPath: 2 }), { service: 's3', kind: 'unknown' }],
    ['S3 in version 2', { interfaceId: NOTEBOOK, dstaddr: S3 }, { service: 's3', kind: 'unknown' }],
    ['S3 by the internet gateway', egress({ dstaddr: S3, trafficPath: 8 }), undefined],
    ['S3 by something in the VPC', egress({ dstaddr: S3, trafficPath: 1 }), undefined],
    ['what S3 answered', egress({ dstaddr: S3, flowDirection: 'ingress' }), undefined],
    ['a host', egress({ dstaddr: '10.10.24.17', trafficPath: 1 }), undefined],
  ])('the endpoint: %s', (_title, fields, expected) => {
    expect(wayOf(fields, everybody, AT).endpoint).toEqual(expected);
  });

  it('the endpoint by the description of its interface, where endpoints were not read', () => {
    const { VpcEndpoints: _, ...rest } = described;
    const inventory = new Inventory([snapshotOf(rest, { taken: '2026-06-01T00:00:00Z' })]);
    const names = new Names({ networks: NO_NETWORKS, inventory, ranges: [] });
    expect(wayOf(egress({ dstaddr: ENDPOINT, trafficPath: 1 }), names, AT).endpoint).toEqual({
      ...{ id: 'vpce-0c0ffee1', kind: 'interface' },
    });
  });

  it('logs that do not tell say what to record', () => {
    expect(wayAdvice(() => true)).toBeUndefined();
    expect(wayAdvice((column) => column === 'pkt_dstaddr')).toContain(
      'traffic-path, flow-direction, pkt-dst-aws-service (version 5)',
    );
  });
});

describe('tags of version 11', () => {
  it('are percent-decoded, and left as they are where that cannot be', () => {
    expect(decodeTag('my%2Dapp')).toBe('my-app');
    expect(decodeTag('%E7%A0%94%E7%A9%B6')).toBe('研究');
    expect(decodeTag('100%')).toBe('100%');
  });
});
