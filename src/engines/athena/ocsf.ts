import type { TableColumn } from '../../flowlog/table.js';
import { quotedName } from '../../sql/sql.js';
import type { Held } from './held-field.js';
import { structMembers } from './struct-type.js';

/**
 * Where Amazon Security Lake keeps the fields of a record, in its source versions 1 and 2. Source: the OCSF project's mapping of
 * VPC flow logs, "AWS/v1.1.0/VPC Flowlogs". What the mapping does not name is no field here.
 */
export function isSecurityLake(columns: readonly TableColumn[]): boolean {
  const structs = new Set(columns.filter(({ type }) => structMembers(type)).map(({ name }) => name));
  return ['src_endpoint', 'dst_endpoint', 'connection_info'].every((name) => structs.has(name));
}

export function securityLakeFields(columns: readonly TableColumn[]): Map<string, Held> {
  const at = (path: string): Held | undefined => heldAt(columns, path);
  const fields = new Map<string, Held>();
  const put = (field: string, held: Held | undefined) => {
    if (held && !fields.has(field)) fields.set(field, held);
  };
  put('version', at('metadata.product.version'));
  put('account_id', at('cloud.account.uid'));
  put('account_id', at('accountid'));
  put('region', at('cloud.region'));
  put('az_id', at('cloud.zone'));
  const inbound = whetherInbound(at);
  for (const [field, member] of OF_INTERFACE) put(field, sided(at, inbound, member));
  for (const [side, prefix] of [
    ['src', 'src_endpoint'],
    ['dst', 'dst_endpoint'],
  ] as const) {
    const ip = at(`${prefix}.ip`);
    const hops = at(`${prefix}.intermediate_ips`);
    put(`pkt_${side}addr`, ip);
    // With a NAT between, the packet's address is `ip`, and the interface's own stands beside it.
    put(
      `${side}addr`,
      ip && hops ? { sql: `coalesce(element_at(${hops.sql}, 1), ${ip.sql})`, type: 'string' } : ip,
    );
    put(`${side}port`, at(`${prefix}.port`));
    put(`pkt_${side}_aws_service`, at(`${prefix}.svc_name`));
  }
  put('protocol', at('connection_info.protocol_num'));
  put('tcp_flags', at('connection_info.tcp_flags'));
  put('packets', at('traffic.packets'));
  put('bytes', at('traffic.bytes'));
  for (const name of ['start_time_dt', 'start_time', 'time_dt', 'time']) put('start', at(name));
  for (const name of ['end_time_dt', 'end_time']) put('end', at(name));
  put('action', action(at));
  put('log_status', at('status_code'));
  if (inbound) {
    const sql = `CASE ${inbound} WHEN true THEN 'ingress' WHEN false THEN 'egress' END`;
    put('flow_direction', { sql, type: 'string' });
  }
  return fields;
}

/** Members of the endpoint that the recording interface is: the source of outbound flows, the destination of inbound ones. */
const OF_INTERFACE = [
  ['interface_id', 'interface_uid'],
  ['vpc_id', 'vpc_uid'],
  ['subnet_id', 'subnet_uid'],
  ['instance_id', 'instance_uid'],
] as const;

type At = (path: string) => Held | undefined;

function sided(at: At, inbound: string | undefined, member: string): Held | undefined {
  const [source, destination] = [at(`src_endpoint.${member}`), at(`dst_endpoint.${member}`)];
  if (!source || !destination) return source ?? destination;
  const either = `coalesce(${source.sql}, ${destination.sql})`;
  const sql = inbound
    ? `CASE ${inbound} WHEN true THEN ${destination.sql} WHEN false THEN ${source.sql} ELSE ${either} END`
    : either;
  return { sql, type: 'string' };
}

/** True, false, or NULL where the record does not say. */
function whetherInbound(at: At): string | undefined {
  const direction = at('connection_info.direction');
  if (direction) return `(CASE ${direction.sql} WHEN 'Inbound' THEN true WHEN 'Outbound' THEN false END)`;
  // OCSF's numbers: 1 inbound, 2 outbound.
  const id = at('connection_info.direction_id');
  return id && `(CASE ${id.sql} WHEN 1 THEN true WHEN 2 THEN false END)`;
}

function action(at: At): Held | undefined {
  const said = at('action') ?? at('disposition');
  if (!said) return undefined;
  return {
    sql: `CASE ${said.sql} WHEN 'Allowed' THEN 'ACCEPT' WHEN 'Denied' THEN 'REJECT' WHEN 'Blocked' THEN 'REJECT' ELSE ${said.sql} END`,
    type: 'string',
  };
}

/** A column, or a member of one: `cloud.account.uid`. */
export function heldAt(columns: readonly TableColumn[], path: string): Held | undefined {
  const whole = columns.find(({ name }) => name === path.toLowerCase());
  if (whole) return { sql: quotedName(whole.name), type: whole.type };
  const [first = '', ...members] = path.toLowerCase().split('.');
  let type = columns.find(({ name }) => name === first)?.type;
  for (const member of members) type = type === undefined ? undefined : structMembers(type)?.get(member);
  return type === undefined ? undefined : { sql: [first, ...members].map(quotedName).join('.'), type };
}
