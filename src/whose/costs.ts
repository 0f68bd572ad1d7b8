import type { Names } from '../names/names.js';
import { classOf } from '../names/special.js';
import { gatewayServiceOf, isOfNatGateway, partOfNetwork } from '../names/ways.js';
import type { Prices } from '../questions/costs.js';
import type { Column, Result, Row, Value } from '../result.js';
import { Groups } from './groups.js';
import { type Namer, timeIn } from './namer.js';

/** Bytes to a GB, as flowlog shows them. */
const GB = 1e9;

/** What is paid for, of a group of records. */
interface Charge {
  readonly charge: 'NAT gateway' | 'zones';
  readonly service: string | null;
  /** The NAT gateway: its id, or its address. */
  readonly via: string | null;
  /** The host behind the gateway; what sent across zones. */
  readonly address: string | null;
  readonly from_zone: string | null;
  readonly to_zone: string | null;
}

/** A group of records with the columns that the logs have. */
type Fields = (column: string) => string | undefined;

/** The columns of the answer, given the columns of the engine's rows. */
export function costColumns(basis: readonly Column[], keys: readonly string[]): Column[] {
  const measures = basis.slice(basis.findIndex(({ name }) => name === 'flows'));
  return [
    ...keys.map((name): Column => ({ name, type: 'text', ...(name === 'address' ? { address: true } : {}) })),
    ...measures.flatMap((column): Column[] =>
      column.name === 'bytes' ? [column, { name: 'usd', type: 'number' }] : [column],
    ),
  ];
}

/**
 * Sums what is paid for. A byte through a NAT gateway counts once, and so does one that crosses zones; one that does both is paid
 * for twice.
 */
export function sumCosts(
  result: Result,
  { keys, prices, limit }: { keys: readonly string[]; prices: Prices; limit: number | undefined },
  namer: Namer,
): Result {
  const columns = costColumns(result.columns, keys);
  const measures = columns.slice(keys.length);
  const usdAt = columns.findIndex(({ name }) => name === 'usd');
  const counted = { rows: 0, bytes: 0n };
  async function* rows(most = limit): AsyncGenerator<readonly Row[]> {
    const groups = new Groups(measures);
    for await (const [charge, own] of chargesOf(result, namer)) {
      const price = charge.charge === 'zones' ? 2 * prices.zone : prices.nat;
      const given = measures.map(({ name }) => own(name));
      // In billionths of a dollar, which add up exactly.
      given[usdAt - keys.length] = Math.round((Number(own('bytes') ?? 0) / GB) * price * 1e9);
      groups.add(
        keys.map((key) => charge[key as keyof Charge]),
        given,
      );
    }
    const all = groups
      .rows('usd', 'bytes')
      .map((row) => row.with(usdAt, Math.round(Number(row[usdAt]) / 1e3) / 1e6));
    counted.rows = all.length;
    counted.bytes = all.reduce((sum, row) => sum + BigInt(row[usdAt - 1] ?? 0), 0n);
    if (all.length > 0) yield all.slice(0, most);
  }
  return {
    columns,
    rows,
    totals: async () => ({ ...(await result.totals()), ...counted }),
  };
}

type Own = (column: string) => Value;

async function* chargesOf(result: Result, namer: Namer): AsyncGenerator<readonly [Charge, Own]> {
  const places = new Map(result.columns.map(({ name }, i) => [name, i]));
  const time = timeIn(result.columns);
  const all: Row[] = [];
  for await (const batch of result.rows()) all.push(...batch);
  const own = (row: Row) => (column: string) => row[places.get(column) ?? -1] ?? null;
  const fields = (row: Row): Fields => {
    const value = own(row);
    return (column) => {
      const found = value(column);
      return found === null || found === '' ? undefined : String(found);
    };
  };
  const { names } = namer;
  const hosts = new Hosts(names);
  for (const row of all) hosts.add(fields(row));
  const carried = all.map((row) => carriedBy(fields(row), names, time(row)));
  // What a gateway recorded on its inner side it may have recorded on the outer one too.
  const inner = new Set(carried.flatMap((each) => (each?.inner ? [`${each.via} ${each.peer}`] : [])));
  for (const [i, row] of all.entries()) {
    const through = carried[i];
    if (through && (through.inner || !inner.has(`${through.via} ${through.peer}`))) {
      const { service, via, address } = through;
      yield [{ charge: 'NAT gateway', service, via, address, from_zone: null, to_zone: null }, own(row)];
    }
    const crossed = hosts.crossed(fields(row), time(row));
    if (crossed) yield [{ charge: 'zones', service: null, via: null, ...crossed }, own(row)];
  }
}

interface Carried {
  readonly service: string;
  readonly via: string;
  readonly peer: string;
  readonly address: string | null;
  /** Whether it is of the side that knows who is behind the gateway. */
  readonly inner: boolean;
}

const isInside = (address: string) => /^(?:private|shared)$/.test(classOf(address) ?? '');

/** What a NAT gateway recorded of traffic to S3 or DynamoDB. */
function carriedBy(row: Fields, names: Names, at: number | undefined): Carried | undefined {
  const [src, dst] = [row('srcaddr'), row('dstaddr')];
  if (src === undefined || dst === undefined) return undefined;
  const known = isOfNatGateway(row, names, at);
  if (known === false) return undefined;
  const [from, to] = [row('pkt_srcaddr') ?? src, row('pkt_dstaddr') ?? dst];
  const region = row('region');
  const serviceOf = (address: string, code: string) =>
    isInside(address) ? undefined : gatewayServiceOf(address, { code: row(code), region }, names, at);
  const sent = serviceOf(to, 'pkt_dst_aws_service');
  const service = sent ?? serviceOf(from, 'pkt_src_aws_service');
  if (service === undefined) return undefined;
  const out = sent !== undefined;
  const peer = out ? to : from;
  const hidden = out ? to !== dst : from !== src;
  // Where nothing tells what recorded it, a gateway is what hides the other end and is no instance.
  if (known === undefined && (!hidden || row('instance_id') !== undefined)) return undefined;
  const client = out ? src : dst;
  const gateway = hidden ? (out ? dst : src) : client;
  const id = row('interface_id');
  const via =
    (id === undefined ? undefined : names.inventory.natGatewayOf(id, at)?.id) ??
    row('resource_id') ??
    gateway;
  // A regional gateway hides nobody: its outer side has its public address.
  const inner = hidden || (row('resource_id') !== undefined && id === undefined && isInside(client));
  return { service, via, peer, address: inner ? client : null, inner };
}

/** In which zone each address is, and what it belongs to, by the records of its own interface. */
class Hosts {
  private readonly zones = new Map<string, string | null>();
  private readonly free = new Set<string>();

  constructor(private readonly names: Names) {}

  add(row: Fields): void {
    const { own, zone } = ends(row);
    if (own === undefined) return;
    for (const key of [own, `${row('vpc_id')} ${own}`]) {
      const known = this.zones.get(key);
      // Of two zones, as where two VPCs have the address, neither.
      if (zone !== undefined) this.zones.set(key, known === undefined || known === zone ? zone : null);
      if (isFree(row('interface_type'))) this.free.add(key);
    }
  }

  /** From where to where bytes crossed zones that are paid for; undefined where that is not so, or cannot be told. */
  crossed(
    row: Fields,
    at: number | undefined,
  ): Pick<Charge, 'address' | 'from_zone' | 'to_zone'> | undefined {
    const { own, other, sent, zone } = ends(row);
    if (own === undefined || other === undefined || zone === undefined) return undefined;
    // What a NAT gateway recorded towards the inside is a repeat of what the host sent outside, but a way across zones of its own.
    if (row('repeated') === '1' && isOfNatGateway(row, this.names, at) !== true) return undefined;
    if (!isInside(other) && this.zoneOf(other, row) === undefined) return undefined;
    const nextType = row('next_hop_interface_type');
    const hop = nextType === undefined ? row('next_hop_az_id') : undefined;
    const otherZone = this.zoneOf(other, row) ?? hop;
    if (otherZone === undefined || otherZone === zone || regionOf(otherZone) !== regionOf(zone))
      return undefined;
    if (isFree(row('interface_type')) || isFree(nextType)) return undefined;
    if ([own, other].some((address) => this.isFree(address, row, at))) return undefined;
    const [from_zone, to_zone] = sent ? [zone, otherZone] : [otherZone, zone];
    return { address: sent ? own : other, from_zone, to_zone };
  }

  private zoneOf(address: string, row: Fields): string | undefined {
    const zone = this.zones.get(`${row('vpc_id')} ${address}`);
    return (zone === undefined ? this.zones.get(address) : zone) ?? undefined;
  }

  private isFree(address: string, row: Fields, at: number | undefined): boolean {
    const vpc = row('vpc_id');
    if (this.free.has(`${vpc} ${address}`)) return true;
    const part = partOfNetwork(address, vpc, this.names, at);
    return part === 'endpoint' || part === 'transit';
  }
}

/** Between zones, endpoints and transit gateways are free since April 2022 (AWS price reduction). */
const isFree = (type: string | undefined) => type === 'vpc_endpoint' || type === 'transit_gateway';

/** `apne1` of `apne1-az4`: another region's zones are not paid for like this. */
const regionOf = (zone: string) => zone.replace(/-az\d+$/, '');

/** The address of the interface that recorded, and the other one. */
function ends(row: Fields) {
  const direction = row('flow_direction');
  const [src, dst] = [row('srcaddr'), row('dstaddr')];
  const sent = direction === 'egress';
  const [own, other] = direction === undefined ? [] : sent ? [src, dst] : [dst, src];
  return { own, other, sent, zone: row('az_id') };
}
