import { join } from 'node:path';
import { type DEFAULT_FORMAT, parseFormat } from '../../src/flowlog/log-format.js';
import { testFolder, writeFiles } from '../folder.js';
import { type LogRecord, logFile, record, statusRecord } from '../records.js';

/** 2026-06-01 00:00 UTC. */
export const START = 1_780_272_000;
export const HOURS = 3;
export const END = START + HOURS * 3_600;
/** Long enough after the end that no file can come any more. */
export const NOW = END + 2 * 86_400;
export const PERIOD = ['--since', '2026-06-01', '--until', '2026-06-01 03:00', '--tz', 'UTC'];
export const FLAGS = parseFormat(
  '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status} ${tcp-flags} ${flow-direction} ${traffic-path} ${pkt-dst-aws-service}',
);

/** A notebook without traffic, whose record is complete: NODATA in each interval of a minute. */
export function quiet({ except = [] as readonly number[], id = 'eni-0a1b2c3d' } = {}): LogRecord[] {
  return Array.from({ length: HOURS * 60 }, (_, minute) => minute)
    .filter((minute) => !except.includes(minute))
    .map((minute) =>
      statusRecord('NODATA', { interface_id: id, start: START + minute * 60, end: START + minute * 60 + 59 }),
    );
}

/** What the notebook sent, and by default the answer to it. */
/** @param values of the record; `answered: 0` leaves the answer out */
export function flow(values: LogRecord): LogRecord[] {
  const { answered = 1, ...given } = values;
  const sent = record({
    ...{ srcaddr: '10.10.24.17', dstaddr: '203.0.113.9', start: START + 600, packets: 10, bytes: 4_000 },
    ...{ tcp_flags: 3, flow_direction: 'egress' },
    ...given,
  });
  if (answered === 0) return [sent];
  const { srcaddr, dstaddr, srcport, dstport } = sent as Record<string, string | number>;
  const back = { srcaddr: dstaddr!, dstaddr: srcaddr!, srcport: dstport!, dstport: srcport!, tcp_flags: 19 };
  return [sent, { ...sent, ...back, flow_direction: 'ingress', traffic_path: '-' }];
}

export const ALLOW = `[scope]
subnets = ["10.10.24.0/24"]
vpc = ["10.10.0.0/16"]

[[allow]]
from = "10.10.24.0/24"
to = "203.0.113.9/32"
ports = [443]
protocol = "tcp"
reason = "updates"
owner = "platform"
approved = "TICKET-1"
expires = 2027-03-31
`;

export interface World {
  readonly records: readonly LogRecord[];
  readonly allow?: string;
  readonly fields?: typeof DEFAULT_FORMAT;
}

/** A folder with `allow.toml` and `logs/`, and the words that audit it. */
export async function auditWorld(
  { records, allow = ALLOW, fields = FLAGS }: World,
  folder = testFolder(),
): Promise<{ cwd: string; args: string[] }> {
  const cwd = await writeFiles(folder, {
    'allow.toml': allow,
    'logs/flows.log.gz': logFile(records, fields),
  });
  return {
    cwd,
    args: ['audit', '--allow', 'allow.toml', ...PERIOD, '--logs', join(cwd, 'logs')],
  };
}

export const ASSUMED = ['--assume', 'flow-log-config,inventory'];
