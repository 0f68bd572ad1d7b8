import type { Planted } from '../../src/sample/planted.js';
import { testFolder } from '../folder.js';
import { ask, type World, world } from './worlds.js';

const PERIODS = ['30s', '60s', '5m', '10m', '1h'];
const JITTERS = [0, 10, 20, 30, 40, 50];
const PORTS = {
  'own ports, 60 s': 'kept=no,interval=60',
  'own ports, 600 s': 'kept=no,interval=600',
  'one connection, 60 s': 'kept=yes,interval=60',
  'one connection, 600 s': 'kept=yes,interval=600',
};
/** With ports of their own, the longer interval changes next to nothing. */
export const FEW_PORTS = Object.keys(PORTS).filter((name) => name !== 'own ports, 600 s');
const INSIDE = '10.10.24.0/24,10.10.2.0/23';
/** What the plain sample does: it is a beacon. */
const OF_SAMPLE = '192.0.2.66';

/** A Markdown table. */
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** How many of the planted are in the answer, and their lowest score. */
interface Found {
  count: number;
  of: number;
  lowest: number;
}

/** Beacons of each period and jitter, beside people who browse: found, and pairs in the answer that are none. */
export async function beaconTable(seeds: readonly number[], ports = Object.keys(PORTS)): Promise<string> {
  const found = new Map<string, Found>();
  const alarms = { 0: 0, 50: 0, 70: 0 };
  for (const seed of seeds) {
    for (const port of ports) {
      const beacons = PERIODS.flatMap((period) =>
        JITTERS.map((jitter) => `beacon=${period},jitter=${jitter},${PORTS[port as keyof typeof PORTS]}`),
      );
      const made = await world(testFolder(), [...beacons, 'browsing=20'], { seed });
      const rows = await ask(made, 'beacons', '--subnet', INSIDE);
      const known = made.truth.filter(({ kind }) => kind === 'beacon');
      known.forEach(({ srcaddr, dstaddr, jitter_percent }, index) => {
        const key = `${PERIODS[Math.floor(index / JITTERS.length)]} ${port} ${jitter_percent}`;
        const own = rows.filter((row) => row.srcaddr === srcaddr && row.dstaddr === dstaddr);
        const before = found.get(key) ?? { count: 0, of: 0, lowest: 100 };
        found.set(key, {
          count: before.count + (own.length > 0 ? 1 : 0),
          of: before.of + 1,
          lowest: Math.min(before.lowest, ...own.map(({ score }) => Number(score))),
        });
      });
      const others = rows.filter(
        ({ dstaddr }) => dstaddr !== OF_SAMPLE && !known.some((each) => each.dstaddr === dstaddr),
      );
      for (const least of [0, 50, 70] as const) {
        alarms[least] += others.filter(({ score }) => Number(score) >= least).length;
      }
    }
  }
  const cell = ({ count, of, lowest }: Found) =>
    count === 0 ? 'missed' : `${count === of ? '' : `${count} of ${of}, `}${lowest}`;
  const rows = PERIODS.flatMap((period) =>
    ports.map((port) => [
      period,
      port,
      ...JITTERS.map((jitter) => cell(found.get(`${period} ${port} ${jitter}`)!)),
    ]),
  );
  const worlds = seeds.length * ports.length;
  return `${table(['period', 'ports, interval', ...JITTERS.map((jitter) => `${jitter} %`)], rows)}

Other pairs in the answer, of ${worlds} worlds: ${alarms[0]}; with \`--min-score 50\` ${alarms[50]}, with \`--min-score 70\` ${alarms[70]}.`;
}

const SCANS: readonly (readonly [string, string])[] = [
  ...['vertical', 'horizontal', 'diagonal'].flatMap((shape) =>
    ['2s', '60s', '2m'].map(
      (every) => [`${shape}, 100 targets, one each ${every}`, `${shape},every=${every}`] as const,
    ),
  ),
  ['block of 25 hosts and 25 ports, one each 2s', 'block,targets=625'],
  ['block of 10 hosts and 10 ports, one each 2s', 'block,targets=100'],
];

/** Scans of four shapes and several paces. */
export async function scanTable(seeds: readonly number[]): Promise<string> {
  const limits = [[], ['--within', '1d']];
  const found = limits.map(() => SCANS.map(() => 0));
  const alarms = [0, 0];
  for (const seed of seeds) {
    const kinds = [...SCANS.map(([, words]) => `scan=${words}`), 'browsing=20'];
    const made = await world(testFolder(), kinds, { seed });
    for (const [index, limit] of limits.entries()) {
      const rows = await ask(made, 'scan', '--subnet', INSIDE, ...limit);
      const sources = new Set(rows.map(({ srcaddr }) => srcaddr));
      SCANS.forEach((_, number) => {
        if (sources.has(made.truth[number]!.srcaddr!)) found[index]![number]!++;
      });
      // The scanner of the plain sample is one.
      const scanners = new Set(['198.51.100.99', ...made.truth.map(({ srcaddr }) => srcaddr)]);
      alarms[index]! += [...sources].filter((source) => !scanners.has(String(source))).length;
    }
  }
  const cell = (count: number) =>
    count === 0 ? 'missed' : count === seeds.length ? 'found' : `${count} of ${seeds.length}`;
  return table(
    ['scan', '`flowlog scan`', '`--within 1d`'],
    [
      ...SCANS.map(([name], number) => [name, ...found.map((each) => cell(each[number]!))]),
      ['other sources in the answer', ...alarms],
    ],
  );
}

/** Data that goes out, through gateways, from pods and amid a failover: bytes of the answer against those sent. */
export async function byteTable(seeds: readonly number[]): Promise<string> {
  const kinds = [
    ...[4444, 33_333, 50_443, 65_000].map((port) => `exfiltration=500MB,port=${port}`),
    'served=300MB,port=50443',
    ...['nat=200MB', 'pods=200MB', 'failover=200MB', 'failover=200MB,interval=600', 'browsing=20'],
  ];
  const rows: Record<string, [number, number]> = {};
  const tell = (name: string, right: boolean) => {
    const before = rows[name] ?? [0, 0];
    rows[name] = [before[0] + (right ? 1 : 0), before[1] + 1];
  };
  for (const seed of seeds) {
    for (const [format, flags] of [
      ['5', 'with flags'],
      ['default', 'without flags'],
    ] as const) {
      const made = await world(testFolder(), kinds, { seed, format });
      const of = (kind: string) => made.truth.filter((each) => each.kind === kind);
      const opened = await ask(
        made,
        'egress',
        '--initiated',
        '--subnet',
        '10.10.24.0/24',
        '--by',
        'dstaddr,dstport',
      );
      const row = ({ dstaddr, dstport }: Planted) =>
        opened.find((each) => each.dstaddr === dstaddr && each.dstport === dstport);
      for (const each of of('exfiltration')) {
        tell(
          `exfiltration to port ${each.dstport}, ${flags}: \`egress --initiated --by\``,
          row(each)?.bytes === each.bytes,
        );
      }
      for (const each of of('served')) {
        tell(`answer from port 50443, ${flags}: left out by \`egress --initiated\``, row(each) === undefined);
      }
      for (const each of of('failover'))
        tell(`failover, ${flags}: one conversation in \`trace\``, await once(made, each));
      if (format === 'default') continue;
      const everywhere = await ask(made, 'egress', '--subnet', '10.10.0.0/16', '--by', 'dstaddr');
      const through = await ask(made, 'nat');
      const pods = await ask(
        made,
        'egress',
        '--packet-level',
        '--subnet',
        '10.10.100.0/24',
        '--by',
        'srcaddr,dstaddr',
      );
      for (const each of [...of('nat'), ...of('pods')]) {
        const own = everywhere.find(({ dstaddr }) => dstaddr === each.dstaddr);
        tell(`${each.kind}: once in \`egress --by\` of the whole VPC`, own?.bytes === each.bytes);
        const pair = through.filter(({ address, peer }) => address === each.srcaddr && peer === each.dstaddr);
        const counted = pair.map(({ sent_bytes, received_bytes }) => [sent_bytes, received_bytes].join());
        tell(`${each.kind}: once in \`nat\``, counted.join(' ') === [each.bytes, each.received_bytes].join());
      }
      for (const each of of('pods')) {
        const own = pods.find(({ srcaddr, dstaddr }) => srcaddr === each.srcaddr && dstaddr === each.dstaddr);
        tell('pods: once in `egress --packet-level --by`', own?.bytes === each.bytes);
      }
    }
  }
  return table(
    ['what', 'right'],
    Object.entries(rows).map(([name, [right, all]]) => [name, `${right} of ${all}`]),
  );
}

async function once(made: World, { srcaddr, dstaddr, bytes, received_bytes }: Planted): Promise<boolean> {
  const rows = await ask(made, 'trace', srcaddr!);
  const own = rows.filter(({ peer }) => peer === dstaddr);
  return own.length === 1 && own[0]!.sent_bytes === bytes && own[0]!.received_bytes === received_bytes;
}
