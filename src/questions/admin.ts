import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import { any, join, quotedText, type Sql, sql, trusted } from '../sql/sql.js';
import { type Condition, holds } from './conditions.js';
import { filterOptions, scopeOf, subnetOption, type TypedFilters } from './filters.js';
import { openedOnce } from './opened-once.js';
import type { Question } from './question.js';
import { type PortRange, portIn, Records, type Scope, touching } from './scope.js';
import { descending, fieldKeys, grouped, sums, type Valued } from './shapes.js';

/** A service by which machines are managed, and its ports (IANA service names and port numbers; makers' documents). */
interface Service extends PortRange {
  readonly name: string;
  readonly protocol: number;
}

const [TCP, UDP] = [6, 17] as const;
const service = (name: string, first: number, last = first, protocol: number = TCP): Service => ({
  ...{ name, first, last, protocol },
});

/** UDP 514 is syslog, UDP 22 nothing. */
export const ADMIN_SERVICES: readonly Service[] = [
  service('SSH', 22),
  service('Telnet', 23),
  service('RPC', 135),
  service('NetBIOS', 139),
  service('SMB', 445),
  service('rexec, rlogin, rsh', 512, 514),
  service('IPMI', 623, 623, UDP),
  service('Docker', 2375, 2376),
  service('RDP', 3389),
  service('VNC', 5900, 5909),
  service('WinRM', 5985, 5986),
  service('Kubernetes API', 6443),
  service('kubelet', 10250),
];

/** Who uses SSH, RDP and other ways to manage machines? */
export interface AdminRequest extends Scope {
  /** Either end lies in one of them; empty for all. */
  readonly subnets: readonly Cidr[];
}

/** Of the side that asks, as far as flags and ports tell. `dstPorts` looks at those instead of the usual ones. */
export const admin: Question<AdminRequest, TypedFilters> = {
  name: 'admin',
  summary: 'Who uses SSH, RDP and other ways to manage machines',
  options: [subnetOption('either end', false), ...filterOptions()],
  fields: {
    required: ['srcaddr', 'dstaddr', 'dstport'],
    spare: ['srcport', 'protocol', 'action', 'packets', 'bytes', 'start', 'end'],
    optional: ['tcp_flags', 'log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'Who used them, or tried to',
      line: 'flowlog admin --logs ./my-logs',
    },
    {
      about: 'SSH and RDP only, and only what got through',
      line: 'flowlog admin --dst-port 22,3389 --action accept --logs ./my-logs',
    },
  ],

  async request(options, asking) {
    return {
      ...(await scopeOf(options, asking)),
      subnets: parseBlocks(options.subnet ?? [], options.networks),
    };
  },

  query(request, source) {
    const all = new Records(source, 'admin');
    const served = (port: string, { first, last, protocol }: Service) =>
      sql`(${all.value(port)} BETWEEN ${trusted(String(first))} AND ${trusted(String(last))} AND ${all.value('protocol')} = ${trusted(String(protocol))})`;
    const reaches = (port: string): Sql =>
      request.dstPorts.length > 0
        ? portIn(all.value(port), request.dstPorts)
        : any(ADMIN_SERVICES.map((each) => served(port, each)));
    // Answers belong to the connections that are looked at.
    const connections: Condition = holds(sql`(${reaches('dstport')} OR ${reaches('srcport')})`);
    const match = (each: Records) => [connections, ...touching(each, request.subnets)];
    const opened = openedOnce({ ...request, dstPorts: [] }, all, match, { initiated: true });
    const { records } = opened;
    const names = ADMIN_SERVICES.map(
      (each) => sql`WHEN ${served('dstport', each)} THEN ${trusted(quotedText(each.name))}`,
    );
    const label: Valued = {
      column: { name: 'service', type: 'text' },
      value: sql`CASE ${join(names, ' ')} END`,
    };
    return grouped(request, records, {
      match: [...opened.match, ...(request.dstPorts.length > 0 ? [] : [holds(reaches('dstport'))])],
      keys: [label, ...fieldKeys(['dstport', 'protocol', 'action', 'srcaddr', 'dstaddr'], records, 'admin')],
      measures: sums(request, records),
      order: [descending('flows')],
    });
  },
};
