import type { Cidr } from '../net/cidr.js';
import type { Query, Source } from '../sql/query.js';
import { inlined, type Sql, sql } from '../sql/sql.js';
import { fieldColumn, requireField } from './columns.js';
import { conversations, sided } from './conversations.js';
import { openerOf } from './opener.js';
import { Records, type Scope, select, touching } from './scope.js';
import type { Valued } from './shapes.js';

/** What did these addresses have to do with others, in both directions? */
export interface TraceRequest extends Scope {
  readonly addresses: readonly Cidr[];
}

/** A row for each conversation, in the order of time. */
export function trace(request: TraceRequest, source: Source): Query {
  const records = new Records(source, 'trace');
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
      column: fieldColumn(requireField('protocol', source.fields, 'trace')),
      value: records.value('protocol'),
    },
  ];
  const { bySource, byFlags } = openerOf(records);
  // 1 where flags show that the address opened it, 0 where they show that its peer did.
  const opens: Sql = byFlags
    ? sql`CASE WHEN ${byFlags} THEN CASE WHEN (${bySource}) = (${sent}) THEN 1 ELSE 0 END END`
    : sql`CAST(NULL AS INTEGER)`;
  const selection = select(request, records, touching(records, request.addresses));
  const opener: Valued[] = [
    {
      column: { name: 'opened_by', type: 'text' },
      value: sql`CASE WHEN max(opens) = 1 THEN address WHEN max(opens) = 0 THEN peer WHEN port > peer_port THEN address WHEN port < peer_port THEN peer END`,
    },
    {
      column: { name: 'evidence', type: 'text' },
      value: sql`CASE WHEN max(opens) IS NOT NULL THEN 'flags' WHEN port <> peer_port THEN 'ports' END`,
    },
  ];
  return conversations(request, records, selection, {
    keys,
    sent,
    marks: [{ name: 'opens', value: opens, aggregate: 'max' }],
    told: opener,
    order: [sql`min(first_start)`],
  });
}
