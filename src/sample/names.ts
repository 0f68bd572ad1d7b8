import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseAwsRanges } from '../names/aws-ranges.js';
import { saveRanges, saveSnapshot } from '../names/inventory-folder.js';
import type { InterfaceItem, Snapshot } from '../names/snapshot.js';
import { AWS, type Interface, type Network, OUTSIDE, RESTLESS } from './network.js';
import { type Random, seeded } from './random.js';

/** Services that the interface endpoints of the VPC are for. */
const SERVICES = [
  'sagemaker.api',
  'sagemaker.runtime',
  'sts',
  'logs',
  'monitoring',
  'ecr.api',
  'ecr.dkr',
  'kms',
];

export interface NamesOf {
  readonly account: string;
  readonly region: string;
  readonly network: Network;
  readonly seed: number;
  /** Unix seconds of the first midnight, UTC. */
  readonly start: number;
  readonly days: number;
}

/** Writes what names the addresses of the sample: `inventory/`, `dns/` and `asn.tsv` below the folder. */
export async function writeNames(folder: string, owners: readonly NamesOf[]): Promise<void> {
  const inventory = join(folder, 'inventory');
  for (const owner of owners) {
    await saveSnapshot(inventory, snapshotOf(owner));
    for (let day = 0; day < owner.days; day++) await writeQueries(join(folder, 'dns'), owner, day);
  }
  const ranges = rangesOf(owners[0]!);
  await saveRanges(inventory, parseAwsRanges(ranges, 'ip-ranges.json'), ranges);
  await writeFile(join(folder, 'asn.tsv'), ASN.map((fields) => `${fields.join('\t')}\n`).join(''));
}

const iso = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;

function snapshotOf({ account, region, network, start }: NamesOf): Snapshot {
  const { vpc, notebooks, workspaces, endpoints, nat } = network;
  const service = (name: string) => `com.amazonaws.${region}.${name}`;
  const host = ({ address }: Interface) => address.split('.').at(-1)!;
  const id = (kind: string, n: number) =>
    `${kind}-0${createHash('sha256').update(`${vpc} ${kind} ${n}`).digest('hex').slice(0, 16)}`;
  const items = (all: readonly Interface[], more: (each: Interface, i: number) => Partial<InterfaceItem>) =>
    all.map(
      (each, i): InterfaceItem => ({
        id: each.id,
        vpc,
        subnet: each.subnet,
        zone: `${region}a`,
        type: 'interface',
        ...more(each, i),
        addresses: [each.address, each.address6],
      }),
    );
  const endpointId = (i: number) => id('vpce', i);
  const natId = id('nat', 0);
  const subnet = (each: Interface, name: string) => {
    const third = each.address.split('.')[2]!;
    const hex = Number(third).toString(16).padStart(2, '0');
    return {
      id: each.subnet,
      vpc,
      name,
      zone: `${region}a`,
      blocks: [`10.10.${third}.0/24`, `2001:db8:1234:1a${hex}::/64`],
    };
  };
  return {
    flowlog: 'inventory',
    version: 1,
    // Before the first record can begin.
    taken: iso(start - 3600),
    account,
    region,
    interfaces: [
      ...items(notebooks, (each) => ({
        description: `[Do not delete] Network Interface created to access resources in your VPC for SageMaker Notebook Instance arn:aws:sagemaker:${region}:${account}:notebook-instance/research-${host(each)}`,
      })),
      ...items(workspaces, () => ({
        description: `Created By Amazon Workspaces for AWS Account ID ${account}`,
      })),
      ...items(endpoints, (_each, i) => ({
        type: 'vpc_endpoint',
        description: `VPC Endpoint Interface ${endpointId(i)}`,
      })),
      ...items([nat], () => ({
        type: 'nat_gateway',
        description: `Interface for NAT Gateway ${natId}`,
        public: ['203.0.113.220'],
      })),
    ],
    endpoints: [
      ...endpoints.map((each, i) => ({
        ...{ id: endpointId(i), type: 'Interface', vpc },
        ...{ service: service(SERVICES[i % SERVICES.length]!), interfaces: [each.id] },
      })),
      ...['s3', 'dynamodb'].map((name, i) => ({
        id: id('vpce-gw', i).replace('-gw', ''),
        type: 'Gateway',
        vpc,
        service: service(name),
      })),
    ],
    prefixLists: [
      { id: 'pl-61a54008', name: service('s3'), owner: 'AWS', blocks: [AWS.s3] },
      { id: 'pl-78a54011', name: service('dynamodb'), owner: 'AWS', blocks: [AWS.dynamodb] },
    ],
    subnets: [
      subnet(notebooks[0]!, 'notebooks'),
      ...[workspaces[0]!, workspaces.at(-1)!].map((each, i) => subnet(each, `workspaces-${i + 1}`)),
      subnet(endpoints[0]!, 'endpoints'),
      subnet(nat, 'public'),
    ],
    vpcs: [{ id: vpc, name: 'ml', blocks: ['10.10.0.0/16', '2001:db8:1234:1a00::/56'] }],
    natGateways: [
      {
        id: natId,
        vpc,
        subnet: nat.subnet,
        name: 'egress',
        connectivity: 'public',
        addresses: ['203.0.113.220', nat.address],
        interfaces: [nat.id],
      },
    ],
    instances: [],
  };
}

/** In the form of AWS's file, over addresses set aside for documentation. */
function rangesOf({ region, start }: NamesOf) {
  const of = (block: string, service: string, at = region) => ({
    [block.includes(':') ? 'ipv6_prefix' : 'ip_prefix']: block,
    ...{ region: at, service, network_border_group: at },
  });
  const every = (block: string, services: readonly string[], at?: string) =>
    ['AMAZON', ...services].map((service) => of(block, service, at));
  return {
    syncToken: String(start - 3600),
    createDate: iso(start - 3600)
      .slice(0, 19)
      .replace(/[T:]/g, '-'),
    prefixes: [
      ...every(AWS.s3, ['S3', 'EC2']),
      ...every(AWS.dynamodb, ['DYNAMODB', 'EC2']),
      ...every('203.0.113.0/25', ['CLOUDFRONT'], 'GLOBAL'),
      ...every('192.0.2.64/26', ['EC2'], 'us-east-1'),
    ],
    ipv6_prefixes: every('2001:db8:ffff::/48', ['CLOUDFRONT'], 'GLOBAL'),
  };
}

/** Autonomous systems for documentation (RFC 5398), in iptoasn's form. */
const ASN = [
  ['198.51.100.0', '198.51.100.31', '64500', 'JP', 'EXAMPLE-CDN'],
  ['198.51.100.64', '198.51.100.127', '64501', 'NL', 'EXAMPLE-SCANNERS'],
  ['198.51.100.128', '198.51.100.255', '64502', 'SE', 'EXAMPLE-HOSTING'],
  ['203.0.113.128', '203.0.113.255', '64503', 'US', 'EXAMPLE-ACCESS'],
];

/** A query as the resolver logs it. */
interface Asked {
  readonly time: number;
  readonly host: string;
  readonly name: string;
  readonly type: string;
  readonly rcode?: string;
  readonly answers?: readonly string[];
}

async function writeQueries(folder: string, owner: NamesOf, day: number): Promise<void> {
  const { account, region, network, seed, start } = owner;
  const random = seeded(seed * 0x01000193 + day * 7919 + 1);
  const from = start + day * 86_400;
  const lines = queries(owner, from, random)
    .sort((a, b) => a.time - b.time || (a.name < b.name ? -1 : 1))
    .map(({ time, host, name, type, rcode = 'NOERROR', answers = [] }) =>
      JSON.stringify({
        ...{ version: '1.100000', account_id: account, region, vpc_id: network.vpc },
        ...{ query_timestamp: iso(time), query_name: `${name}.`, query_type: type, query_class: 'IN', rcode },
        answers: answers.map((Rdata) => ({ Rdata, Type: type, Class: 'IN' })),
        ...{ srcaddr: host, srcport: String(32_768 + random.below(28_232)), transport: 'UDP', srcids: {} },
      }),
    );
  const stamp = iso(from).replaceAll(/[-:]/g, '').slice(0, 13);
  const [year, month, date] = iso(from).slice(0, 10).split('-');
  const hash = createHash('sha256')
    .update(`${seed} dns ${account} ${region} ${day}`)
    .digest('hex')
    .slice(0, 8);
  const name = `${network.vpc}_vpcdnsquerylogs_${account}_${stamp}Z_${hash}.log.gz`;
  const path = join(folder, 'AWSLogs', account, 'vpcdnsquerylogs', network.vpc, year!, month!, date!, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, gzipSync(`${lines.join('\n')}\n`));
}

const SITES = ['mirror.example.com', 'www.example.net', 'docs.example.org', 'files.example.com'];

function queries({ network, region }: NamesOf, from: number, random: Random): Asked[] {
  const { notebooks, workspaces, endpoints } = network;
  const at = (host: number) => notebooks[host - network.firstNotebook]!.address;
  // Before the day's first record.
  const early = from - 120;
  const later = () => from + random.below(86_400);
  const s3 = (bucket: string) => `${bucket}.s3.${region}.amazonaws.com`;
  const asked: Asked[] = [
    {
      time: early,
      host: at(RESTLESS.uploader),
      name: 'drop.example.net',
      type: 'A',
      answers: [OUTSIDE.uploadTo],
    },
    {
      time: early,
      host: at(RESTLESS.uploader),
      name: s3('not-our-bucket'),
      type: 'A',
      answers: [AWS.strangersBucket],
    },
    { time: early, host: at(RESTLESS.ipv6), name: 'cdn.example.com', type: 'AAAA', answers: [OUTSIDE.site6] },
    ...SITES.flatMap((name, i) =>
      [at(RESTLESS.browser), workspaces[0]!.address].map((host) => ({
        ...{ time: early, host, name, type: 'A', answers: [OUTSIDE.sites[i]!] },
      })),
    ),
  ];
  for (let i = 0; i < 80; i++) {
    const host = random.pick(notebooks).address;
    const which = random.below(endpoints.length);
    const name = `${SERVICES[which % SERVICES.length]}.${region}.amazonaws.com`;
    asked.push({ time: later(), host, name, type: 'A', answers: [endpoints[which]!.address] });
    if (i % 4 === 0)
      asked.push({ time: early, host, name: s3('team-data'), type: 'A', answers: [AWS.bucket] });
    if (i % 9 === 0)
      asked.push({
        time: later(),
        host,
        name: `wpad.${region}.compute.internal`,
        type: 'A',
        rcode: 'NXDOMAIN',
      });
  }
  // A tunnel: what is carried out stands in the labels, and no label twice.
  const label = (length: number) => Array.from({ length }, () => random.below(16).toString(16)).join('');
  for (let i = 0; i < 150; i++) {
    const name = `${label(56)}.${label(56)}.t.tunnel.example`;
    const type = random.below(5) === 0 ? 'NULL' : 'TXT';
    asked.push({
      time: later(),
      host: at(RESTLESS.beacon),
      name,
      type,
      ...(random.below(3) === 0 ? { rcode: 'NXDOMAIN' } : {}),
    });
  }
  return asked;
}
