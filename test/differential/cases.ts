import { QUESTIONS } from '../../src/questions/index.js';
import { DATASETS, type Dataset } from './datasets.js';
import { day } from './days.js';

/** A question that both engines are asked, of the same logs. */
export interface Case {
  readonly dataset: string;
  /** As typed, without what says which engine and which logs. */
  readonly args: readonly string[];
}

const words = (line: string) => line.split(' ').filter((word) => word !== '');

/** The examples of every question, asked of the edge cases, so that a new question is compared by being listed. */
const EXAMPLES: readonly string[] = QUESTIONS.flatMap(({ name, examples }) => {
  const lines = examples.flatMap(({ line }) => {
    const asked = line.replace(/^flowlog /, '').replace(/ --(?:logs|table) \S+/, '');
    // Words in quotes, files and S3 belong to other suites.
    return /['"]|s3:| -o | --max-scan | --since (?:yesterday|\d+[hd])/.test(asked) ? [] : [asked];
  });
  if (lines.length === 0) throw new Error(`no example of ${name} can be asked of both engines`);
  return lines;
});

/** Ranges of time: days of Tokyo and of UTC, across midnight in each, open ones, empty ones. */
const RANGES: readonly string[] = [
  `--since ${day(1)} --until ${day(2)}`,
  `--since ${day(0)} --until ${day(1)} --tz UTC`,
  `--since ${day(1)}T10:30Z --until ${day(1)}T15:30Z`,
  `--since ${day(0)}T17:30Z --until ${day(1)}T00:30Z`,
  `--since ${day(0)}T16:30 --until ${day(1)}T01:30 --tz America/St_Johns`,
  `--since ${day(1)}T12:00Z`,
  `--since ${day(0)} --until ${day(1)}T12:00Z`,
];

/** An open range of Hive-compatible hours is thousands of folders, to the end of the year: one dataset is asked so. */
const bounded = (name: string, range: string) =>
  /_hive_hourly_/.test(name) && name !== 'text_hive_hourly_default' && !range.includes('--until')
    ? `${range} --until ${day(3)}`
    : range;

/** Questions and options for logs of any format. */
const EGRESS: readonly string[] = [
  'egress --subnet 10.10.24.0/24',
  'egress --subnet 10.10.24.64/26 --action accept',
  'egress --subnet 10.10.2.0/23 --by dstaddr,dstport',
  'egress --subnet 10.10.24.27 --subnet 10.10.24.51/32 --format json',
  'egress --subnet 2001:db8:1234:1a18::/64 --format ndjson',
  'egress --subnet 10.10.24.0/24 --subnet 2001:db8:1234:1a00::/59 --by srcaddr',
  'egress --subnet 10.10.24.0/24 --vpc 10.10.24.0/24 --action reject',
  'egress --subnet 10.10.0.0/16 --exclude 203.0.113.0/25,198.51.100.128/25 --by dstaddr,protocol',
  'egress --subnet 10.10.0.0/17 --protocol udp --protocol icmp',
  'egress --subnet 10.10.0.0/16 --protocol tcp --dst-port 22 --dst-port 8000-9000 --by dstport',
  'egress --subnet 10.10.24.0/24 --limit 7',
  'egress --subnet 10.10.24.0/24 --by dstaddr --limit 2 --format markdown',
  'egress --subnet 10.10.0.0/16 --columns start_time,end,srcaddr,interface_id,log_status,account_id',
  'egress --subnet 10.10.0.0/16 --by interface_id,action',
  'egress --subnet 10.10.0.0/16 --by dstaddr_kind,way,leaves',
  'egress --subnet 10.10.24.0/24 --leaves yes,unknown --columns start_time,srcaddr,dstaddr,dstaddr_name,way --limit 5',
];

/** The other questions, for logs of any format. */
const OTHERS: readonly string[] = [
  'ingress --subnet 10.10.2.0/23',
  'ingress --subnet 10.10.0.0/16 --by srcaddr,action',
  'internal --subnet 10.10.2.0/24 --by dstport,protocol',
  'internal --subnet 10.10.3.0/24 --to 10.10.24.0/26 --limit 20',
  'talkers --limit 50',
  'talkers --by destination --subnet 10.10.24.0/24',
  'talkers --by pair --subnet 10.10.24.0/25 --rare --limit 30',
  'talkers --by interface --format json',
  'rejected --by srcaddr,dstaddr,dstport,protocol',
  'rejected --subnet 10.10.24.0/24 --by dstport',
  'accepted --subnet 10.10.24.64/26 --dst-port 1-1023',
  'accepted --protocol udp --protocol icmp --by dstaddr',
  'ports --subnet 10.10.24.0/24',
  'ports --subnet 10.10.0.0/17 --subnet 2001:db8:1234:1a00::/56 --action accept',
  'admin',
  'admin --dst-port 443 --dst-port 22 --subnet 10.10.24.0/26 --columns service,dstport,srcaddr,flows,bytes',
  'protocols',
  'protocols --subnet 10.10.2.0/23 --format ndjson',
  'trace 198.51.100.0/24',
  'trace 10.10.24.27 --limit 40',
  'trace 10.10.24.0/25 10.10.40.0/24',
  'rejected --hours 20-6 --by srcaddr',
  'egress --subnet 10.10.0.0/16 --hours 9-18 --tz America/St_Johns --by dstaddr',
  'accepted --where protocol=6 --where dstport=22 --where dstport=8443 --by dstaddr',
  'talkers --where interface_id=- --by destination',
  'timeline',
  'timeline --every minute --subnet 10.10.24.0/24 --egress',
  'timeline --every minute --spread --where bytes>1000 --tz Asia/Kathmandu',
  'timeline --every day --tz UTC --format json',
  'scan --min-hosts 8 --min-ports 15',
  'scan --subnet 10.10.2.0/23 --action reject --min-ports 3 --min-hosts 3',
  'beacons --subnet 10.10.24.0/24 --min-contacts 3 --max-jitter 90',
  'beacons --subnet 10.10.0.0/16 --min-contacts 4 --max-jitter 100 --max-bytes 10MB',
  'coverage',
  'coverage --by gap',
  'coverage --interval 60 --late-after 10m --columns interface_id,records,gaps,gap_s,late_files,longest_delay_s',
];

/** Those that need fields of version 3 and later. */
const LATER: readonly string[] = [
  'talkers --where instance_id=- --by interface',
  'talkers --by pair --packet-level --limit 60',
  'talkers --by instance',
  'talkers --by subnet --rare',
  'egress --subnet 10.10.0.0/16 --initiated --by dstaddr,dstport',
  'nat',
  'nat --subnet 10.10.2.0/24 --via 10.10.0.220',
  'endpoints --by service,kind,srcaddr',
  'endpoints --where kind!=unknown --where srcaddr=10.10.24.0/24 --limit 5',
  'trace 2001:db8:ffff::50 203.0.113.10',
];

const EGRESS_LATER: readonly string[] = [
  'egress --subnet 10.10.0.0/16 --by subnet_id,flow_direction,traffic_path',
  'egress --subnet 10.10.0.0/16 --columns start_time,tcp_flags,type,pkt_srcaddr,pkt_dstaddr,instance_id,region',
];

const EDGES: readonly string[] = [
  ...EGRESS,
  ...EGRESS_LATER,
  ...OTHERS,
  ...LATER,
  'costs',
  'costs --by charge,address --zone-price 0.02 --since 2026-01-01',
  'egress --subnet 10.10.24.5 --initiated --columns start_time,tcp_flags,srcport,dstport',
  'trace 10.10.24.5',
  'timeline --every day --tz America/St_Johns',
  'timeline --every hour --tz Asia/Kathmandu --subnet 10.10.24.5',
  ...['10.10.24.0/25', '10.10.24.0/26', '10.10.24.5/32', '10.8.0.0/14', '0.0.0.0/0'].map(
    (block) => `egress --subnet ${block} --vpc ${block}`,
  ),
  ...['2001:db8:1234:1a18::/64', '2001:db8:1234:1a18::4/126', '2001:db8::/32', '::/0', '::ffff:0:0/96'].map(
    (block) => `egress --subnet ${block} --vpc ${block}`,
  ),
  'egress --subnet 2001:db8:1234:1a18::/64 --vpc 2001:db8:1234:1a00::/56',
  'egress --subnet 2001:db8:1234:1a18::/64 --exclude ::ffff:0:0/96,64:ff9b::/96 --by dstaddr',
  'egress --subnet 10.10.24.5 --vpc 10.10.24.5/32 --columns bytes,packets,srcport,dstport,protocol,action',
  'egress --subnet 10.10.24.5 --by action,srcport',
  'egress --subnet 10.10.24.5 --by tcp_flags,flow_direction',
  'egress --subnet 10.10.24.5 --columns srcaddr --limit 3',
];

/** Whose range is of the question itself. */
const NEW: readonly string[] = [
  `new --subnet 10.10.24.0/24 --since ${day(1)} --until ${day(2)} --tz UTC`,
  `new --subnet 10.10.0.0/16 --since ${day(1)}T12:00Z --before 36h --by srcaddr,dstaddr,dstport`,
];

const everyRange = (question: string) => RANGES.map((range) => `${question} ${range}`);

const CLOCKS: readonly string[] = [
  'timeline --every day --tz America/Santiago --since 2026-09-03 --until 2026-09-10',
  'timeline --every day --tz Atlantic/Azores --since 2026-10-24 --until 2026-10-27',
  'timeline --every hour --tz Atlantic/Azores --since 2026-10-24 --until 2026-10-27',
  ...['day', 'hour'].flatMap((unit) => [
    `timeline --every ${unit} --tz Australia/Lord_Howe --since 2026-04-04 --until 2026-04-06`,
    `timeline --every ${unit} --tz America/Santiago --since 2026-03-28`,
  ]),
  ...['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Tokyo'].flatMap((zone) => [
    `egress --subnet 10.10.24.0/24 --tz ${zone} --since 2026-03-28 --until 2026-03-30`,
    `egress --subnet 10.10.24.0/24 --tz ${zone} --since 2026-10-25 --until 2026-10-26 --by srcport`,
    `egress --subnet 10.10.24.0/24 --tz ${zone} --since 2026-04-04 --until 2026-04-06 --format json`,
    ...['minute', 'hour', 'day'].map(
      (unit) => `timeline --every ${unit} --tz ${zone} --since 2026-10-24 --until 2026-10-27`,
    ),
  ]),
];

/** A question is asked of so many kinds of logs, others each time. */
const KINDS = { egress: 4, other: 2 };

function casesOf({ name, fields, fewFolders }: Dataset, number: number): string[] {
  // These have questions of their own.
  if (name.startsWith('oracle_')) return [];
  if (name === 'clocks') return [...CLOCKS];
  if (name === 'edges') {
    return [
      ...EXAMPLES,
      ...EDGES,
      ...NEW,
      ...everyRange('egress --subnet 10.10.24.0/24'),
      ...everyRange('timeline'),
    ];
  }
  const egress = fields === 'default' ? EGRESS : [...EGRESS, ...EGRESS_LATER];
  const others = fields === 'default' ? OTHERS : [...OTHERS, ...LATER];
  const some = (questions: readonly string[], kinds: number) =>
    questions.flatMap((question, i) => {
      if ((i * kinds + number) % DATASETS.length >= kinds) return [];
      // Each with another range on each kind.
      const range = (i + number) % (RANGES.length + 1);
      return `${question} ${bounded(name, RANGES[range] ?? (fewFolders ? '' : RANGES[0]!))}`;
    });
  return [...some(egress, KINDS.egress), ...some(others, KINDS.other), ...(number % 4 === 0 ? NEW : [])];
}

export const CASES: readonly Case[] = DATASETS.flatMap((dataset, number) =>
  casesOf(dataset, number).map((line) => ({ dataset: dataset.name, args: words(line) })),
);
