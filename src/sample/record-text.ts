import type { Field } from '../flowlog/fields.js';
import type { Network } from './network.js';
import type { Flow } from './traffic.js';

/** What the records of one flow log have in common. */
export interface Origin {
  readonly account: string;
  readonly region: string;
  readonly network: Network;
  readonly version: number;
}

type Writer = (flow: Flow) => string | number;

/** Absent in records that tell of no flow. */
const ofFlow =
  (value: Writer): Writer =>
  (flow) =>
    flow.status === 'OK' ? value(flow) : '-';

const leavesVpc = (flow: Flow) => !flow.dst.startsWith('10.10.') && !flow.dst.startsWith('2001:db8:1234:1a');

/** Opening and answering show; what only flows on (ACK, PSH) is 0. */
function tcpFlags(flow: Flow): string | number {
  if (flow.protocol !== 6) return '-';
  if (flow.flags !== undefined) return flow.flags;
  if (flow.action === 'REJECT') return 2;
  return flow.opener ? 3 : 19;
}

function writers(origin: Origin): Record<string, Writer> {
  const { account, region, network, version } = origin;
  const zone = `${region.replace(/[^a-z]*([a-z])[a-z]*-?/g, '$1')}1-az1`;
  return {
    version: () => version,
    account_id: () => account,
    interface_id: (flow) => flow.interface.id,
    srcaddr: ofFlow((flow) => flow.src),
    dstaddr: ofFlow((flow) => flow.dst),
    srcport: ofFlow((flow) => flow.srcport),
    dstport: ofFlow((flow) => flow.dstport),
    protocol: ofFlow((flow) => flow.protocol),
    packets: ofFlow((flow) => flow.packets),
    bytes: ofFlow((flow) => flow.bytes),
    start: (flow) => flow.start,
    end: (flow) => flow.end,
    action: ofFlow((flow) => flow.action),
    log_status: (flow) => flow.status,
    vpc_id: () => network.vpc,
    subnet_id: (flow) => flow.interface.subnet,
    instance_id: (flow) => flow.interface.instance,
    tcp_flags: ofFlow(tcpFlags),
    type: ofFlow((flow) => (flow.src.includes(':') ? 'IPv6' : 'IPv4')),
    pkt_srcaddr: ofFlow((flow) => flow.pktSrc),
    pkt_dstaddr: ofFlow((flow) => flow.pktDst),
    region: () => region,
    az_id: () => zone,
    flow_direction: ofFlow((flow) => flow.direction),
    traffic_path: ofFlow((flow) =>
      flow.direction === 'ingress' ? '-' : (flow.path ?? (leavesVpc(flow) ? 8 : 1)),
    ),
    pkt_dst_aws_service: ofFlow((flow) => flow.service ?? '-'),
    encryption_status: ofFlow(() => 0),
    instance_tag: (flow) => (flow.interface.instance === '-' ? '-' : 'research%20team'),
    interface_type: (flow) => flow.interface.type,
  };
}

/** A function that writes a flow as a line, without its end, in a format. Fields that say nothing here are `-`. */
export function recordWriter(fields: readonly Field[], origin: Origin): (flow: Flow) => string {
  const known = writers(origin);
  const used = fields.map(({ column }) => known[column] ?? (() => '-'));
  const last = used.length - 1;
  return (flow) => {
    let line = '';
    for (let i = 0; i < last; i++) line += `${used[i]!(flow)} `;
    return line + used[last]!(flow);
  };
}
