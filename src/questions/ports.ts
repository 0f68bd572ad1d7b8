import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import { inlined, sql } from '../sql/sql.js';
import { filterOptions, scopeOf, subnetOption, type TypedFilters } from './filters.js';
import { openedOnce } from './opened-once.js';
import { servicePort } from './opener.js';
import type { Question } from './question.js';
import { portIn, Records, type Scope, touching } from './scope.js';
import { descending, fieldKeys, grouped, sums, type Valued } from './shapes.js';

/** Which ports do these subnets serve, and which do they reach elsewhere? */
export interface PortsRequest extends Scope {
  readonly subnets: readonly Cidr[];
}

/**
 * A record counts for the port of the side that was opened to: that of the destination, unless flags or ports show that the
 * source answers. `dstPorts` are ports of that side: they keep the answers.
 */
export const ports: Question<PortsRequest, TypedFilters> = {
  name: 'ports',
  summary: 'Which ports a subnet serves, and which it reaches elsewhere',
  options: [subnetOption('either end', true), ...filterOptions()],
  fields: {
    required: ['srcaddr', 'dstaddr', 'srcport', 'dstport'],
    spare: ['protocol', 'packets', 'bytes', 'start', 'end'],
    optional: ['tcp_flags', 'log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'What the notebooks serve and what they reach',
      line: 'flowlog ports --subnet 10.10.24.0/24 --logs ./my-logs',
    },
    {
      about: 'The same as numbers, only what got through',
      line: 'flowlog ports --subnet 10.10.24.0/24 --action accept --format csv --logs ./my-logs',
    },
  ],

  async request(options, asking) {
    return {
      ...(await scopeOf(options, asking)),
      subnets: parseBlocks(options.subnet ?? [], options.networks),
    };
  },

  query(request, source) {
    const all = new Records(source, 'ports');
    const opened = openedOnce({ ...request, dstPorts: [] }, all, (each) => touching(each, request.subnets));
    const { records } = opened;
    const { dstPorts } = request;
    const answers = sql`NOT coalesce(${opened.bySource}, true)`;
    const either = (ifAnswers: string, else_: string) =>
      sql`CASE WHEN ${answers} THEN ${records.value(ifAnswers)} ELSE ${records.value(else_)} END`;
    const server = either('srcaddr', 'dstaddr');
    const client = either('dstaddr', 'srcaddr');
    const served = inlined(records.inside(server, request.subnets));
    const side: Valued = {
      column: { name: 'side', type: 'text' },
      value: sql`CASE WHEN ${served} THEN 'served' WHEN ${server} IS NOT NULL THEN 'reached' END`,
    };
    const port: Valued = { column: { name: 'port', type: 'integer' }, value: either('srcport', 'dstport') };
    const peers: Valued = {
      column: { name: 'peers', type: 'integer' },
      value: sql`count(DISTINCT CASE WHEN ${served} THEN ${client} ELSE ${server} END)`,
    };
    return grouped({ ...request, dstPorts: [] }, records, {
      match: [
        ...opened.match,
        ...(dstPorts.length > 0 ? [servicePort(opened, (each) => portIn(each, dstPorts))] : []),
      ],
      keys: [side, ...fieldKeys(['protocol'], records, 'ports'), port],
      measures: [peers, ...sums(request, records)],
      order: [sql`side DESC`, descending('bytes')],
    });
  },
};
