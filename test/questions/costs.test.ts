import { describe, expect, it } from 'vitest';
import { VERSION_5_FORMAT } from '../../src/flowlog/log-format.js';
import type { AnswerRow } from '../e2e/asked.js';
import { flowlog } from '../e2e/bin.js';
import { fieldsUpTo, page } from '../page.js';
import { type LogRecord, record } from '../records.js';

const [CLIENT, GATEWAY, S3, SITE] = ['10.0.1.5', '10.0.0.220', '52.219.0.9', '203.0.113.9'];

const flow = (srcaddr: string, dstaddr: string, bytes: number, values: LogRecord = {}): LogRecord =>
  record({
    ...{ srcaddr, dstaddr, bytes, pkt_srcaddr: srcaddr, pkt_dstaddr: dstaddr },
    ...{ flow_direction: 'egress', vpc_id: 'vpc-1', region: 'ap-northeast-1', ...values },
  });

/** What a zonal NAT gateway records of a request to a service and of its answer. */
const gateway = (peer: string, sent: number, received: number, values: LogRecord = {}): LogRecord[] => {
  const own = { interface_id: 'eni-nat', ...values };
  const [to, from] = [{ pkt_dst_aws_service: 'S3' }, { pkt_src_aws_service: 'S3' }];
  return [
    flow(CLIENT, GATEWAY, sent, { ...own, ...to, pkt_dstaddr: peer, flow_direction: 'ingress' }),
    flow(GATEWAY, peer, sent, { ...own, ...to }),
    flow(peer, GATEWAY, received, { ...own, ...from, flow_direction: 'ingress' }),
    flow(GATEWAY, CLIENT, received, { ...own, ...from, pkt_srcaddr: peer }),
  ];
};

async function run(records: readonly LogRecord[], args: readonly string[] = [], fields = VERSION_5_FORMAT) {
  const [folder] = await page(records, fields);
  const shown = ['--format', 'json', '--no-names', '--tz', 'UTC'];
  return flowlog(['costs', '--logs', folder!, ...shown, ...args]);
}

async function asked(...given: Parameters<typeof run>): Promise<AnswerRow[]> {
  const { code, stdout, stderr } = await run(...given);
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as AnswerRow[]).map(
    ({ flows: _f, packets: _p, first_seen: _s, last_seen: _l, ...row }) => row,
  );
}

const none = { from_zone: null, to_zone: null };

describe('what a NAT gateway carried', () => {
  it('counts once, by the addresses in packets where nothing else tells the gateway', async () => {
    const host = { interface_id: 'eni-host', instance_id: 'i-1' };
    const records = [
      ...gateway(S3, 1_000_000_000, 3_000_000_000),
      flow(CLIENT, S3, 1_000_000_000, { ...host, pkt_dst_aws_service: 'S3' }),
      flow(S3, CLIENT, 3_000_000_000, { ...host, pkt_src_aws_service: 'S3', flow_direction: 'ingress' }),
    ];
    expect(await asked(records)).toEqual([
      { charge: 'NAT gateway', service: 's3', via: GATEWAY, ...none, bytes: 4_000_000_000, usd: 0.18 },
    ]);
    expect(await asked(records, ['--by', 'address', '--nat-price', '0.062'])).toEqual([
      { address: CLIENT, bytes: 4_000_000_000, usd: 0.248 },
    ]);
  });

  it('is not what pods, instances and other appliances carried, nor what went elsewhere', async () => {
    const s3 = { pkt_dst_aws_service: 'S3' };
    expect(
      await asked([
        flow(CLIENT, S3, 10, { ...s3, pkt_srcaddr: '10.0.77.7', instance_id: 'i-node' }),
        flow(CLIENT, GATEWAY, 10, {
          ...s3,
          pkt_dstaddr: S3,
          instance_id: 'i-nat',
          flow_direction: 'ingress',
        }),
        ...gateway(SITE, 10, 20).map((each) => ({
          ...each,
          pkt_dst_aws_service: '-',
          pkt_src_aws_service: '-',
        })),
        ...gateway(S3, 10, 20).map((each) => ({ ...each, action: 'REJECT' })),
      ]),
    ).toEqual([]);
    const transit = gateway(S3, 10, 20, { interface_type: 'transit_gateway' });
    expect(await asked(transit, [], fieldsUpTo(11))).toEqual([]);
  });

  it('counts on its outer side where the inner one was not recorded, by its type', async () => {
    const outer = gateway(S3, 500, 700, { interface_type: 'nat_gateway' }).slice(1, 3);
    expect(await asked(outer, ['--by', 'via,address'], fieldsUpTo(11))).toEqual([
      { via: GATEWAY, address: null, bytes: 1200, usd: 0 },
    ]);
  });

  it('counts once for a regional gateway, which has no interface', async () => {
    const regional = { interface_id: '-', vpc_id: '-', resource_id: 'nat-0a' };
    const [to, from] = [{ pkt_dst_aws_service: 'S3' }, { pkt_src_aws_service: 'S3' }];
    const ingress = { flow_direction: 'ingress' };
    const address = '107.22.182.139';
    const records = [
      flow(CLIENT, S3, 1_000_000, { ...regional, ...to, ...ingress }),
      flow(address, S3, 1_000_000, { ...regional, ...to }),
      flow(S3, address, 5_000_000, { ...regional, ...from, ...ingress }),
      flow(S3, CLIENT, 5_000_000, { ...regional, ...from }),
      flow(CLIENT, S3, 1_000_000, { ...to, interface_id: 'eni-host', instance_id: 'i-1' }),
    ];
    const by = ['--by', 'via,address'];
    const answer = [{ via: 'nat-0a', address: CLIENT, bytes: 6_000_000, usd: 0.00027 }];
    expect(await asked(records, by, fieldsUpTo(9))).toEqual(answer);
    const outer = records.slice(1, 3);
    expect(await asked(outer, by, fieldsUpTo(9))).toEqual([{ ...answer[0], address: null }]);
  });
});

describe('what crossed zones', () => {
  const zone = (n: number, values: LogRecord = {}): LogRecord => ({
    az_id: `apne1-az${n}`,
    interface_id: `eni-${n}`,
    ...values,
  });
  const DB = '10.0.2.9';
  const request = (bytes: number, values: LogRecord = {}) => [
    flow(CLIENT, DB, bytes, zone(1, values)),
    flow(CLIENT, DB, bytes, zone(2, { ...values, flow_direction: 'ingress' })),
  ];

  it('counts once where both ends recorded it, and is paid for at both', async () => {
    const records = [...request(1_000_000_000), flow(DB, CLIENT, 5_000_000_000, zone(2))];
    expect(await asked(records)).toEqual([
      {
        ...{ charge: 'zones', service: null, via: null, from_zone: 'apne1-az2', to_zone: 'apne1-az1' },
        ...{ bytes: 5_000_000_000, usd: 0.1 },
      },
      {
        ...{ charge: 'zones', service: null, via: null, from_zone: 'apne1-az1', to_zone: 'apne1-az2' },
        ...{ bytes: 1_000_000_000, usd: 0.02 },
      },
    ]);
    expect(await asked(records, ['--by', 'address', '--zone-price', '0.02'])).toEqual([
      { address: DB, bytes: 5_000_000_000, usd: 0.2 },
      { address: CLIENT, bytes: 1_000_000_000, usd: 0.04 },
    ]);
  });

  it('is told by the next hop where the other end recorded nothing', async () => {
    const sent = flow(CLIENT, DB, 2_000_000, zone(1, { next_hop_az_id: 'apne1-az2' }));
    const by = ['--by', 'from_zone,to_zone'];
    expect(await asked([sent], by, fieldsUpTo(11))).toEqual([
      { from_zone: 'apne1-az1', to_zone: 'apne1-az2', bytes: 2_000_000, usd: 0.00004 },
    ]);
    // The hop to a NAT gateway's interface is no end of the flow.
    const away = flow(CLIENT, SITE, 2_000_000, zone(1, { next_hop_az_id: 'apne1-az2' }));
    expect(await asked([away], by, fieldsUpTo(11))).toEqual([]);
  });

  it('is nothing within a zone, between regions, by endpoints and transit gateways, or where zones differ', async () => {
    expect(await asked([flow(CLIENT, DB, 10, zone(1)), flow(DB, CLIENT, 10, zone(1))])).toEqual([]);
    expect(await asked([flow(CLIENT, DB, 10, zone(1)), flow(DB, CLIENT, 10, { az_id: 'use1-az2' })])).toEqual(
      [],
    );
    for (const type of ['vpc_endpoint', 'transit_gateway']) {
      const [sent, received] = request(10) as [LogRecord, LogRecord];
      expect(await asked([sent, { ...received, interface_type: type }], [], fieldsUpTo(11))).toEqual([]);
    }
    // Two interfaces have the address, as in two VPCs.
    const twice = flow(DB, '10.0.3.3', 10, zone(3, { vpc_id: 'vpc-2' }));
    expect(await asked([...request(10), twice].map((each) => ({ ...each, vpc_id: '-' })))).toEqual([]);
    expect(await asked([...request(10), twice], ['--by', 'to_zone'])).toEqual([
      { to_zone: 'apne1-az2', bytes: 10, usd: 0 },
    ]);
  });
});

describe('logs that do not tell costs', () => {
  it('say what is missing, and do not say that nothing was found', async () => {
    const { code, stderr } = await run([flow(CLIENT, SITE, 10)]);
    expect(code).toBe(0);
    expect(stderr).toContain('NAT gateways are known by the addresses in packets alone');
    expect(stderr).not.toContain('Nothing found');
    const bare = await run([flow(CLIENT, SITE, 10)], [], fieldsUpTo(2));
    expect(bare.code).toBe(1);
    expect(bare.stdout).toBe('');
    expect(bare.stderr).toContain('nothing tells the addresses of S3 and DynamoDB');
  });

  it.each([
    [['--by', 'dstaddr'], "--by 'dstaddr' is not a column of costs."],
    [['--nat-price', 'free'], 'It must be a number of dollars.'],
  ])('%s is refused', async (args, message) => {
    const { code, stderr } = await run([flow(CLIENT, SITE, 10)], args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
