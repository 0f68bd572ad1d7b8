import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import { join, quotedText, sql, trusted } from '../sql/sql.js';
import { holds } from './conditions.js';
import { filterOptions, scopeOf, subnetOption, type TypedFilters } from './filters.js';
import type { Question } from './question.js';
import { type PortRange, portIn, Records, type Scope, touching } from './scope.js';
import { descending, fieldKeys, grouped, sums, type Valued } from './shapes.js';

/** A service by which machines are managed, and its ports (IANA service names and port numbers; makers' documents). */
interface Service extends PortRange {
  readonly name: string;
}

const service = (name: string, first: number, last = first): Service => ({ name, first, last });

/** TCP, but for IPMI. */
export const ADMIN_SERVICES: readonly Service[] = [
  service('SSH', 22),
  service('Telnet', 23),
  service('RPC', 135),
  service('NetBIOS', 139),
  service('SMB', 445),
  service('rexec, rlogin, rsh', 512, 514),
  service('IPMI', 623),
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

/** Of the side that asks: a reply's destination port is another. `dstPorts` looks at those instead of the usual ones. */
export const admin: Question<AdminRequest, TypedFilters> = {
  name: 'admin',
  summary: 'Who uses SSH, RDP and other ways to manage machines',
  options: [subnetOption('either end', false), ...filterOptions()],
  fields: {
    required: ['srcaddr', 'dstaddr', 'dstport'],
    spare: ['protocol', 'srcport', 'action', 'packets', 'bytes', 'start', 'end'],
    optional: ['log_status', 'resource_id', 'interface_id'],
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
    const records = new Records(source, 'admin');
    const port = records.value('dstport');
    const names = ADMIN_SERVICES.map(({ name, first, last }) =>
      trusted(`BETWEEN ${first} AND ${last} THEN ${quotedText(name)}`),
    );
    const label: Valued = {
      column: { name: 'service', type: 'text' },
      value: sql`CASE ${join(
        names.map((name) => sql`WHEN ${port} ${name}`),
        ' ',
      )} END`,
    };
    return grouped(request, records, {
      match: [
        ...(request.dstPorts.length > 0 ? [] : [holds(portIn(port, ADMIN_SERVICES))]),
        ...touching(records, request.subnets),
      ],
      keys: [label, ...fieldKeys(['dstport', 'protocol', 'action', 'srcaddr', 'dstaddr'], records, 'admin')],
      measures: sums(request, records),
      order: [descending('flows')],
    });
  },
};
