import { FIELDS, type Field } from '../../src/flowlog/fields.js';
import { fileName, folderOf } from '../../src/flowlog/s3-layout.js';
import { writeFiles } from '../folder.js';
import { type LogRecord, logFile, record, statusRecord } from '../records.js';
import { FIRST_DAY } from './days.js';

/** Unix seconds, so many hours after the first day's midnight in UTC. */
const at = (hours: number, seconds = 0) => FIRST_DAY / 1000 + hours * 3600 + seconds;

const V5: readonly Field[] = FIELDS.filter(({ version }) => (version ?? 99) <= 5);

/** A file of AWS, delivered at a moment, in folders of a day. */
function delivered(unixSeconds: number, number: number, records: readonly LogRecord[]): [string, Buffer] {
  const owner = { account: '123456789012', region: 'ap-northeast-1' };
  const folder = folderOf({ layout: 'plain', hourly: false, ...owner }, unixSeconds);
  const name = fileName({
    ...owner,
    flowLogId: 'fl-0123456789abcdef0',
    unixSeconds,
    hash: String(number).padStart(8, '0'),
    format: 'text',
  });
  return [folder + name, logFile(records, V5)];
}

const out = (start: number, values: LogRecord = {}) =>
  record({ srcaddr: '10.10.24.5', dstaddr: '203.0.113.9', start, end: start + 59, type: 'IPv4', ...values });

/** Records at the edges of days, of blocks, of numbers; and late ones. */
export async function writeEdges(folder: string): Promise<string> {
  const MIDNIGHT = { UTC: 24, TOKYO: 15 } as const;
  const files = [
    delivered(at(15, 300), 1, [
      out(at(MIDNIGHT.TOKYO, -1)),
      out(at(MIDNIGHT.TOKYO)),
      out(at(MIDNIGHT.TOKYO, 1), { srcport: 0, dstport: 0, protocol: 1 }),
      statusRecord('SKIPDATA', { start: at(15), end: at(15, 59) }),
      statusRecord('SKIPDATA', { start: at(15, -1), end: at(15, 59) }),
      statusRecord('NODATA', { start: at(15), end: at(15, 59) }),
    ]),
    delivered(at(24, 300), 2, [
      // Ended the day before, delivered after midnight.
      out(at(MIDNIGHT.UTC, -600), { end: at(24, -541) }),
      out(at(MIDNIGHT.UTC, -1)),
      out(at(MIDNIGHT.UTC)),
    ]),
    // An hour late, into the next day's folder.
    delivered(at(25), 3, [out(at(MIDNIGHT.UTC, -3), { bytes: 1, dstaddr: '198.51.100.1' })]),
    delivered(at(30), 4, [
      // Beside the bounds of blocks.
      ...['10.10.23.255', '10.10.24.0', '10.10.24.63', '10.10.24.64', '10.10.24.127', '10.10.24.128'].map(
        (srcaddr, i) => out(at(30, i), { srcaddr }),
      ),
      ...['10.10.24.255', '10.10.25.0', '110.10.24.5', '10.102.4.5'].map((srcaddr, i) =>
        out(at(30, i), { srcaddr }),
      ),
      ...[
        '10.9.255.255',
        '10.10.0.0',
        '10.10.255.255',
        '10.11.0.0',
        '172.217.0.1',
        '169.254.169.254',
        '224.0.0.1',
      ].map((dstaddr, i) => out(at(31, i), { dstaddr })),
      // IPv6, also such as nobody writes it, and IPv4 within it.
      ...[
        '2001:db8:1234:1a18::5',
        '2001:db8:1234:1a18::6',
        '2001:db8:1234:1a18::7',
        '2001:db8:1234:1a19::5',
      ].map((srcaddr, i) => out(at(32, i), { srcaddr, dstaddr: '2001:db8:ffff::50', type: 'IPv6' })),
      ...[
        '2001:db8:1234:1a00::1',
        '2001:db8:1234:1aff::1',
        '2001:db8:1234:1b00::1',
        '::1',
        '64:ff9b::cb00:7109',
        '::ffff:cb00:7109',
      ].map((dstaddr, i) => out(at(32, i), { srcaddr: '2001:db8:1234:1a18::5', dstaddr, type: 'IPv6' })),
      // Numbers as large as they come, and none.
      out(at(33), { packets: '9007199254740993', bytes: '90071992547409931' }),
      out(at(33), { packets: 0, bytes: 0, dstport: 65535, srcport: 65535, protocol: 255 }),
      out(at(33, 1), { bytes: '-', packets: '-', action: '-' }),
      // Alike in all that is shown.
      out(at(34)),
      out(at(34)),
      // Flags, seen and not.
      ...[2, 3, 18, 19, 0, 4, 7, '-'].map((tcp_flags, i) =>
        out(at(35, i), {
          tcp_flags,
          srcport: 40_000 + i,
          flow_direction: i % 2 ? 'ingress' : 'egress',
          traffic_path: i % 2 ? '-' : 8,
        }),
      ),
      // Behind a NAT gateway, and a pod behind its node.
      out(at(36), { dstaddr: '10.10.0.220', pkt_srcaddr: '10.10.24.5', pkt_dstaddr: '203.0.113.77' }),
      // To S3 through a NAT gateway, on both of its sides, and to a host in another zone, at both ends.
      ...['ingress', 'egress'].map((flow_direction) =>
        out(at(37), {
          srcaddr: flow_direction === 'ingress' ? '10.10.24.5' : '10.10.0.220',
          dstaddr: flow_direction === 'ingress' ? '10.10.0.220' : '198.51.100.41',
          interface_id: 'eni-nat',
          pkt_srcaddr: flow_direction === 'ingress' ? '10.10.24.5' : '10.10.0.220',
          pkt_dstaddr: '198.51.100.41',
          pkt_dst_aws_service: 'S3',
          flow_direction,
          bytes: 700_000,
        }),
      ),
      ...['egress', 'ingress'].map((flow_direction, i) =>
        out(at(37), {
          dstaddr: '10.10.2.9',
          interface_id: `eni-zone${i}`,
          az_id: `apne1-az${i + 1}`,
          flow_direction,
          bytes: 900_000,
        }),
      ),
      // Through a gateway endpoint, and by a way that may be one.
      ...[7, 7, 2, 8].map((traffic_path, i) =>
        out(at(36, 2 + i), {
          dstaddr: '198.51.100.40',
          traffic_path,
          flow_direction: 'egress',
          pkt_dst_aws_service: i === 1 ? 'DYNAMODB' : 'S3',
        }),
      ),
      out(at(36, 1), { pkt_srcaddr: '10.10.88.8', pkt_dstaddr: '203.0.113.78' }),
    ]),
    // Nothing but a header.
    delivered(at(40), 5, []),
  ];
  return writeFiles(folder, Object.fromEntries(files));
}

/** Records around the nights in which the clocks of Berlin and the Azores, New York, Lord Howe and Santiago change, in 2026. */
export async function writeClocks(folder: string): Promise<string> {
  const nights = [
    '2026-03-08T07:00Z',
    '2026-03-29T01:00Z',
    '2026-04-04T15:00Z',
    '2026-09-06T04:00Z',
    '2026-10-25T01:00Z',
    '2026-11-01T06:00Z',
  ];
  const files = nights.flatMap((night, i) => {
    const change = Date.parse(night) / 1000;
    return [-7200, -3600, -1, 0, 1, 1800, 3600, 7200].map((seconds, j) =>
      delivered(change + seconds + 300, i * 10 + j, [out(change + seconds, { srcport: 1000 + j })]),
    );
  });
  return writeFiles(folder, Object.fromEntries(files));
}
