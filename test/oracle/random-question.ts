import type { Asked, Options } from './asked.js';
import type { Random } from './random.js';
import type { World } from './world.js';

const SUBNETS = [
  ['10.10.24.0/24'],
  ['10.10.2.0/23'],
  ['10.10.0.0/16'],
  ['10.10.24.4/31'],
  ['10.10.24.5'],
  ['10.10.24.0/24', '2001:db8:1234:1a18::/64'],
  ['10.10.24.0/25', '10.10.2.0/24'],
];
const ZONES = ['Asia/Tokyo', 'UTC', 'Pacific/Honolulu', 'Asia/Kathmandu'];
const TRACED = [
  '203.0.113.9',
  '10.10.24.5',
  '10.10.24.0/24',
  '10.10.2.0/23',
  '198.51.100.0/24',
  '2001:db8::/32',
  '10.10.0.220',
];

/** Every question that has an oracle. */
export const ASKABLE = [
  ...['egress', 'ingress', 'internal', 'talkers', 'rejected', 'accepted', 'ports', 'admin', 'protocols'],
  ...['trace', 'nat', 'timeline', 'scan', 'beacons', 'new', 'coverage'],
] as const;

/** One that this format can answer. */
export function randomQuestion(random: Random, world: World, name: string): Asked {
  const has = (field: string) => world.fields.some(({ column }) => column === field);
  const maybe = <T>(part: number, value: () => T) => (random.chance(part) ? value() : undefined);
  const iso = (epoch: number) => new Date(epoch * 1000).toISOString().replace('.000', '');
  const moment = () =>
    world.first + Math.floor((world.last - world.first) * random.pick([0.1, 0.3, 0.5, 0.7, 0.9]));
  const range = (): Partial<Options> => {
    const [a, b] = [moment(), moment()].sort((x, y) => x - y) as [number, number];
    const kind = random.int(0, 9);
    if (kind < 5) return {};
    if (kind === 5) return { since: iso(a) };
    if (kind === 6) return { until: iso(b) };
    return a < b ? { since: iso(a), until: iso(b) } : {};
  };
  const packetLevel = has('pkt_dstaddr') && random.chance(0.15);
  const filters = (): Partial<Options> => ({
    ...range(),
    ...(packetLevel ? { packetLevel } : {}),
    ...given({
      protocol: maybe(0.15, () => random.some(['tcp', 'udp', 'icmp'], 2)),
      dstPort: maybe(0.15, () => random.pick([['443'], ['1-1023'], ['22', '3389'], ['40000-50000']])),
      hours: maybe(0.08, () => random.pick(['20-6', '9-18', '0-3'])),
      where: maybe(0.12, () => random.some(conditions(has), 2)),
      countAllRecords: maybe(0.1, () => true),
      limit: maybe(0.08, () => String(random.int(1, 8))),
    }),
  });
  const action = () => given({ action: maybe(0.25, () => random.pick(['accept', 'reject'])) });
  const subnet = random.pick(SUBNETS);
  const maybeSubnet = () => given({ subnet: maybe(0.5, () => subnet) });
  const exclude = () => given({ exclude: maybe(0.2, () => ['203.0.113.0/25', '10.20.0.0/16']) });
  const keys = [
    'srcaddr',
    'dstaddr',
    'srcport',
    'dstport',
    'protocol',
    'action',
    'interface_id',
    'az_id',
    'subnet_id',
  ];
  const by = (part: number) => given({ by: maybe(part, () => random.some(keys.filter(has), 3)) });
  const shown = () => {
    const columns = [
      'start_time',
      'end',
      ...keys,
      'bytes',
      'tcp_flags',
      'pkt_dstaddr',
      'log_status',
      'end_time',
    ];
    return random.some(
      columns.filter((column) => has(column.replace(/_time$/, ''))),
      5,
    );
  };
  const byOrColumns = () => {
    const sums = by(0.65);
    return sums.by ? sums : given({ columns: maybe(0.4, shown) });
  };
  const tz = random.pick(ZONES);
  const ask = (options: Partial<Options>, words: readonly string[] = []): Asked => ({
    question: name,
    words,
    options: { tz, ...filters(), ...options },
  });
  switch (name) {
    case 'egress':
      return ask({
        subnet,
        ...exclude(),
        ...action(),
        ...byOrColumns(),
        ...given({ initiated: maybe(0.3, () => true) }),
      });
    case 'ingress':
      return ask({ subnet, ...exclude(), ...action(), ...byOrColumns() });
    case 'internal':
      return ask({
        subnet,
        ...action(),
        ...byOrColumns(),
        ...given({ to: maybe(0.3, () => ['10.10.24.0/24']) }),
      });
    case 'talkers': {
      const ids = ['interface', 'instance', 'subnet'].filter((each) => has(`${each}_id`));
      const what = random.pick(['source', 'destination', 'pair', ...ids]);
      return ask({ ...maybeSubnet(), ...action(), by: [what], ...given({ rare: maybe(0.2, () => true) }) });
    }
    case 'rejected':
    case 'accepted':
      return ask({ ...maybeSubnet(), ...by(0.5) });
    case 'ports':
      return ask({ subnet, ...action() });
    case 'admin':
    case 'protocols':
      return ask({ ...maybeSubnet(), ...action() });
    case 'trace':
      return ask(action(), random.some(TRACED, 2));
    case 'nat':
      return ask({ ...maybeSubnet(), ...action(), ...given({ via: maybe(0.3, () => ['10.10.0.220']) }) });
    case 'timeline': {
      const egress = random.chance(0.3);
      const every = random.pick(['minute', 'hour', 'day'] as const);
      const spread = given({ spread: maybe(0.4, () => true) });
      return ask({
        every,
        ...spread,
        ...action(),
        ...(egress ? { subnet, egress, ...exclude() } : maybeSubnet()),
      });
    }
    case 'scan': {
      const few = () => String(random.pick([2, 3, 5, 20]));
      const within = given({ within: maybe(0.5, () => random.pick(['1m', '10m', '600m'])) });
      return ask({ ...maybeSubnet(), ...action(), minPorts: few(), minHosts: few(), ...within });
    }
    case 'beacons':
      return ask({
        ...{ subnet, ...exclude(), ...action() },
        minContacts: String(random.pick([3, 4, 10])),
        ...given({
          maxJitter: maybe(0.6, () => random.pick(['10', '100', '300'])),
          maxBytes: maybe(0.6, () => random.pick(['1000', '100000000'])),
          minScore: maybe(0.2, () => random.pick(['20', '50'])),
        }),
      });
    case 'new': {
      const since = world.first + Math.floor((world.last - world.first) * random.pick([0.3, 0.6]));
      const until = world.last + 600;
      const before = given({ before: maybe(0.5, () => random.pick(['1h', '5h', '24h'])) });
      return ask({
        subnet,
        ...exclude(),
        ...action(),
        ...by(0.5),
        ...before,
        since: iso(since),
        until: iso(until),
      });
    }
    case 'coverage':
      return {
        question: name,
        words: [],
        options: {
          ...{ tz, ...range() },
          ...given({
            interval: maybe(0.4, () => random.pick(['60', '600'] as const)),
            by: maybe(0.5, () => [random.pick(['gap', 'hour', 'day'])]),
            interface: maybe(0.3, () => random.some(['eni-1', 'eni-4', 'eni-none'])),
          }),
        },
      };
    default:
      throw new Error(`no random question of ${name}`);
  }
}

/** Whether logs with these fields can answer it. */
export function canAnswer({ fields }: World, name: string): boolean {
  const has = (field: string) => fields.some(({ column }) => column === field);
  if (name === 'nat') return has('pkt_dstaddr');
  return name !== 'coverage' || has('interface_id');
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const given = <T extends object>(options: T): Given<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>;

function conditions(has: (field: string) => boolean): string[] {
  const all = [
    ...['bytes>1000', 'bytes<6000', 'dstport=1024-65535', 'srcport=443', 'srcaddr=10.10.24.0/24'],
    ...[
      'dstaddr!=203.0.113.0/24',
      'action=accept',
      'action!=REJECT',
      'protocol=6',
      'protocol=17',
      'packets>1',
    ],
    ...[
      'instance_id=-',
      'interface_id=eni-1',
      'interface_id!=eni-8',
      'tcp_flags=2',
      'tcp_flags!=2',
      'az_id=apne1-az1',
    ],
  ];
  return all.filter((text) => has(/^\w+/.exec(text)![0]));
}
