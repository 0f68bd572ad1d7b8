import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FlowlogError } from '../errors.js';
import type { Described } from './described.js';

type Items = Record<string, unknown>[];

/** The lists that are read, by the property that each of their items has. */
const LISTS = [
  ['NetworkInterfaces', 'NetworkInterfaceId'],
  ['VpcEndpoints', 'VpcEndpointId'],
  ['PrefixLists', 'PrefixListId'],
  ['NatGateways', 'NatGatewayId'],
  ['Subnets', 'SubnetId'],
  ['Vpcs', 'VpcId'],
  ['Instances', 'InstanceId'],
] as const;
type ListName = (typeof LISTS)[number][0];

export interface ReadDescribed {
  readonly described: Described;
  /** What each file was, a sentence each, and what to know of it. */
  readonly notes: readonly string[];
}

/**
 * Reads saved output of `aws ec2 describe-…`, each file recognised by its content.
 *
 * @throws FlowlogError for a file that is none
 */
export async function readDescribed(paths: readonly string[]): Promise<ReadDescribed> {
  const described: Described = {};
  const notes: string[] = [];
  for (const path of paths) notes.push(...addFile(described, path, await readJson(path)));
  return { described, notes };
}

function addFile(described: Described, path: string, json: unknown): string[] {
  const found = listsIn(json);
  if (found.entries) {
    const id = /pl-[0-9a-f]{8,17}/.exec(basename(path))?.[0];
    if (id === undefined) {
      throw new FlowlogError(
        `${path} does not say which prefix list its entries belong to.`,
        'Save the output of get-managed-prefix-list-entries in a file named after the list: pl-0a1b2c3d4e5f67890.json.',
      );
    }
    described.entries ??= new Map();
    described.entries.set(id, [...(described.entries.get(id) ?? []), ...found.entries]);
    return [`${path}: entries of ${id}: ${found.entries.length}`, ...cutNote(path, json)];
  }
  const parts: string[] = [];
  for (const [name, items] of found.lists) {
    const idName = LISTS.find(([list]) => list === name)![1];
    if (!items.every((item) => typeof item?.[idName] === 'string')) {
      throw new FlowlogError(
        `${path}: an item of ${name} has no ${idName}.`,
        'Save the whole output, without --query.',
      );
    }
    const known = described as Record<ListName, Items | undefined>;
    known[name] = [...(known[name] ?? []), ...items];
    parts.push(`${items.length} ${name}`);
  }
  if (parts.length === 0) {
    throw new FlowlogError(
      `${path} is not the output of a known 'aws ec2 describe-…' command.`,
      'Known are describe-network-interfaces, -vpc-endpoints, -managed-prefix-lists, -prefix-lists, -subnets, -vpcs, -nat-gateways, -instances, and get-managed-prefix-list-entries, as JSON.',
    );
  }
  return [`${path}: ${parts.join(', ')}`, ...cutNote(path, json)];
}

function cutNote(path: string, json: unknown): string[] {
  const token = typeof json === 'object' && json !== null && 'NextToken' in json && json.NextToken;
  return token
    ? [`${path} is one page of several: run the command again without --max-items or --no-paginate.`]
    : [];
}

function listsIn(json: unknown): { lists: Array<[ListName, Items]>; entries?: string[] } {
  const lists: Array<[ListName, Items]> = [];
  if (Array.isArray(json)) {
    // What --query 'NetworkInterfaces[]' leaves. Most items name their VPC and subnet too: the order decides.
    const first = json[0] as Record<string, unknown> | undefined;
    const list = first && LISTS.find(([, id]) => id in first);
    if (list) lists.push([list[0], json]);
    return { lists };
  }
  if (typeof json !== 'object' || json === null) return { lists };
  const object = json as Record<string, unknown>;
  if (Array.isArray(object.Entries) && object.Entries.every((entry) => typeof entry?.Cidr === 'string')) {
    return { lists, entries: object.Entries.map(({ Cidr }) => Cidr) };
  }
  for (const [name] of LISTS) if (Array.isArray(object[name])) lists.push([name, object[name] as Items]);
  if (Array.isArray(object.Reservations)) {
    lists.push([
      'Instances',
      object.Reservations.flatMap((each) => (each?.Instances as Items | undefined) ?? []),
    ]);
  }
  return { lists };
}

/** A JSON file, gzipped or not, in UTF-8 or, as PowerShell writes it, UTF-16. */
export async function readJson(path: string): Promise<unknown> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'no such file' : error.code;
    throw new FlowlogError(`${path}: ${why}.`, 'Check the path.');
  });
  try {
    const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    const encoding = plain[0] === 0xff && plain[1] === 0xfe ? 'utf-16le' : 'utf-8';
    return JSON.parse(new TextDecoder(encoding).decode(plain));
  } catch (error) {
    throw new FlowlogError(
      `${path} is not JSON (${(error as Error).message}).`,
      "Save the output as JSON: 'aws ec2 describe-network-interfaces --output json > enis.json'.",
    );
  }
}
