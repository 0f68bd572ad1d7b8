import { fieldByName } from '../../src/flowlog/field-names.js';
import { column, type ForeignTable } from '../engines/foreign-tables.js';
import { type LogRecord, record, statusRecord } from '../records.js';

const JUNE = Date.parse('2026-06-01T00:00:00Z') / 1000;
const at = (hours: number, seconds = 0) => JUNE + hours * 3_600 + seconds;

const flow = (hours: number, values: LogRecord): LogRecord =>
  record({
    ...{ srcaddr: '10.10.24.17', dstaddr: '203.0.113.9', start: at(hours), end: at(hours, 59) },
    ...{ vpc_id: 'vpc-1', subnet_id: 'subnet-1', instance_id: 'i-1', tcp_flags: 2, type: 'IPv4' },
    ...{ pkt_srcaddr: '10.10.24.17', pkt_dstaddr: '203.0.113.9', flow_direction: 'egress' },
    ...values,
  });

/** Days of Tokyo begin at 15:00 UTC: records on both sides of both midnights, and others that never match. */
export const RECORDS: readonly LogRecord[] = [
  flow(-1_200, { bytes: 1 }),
  flow(-48, { bytes: 1 }),
  flow(-9.5, { bytes: 2 }),
  flow(-9, { bytes: 3, action: 'REJECT' }),
  flow(-0.1, { bytes: 4, dstport: 22 }),
  flow(0, { bytes: 5, protocol: 17, dstport: 53 }),
  flow(3, { bytes: 2_000_000_000, packets: 5_000_000 }),
  flow(3.5, {
    srcaddr: '203.0.113.9',
    dstaddr: '10.10.24.17',
    srcport: 443,
    dstport: 49152,
    flow_direction: 'ingress',
    tcp_flags: 18,
    pkt_srcaddr: '203.0.113.9',
    pkt_dstaddr: '10.10.24.17',
  }),
  flow(4, {
    srcaddr: '10.10.24.20',
    dstaddr: '10.10.1.1',
    pkt_srcaddr: '10.10.24.20',
    pkt_dstaddr: '10.10.1.1',
  }),
  flow(14.99, { bytes: 7, srcaddr: '10.10.24.30', pkt_srcaddr: '10.10.24.30' }),
  flow(15, { bytes: 8 }),
  flow(40, { bytes: 9 }),
  statusRecord('NODATA', { start: at(5), end: at(5, 59) }),
  statusRecord('SKIPDATA', { start: at(6), end: at(6, 59) }),
];

/** A type of Hive as Trino writes it. */
export function trinoType(type: string): string {
  const [, struct, element] = /^(?:struct<(.*)>|array<(.*)>)$/.exec(type) ?? [];
  if (element !== undefined) return `array(${trinoType(element)})`;
  if (struct === undefined)
    return ({ string: 'varchar', int: 'integer' } as Record<string, string>)[type] ?? type;
  const members: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i <= struct.length; i++) {
    if ('<'.includes(struct[i] ?? ' ')) depth++;
    else if ('>'.includes(struct[i] ?? ' ')) depth--;
    else if ((i === struct.length || struct[i] === ',') && depth === 0) {
      const { Name, Type } = column(struct.slice(from, i));
      members.push(`"${Name}" ${trinoType(Type)}`);
      from = i + 1;
    }
  }
  return `row(${members.join(', ')})`;
}

/** How a table spells the time of delivery in a key, for a timestamp `t`. */
function keyValue(name: string, type: string, { keys, props = {} }: ForeignTable): string {
  const formatted = (format: string) => `format_datetime(t, '${format}')`;
  const projected = props[`projection.${name}.format`];
  if (type === 'date') return 'CAST(t AS date)';
  if (type === 'timestamp') return "CAST(date_trunc('day', t) AS timestamp(3))";
  if (projected !== undefined) return formatted(projected);
  const split = keys.some((key) => key.startsWith('year:'));
  const unit = { year: 'yyyy', month: 'MM', day: 'dd', hour: 'HH' }[name];
  if (unit !== undefined && (split || name === 'hour')) {
    return type === 'int' ? `CAST(${formatted(unit)} AS integer)` : formatted(unit);
  }
  if (/region/.test(name)) return "'ap-northeast-1'";
  if (/acc/.test(name)) return "'123456789012'";
  if (/service/.test(name)) return "'vpcflowlogs'";
  const formats: Record<string, string> = {
    eventday: 'yyyyMMdd',
    ingestdatetime: 'yyyy-MM-dd-HH',
    day: 'yyyy-MM-dd',
  };
  return formatted(formats[name] ?? 'yyyy/MM/dd');
}

const sqlText = (value: string | number) => `'${String(value).replaceAll("'", "''")}'`;

/** A record's value of a column, as the table keeps it. */
function value(
  record: LogRecord,
  name: string,
  type: string,
  table: string,
  said: ReadonlyMap<string, string>,
): string {
  if (table === 'seclake') return securityLake(record, name);
  const field = said.get(name) ?? fieldByName(name)?.column;
  const given = field === undefined ? undefined : record[field];
  if (type === 'string') return given === undefined ? "'-'" : sqlText(given);
  if (given === undefined) return 'NULL';
  if (type === 'timestamp') return `CAST(from_unixtime(${given}) AS timestamp(3))`;
  return table === 'ms' && (field === 'start' || field === 'end') ? `${given}123` : String(given);
}

/** By OCSF's mapping of VPC flow logs: what the interface is stands on its own side. */
function securityLake(record: LogRecord, name: string): string {
  const of = (field: string) => (record[field] === undefined ? 'NULL' : sqlText(record[field]!));
  const number = (field: string) => String(record[field] ?? 'NULL');
  const inbound = record.flow_direction === 'ingress';
  const values: Record<string, string> = {
    metadata: 'ROW(ROW(' + "'2'" + '))',
    time: `${record.start}000`,
    cloud: "ROW('ap-northeast-1')",
    src_endpoint: `ROW(${number('srcport')}, NULL, ${of('srcaddr')}, NULL, ${of('interface_id')}, ${of('vpc_id')}, ${of('instance_id')}, ${of('subnet_id')})`,
    dst_endpoint: `ROW(${number('dstport')}, NULL, ${of('dstaddr')})`,
    connection_info: `ROW(${number('protocol')}, ${number('tcp_flags')}, NULL, NULL, NULL, ${inbound ? 1 : 2}, ${record.srcaddr ? (inbound ? "'Inbound'" : "'Outbound'") : 'NULL'})`,
    traffic: `ROW(${number('packets')}, ${number('bytes')})`,
    status_code: of('log_status'),
    action: record.action === undefined ? 'NULL' : record.action === 'ACCEPT' ? "'Allowed'" : "'Denied'",
    accountid: of('account_id'),
  };
  if (/_dt$/.test(name))
    return `CAST(from_unixtime(${record[name === 'end_time_dt' ? 'end' : 'start']}) AS timestamp(3))`;
  return values[name] ?? 'NULL';
}

/** The statement that creates the table on a Trino, with the records in the partitions of their delivery. */
export function createForeign(name: string, table: ForeignTable, said: ReadonlyMap<string, string>): string {
  const keys = table.keys.map(column).map((key) => ({ ...key, Name: key.Name.toLowerCase() }));
  const columns = table.cols.map(column).filter(({ Name }) => !keys.some((key) => key.Name === Name));
  const rows = RECORDS.map((record) => {
    const t = `CAST(from_unixtime(${record.end}) AS timestamp(3))`;
    return `(${[...columns.map(({ Name, Type }) => `CAST(${value(record, Name, Type, name, said)} AS ${trinoType(Type)})`), t].join(', ')})`;
  });
  const names = [...columns.map(({ Name }) => `"${Name}"`), 't'];
  const shown = [
    ...columns.map(({ Name }) => `"${Name}"`),
    ...table.keys
      .map(column)
      .map(({ Name, Type }) => `${keyValue(Name, Type, table)} AS "${Name.toLowerCase()}"`),
  ];
  const partitioned =
    keys.length === 0 ? '' : `, partitioned_by = ARRAY[${keys.map(({ Name }) => sqlText(Name)).join(', ')}]`;
  return (
    `CREATE TABLE foreign_tables."${name}" WITH (format = 'PARQUET'${partitioned}) AS\n` +
    `SELECT ${shown.join(', ')} FROM (VALUES ${rows.join(',\n')}) AS r(${names.join(', ')})`
  );
}
