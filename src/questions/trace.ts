import type { Cidr } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import { inlined, type Sql, sql } from '../sql/sql.js';
import { fieldColumn, requireField } from './columns.js';
import { conversations, sided } from './conversations.js';
import { filterOptions, scopeOf, type TypedFilters } from './filters.js';
import { openedOnce } from './opened-once.js';
import { servicePort } from './opener.js';
import type { Question } from './question.js';
import { portIn, Records, type Scope, select, touching } from './scope.js';
import type { Valued } from './shapes.js';

/** What did these addresses have to do with others, in both directions? */
export interface TraceRequest extends Scope {
  readonly addresses: readonly Cidr[];
}

/** A row for each conversation, in the order of time. */
export const trace: Question<TraceRequest, TypedFilters> = {
  name: 'trace',
  summary: 'Everything to and from addresses: both directions, and who opened each conversation',
  argument: '<address...>',
  options: filterOptions(),
  fields: {
    required: ['srcaddr', 'dstaddr'],
    spare: ['srcport', 'dstport', 'protocol', 'action', 'packets', 'bytes', 'start', 'end'],
    optional: ['tcp_flags', 'log_status', 'resource_id', 'interface_id'],
  },
  examples: [
    {
      about: 'Everything to and from an address, as conversations',
      line: 'flowlog trace 198.51.100.200 --logs ./my-logs',
    },
    {
      about: 'A block and an IPv6 address, in one hour',
      line: "flowlog trace 192.0.2.0/24 2001:db8:ffff::50 --since '2026-06-02 09:00' --until '2026-06-02 10:00' --logs ./my-logs",
    },
  ],

  async request(options, asking) {
    return {
      ...(await scopeOf(options, asking)),
      addresses: parseBlocks(asking.words, options.networks),
    };
  },

  query(request, source) {
    const all = new Records(source, 'trace');
    const touched = (each: Records) => touching(each, request.addresses);
    const opened = openedOnce({ ...request, dstPorts: [] }, all, touched, { numbered: true, merged: true });
    const { records, bySource, byFlags, connection } = opened;
    const [src, dst] = [records.value('srcaddr'), records.value('dstaddr')];
    const traced = (address: Sql) => records.inside(address, request.addresses);
    // Where both ends are traced, a conversation is that of the one that sorts first, so that it still is one.
    const later = sql`(${dst} < ${src} OR (${dst} = ${src} AND ${records.value('dstport')} < ${records.value('srcport')}))`;
    const sent = inlined(sql`(${traced(src)} AND NOT (${traced(dst)} AND ${later}))`);
    const end = sided(records, sent);
    const keys = [
      end('address', 'srcaddr', 'dstaddr'),
      end('port', 'srcport', 'dstport'),
      end('peer', 'dstaddr', 'srcaddr'),
      end('peer_port', 'dstport', 'srcport'),
      {
        column: fieldColumn(requireField('protocol', source, 'trace')),
        value: records.value('protocol'),
      },
    ];
    // 1 where the address opened it, 0 where its peer did.
    const opens = sql`CASE WHEN (${bySource}) = (${sent}) THEN 1 WHEN (${bySource}) <> (${sent}) THEN 0 END`;
    const { dstPorts } = request;
    const selection = select({ ...request, dstPorts: [] }, records, [
      ...opened.match,
      ...(dstPorts.length > 0 ? [servicePort(opened, (each) => portIn(each, dstPorts))] : []),
    ]);
    const opener: Valued[] = [
      {
        column: { name: 'opened_by', type: 'text' },
        value: sql`CASE WHEN max(opens) = 1 THEN address WHEN max(opens) = 0 THEN peer END`,
      },
      {
        column: { name: 'evidence', type: 'text' },
        value: sql`CASE WHEN max(flags) = 1 THEN 'flags' WHEN max(opens) IS NOT NULL THEN 'ports' END`,
      },
    ];
    return conversations(request, records, selection, {
      keys,
      sent,
      connection,
      marks: [
        { name: 'opens', value: opens },
        { name: 'flags', value: sql`CASE WHEN ${byFlags} THEN 1 END` },
      ],
      told: opener,
      order: [sql`min(first_start)`],
    });
  },
};
