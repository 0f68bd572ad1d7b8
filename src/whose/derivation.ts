import { UsageError } from '../errors.js';
import { columnOf, type FieldSet } from '../flowlog/fields.js';
import { KINDS, type Names } from '../names/names.js';
import {
  ENDPOINT_KINDS,
  isWay,
  LEAVES,
  type ReachedEndpoint,
  WAY_COLUMNS,
  WAYS,
  type Way,
} from '../names/ways.js';
import type { CostsRequest, Prices } from '../questions/costs.js';
import type { FlowsRequest } from '../questions/flows.js';
import type { Scope } from '../questions/scope.js';
import type { Where } from '../questions/where.js';

const ADDRESSES = ['srcaddr', 'dstaddr', 'pkt_srcaddr', 'pkt_dstaddr'];
const OF_ADDRESS = /^(.+)_(name|kind)$/;

/** What columns of an endpoint tell: its id, the service it is for, and its kind. */
const OF_ENDPOINT: Readonly<Record<string, keyof ReachedEndpoint>> = {
  endpoint: 'id',
  service: 'service',
  kind: 'kind',
};
export const isOfEndpoint = (name: string): boolean => name in OF_ENDPOINT;

/** A column of the way that a flow took. */
export const ofWay = (way: Way, name: string): string | null =>
  name === 'way' || name === 'leaves' ? way[name] : (way.endpoint?.[OF_ENDPOINT[name]!] ?? null);

/** Columns that no record has: they follow from its own, and from what is known of addresses at its time. */
export const isDerived = (name: string): boolean =>
  name === 'way' ||
  name === 'leaves' ||
  isOfEndpoint(name) ||
  ADDRESSES.includes(OF_ADDRESS.exec(name)?.[1] ?? '');

/** An answer with derived columns, as a plan: what the engine is asked, and what is made of its rows. */
export interface Derivation {
  /** Keys of groups, or columns of records, in the order of the answer. */
  readonly columns: readonly string[];
  readonly grouped: boolean;
  /** Conditions on derived columns. */
  readonly where: readonly Where[];
  readonly limit: number | undefined;
  /** Of costs, whose columns follow from all records together. */
  readonly prices?: Prices;
}

/**
 * The derived columns in a request; undefined where it has none.
 *
 * @param usual the columns of a row per record, where the request names none
 */
export function derivationOf(request: Scope, usual: readonly string[]): Derivation | undefined {
  if (isCosts(request)) {
    const { by, prices, limit } = request;
    return { columns: by, grouped: true, where: [], limit, prices };
  }
  if (!isFlows(request)) return undefined;
  const { by, columns, limit } = request;
  const grouped = by.length > 0;
  const where = (request.where ?? []).filter(({ field }) => isDerived(field));
  const chosen = (grouped ? by : columns.length > 0 ? columns : usual).map(columnOf);
  if (where.length === 0 && !chosen.some(isDerived)) return undefined;
  for (const each of where) checkWhere(each);
  return { columns: chosen, grouped, where, limit };
}

const isCosts = (request: Scope): request is CostsRequest => 'prices' in request;

const isFlows = (request: Scope): request is FlowsRequest => 'by' in request && 'columns' in request;

/** The values of a derived column that has few. */
function valuesOf(field: string): readonly string[] | undefined {
  if (OF_ADDRESS.exec(field)?.[2] === 'kind') return KINDS;
  return field === 'leaves' ? LEAVES : field === 'kind' ? ENDPOINT_KINDS : undefined;
}

function checkWhere({ field, texts = [] }: Where): void {
  const lost = field === 'way' ? texts.find((text) => !WAYS.some((way) => isWay(text, way))) : undefined;
  if (lost !== undefined) throw new UsageError(`'${lost}' is not a way.`, `The ways are ${WAYS.join(', ')}.`);
  const known = valuesOf(field);
  const wrong = known && texts.find((text) => !known.includes(text));
  if (wrong !== undefined)
    throw new UsageError(`'${wrong}' is not a value of ${field}.`, `The values are ${known!.join(', ')}.`);
}

/** What the engine is asked: the columns that the derived ones follow from, all of them. */
export function basisOf<R extends Scope>(
  request: R,
  derivation: Derivation,
  fields: FieldSet,
  names: Names,
): R {
  const { columns, grouped, where, prices } = derivation;
  if (prices) return { ...request, epochs: names.changes, limit: undefined };
  const needed = new Set(columns.filter((name) => !isDerived(name)));
  for (const name of [...columns, ...where.map(({ field }) => field)].filter(isDerived)) {
    for (const each of basisOfColumn(name, fields, names)) needed.add(each);
  }
  const basis = {
    ...(grouped ? { by: [...needed], epochs: names.changes } : { columns: [...needed, 'start'] }),
    where: (request as Scope).where?.filter((each) => !where.includes(each)),
    limit: basisLimit(derivation),
  };
  return { ...request, ...basis };
}

/** Groups become fewer, and records drop out, when names are known: only then is a limit reached. */
export const basisLimit = ({ grouped, where, limit }: Derivation): number | undefined =>
  grouped || where.length > 0 ? undefined : limit;

function basisOfColumn(name: string, fields: FieldSet, names: Names): string[] {
  const recorded = (list: readonly string[]) => list.filter((each) => fields.has(each));
  const address = OF_ADDRESS.exec(name)?.[1];
  if (address === undefined)
    return ['dstaddr', ...recorded([...WAY_COLUMNS, ...(name === 'leaves' ? ['action'] : [])])];
  const { inventory, asksDns } = names;
  return [
    address,
    ...(inventory.isEmpty ? [] : recorded(['interface_id', 'vpc_id'])),
    ...(asksDns ? recorded([otherEnd(address), 'vpc_id']) : []),
  ];
}

/** The host at the other end may have asked for the name of this one. */
export const otherEnd = (address: string): string =>
  address.includes('src') ? address.replace('src', 'dst') : address.replace('dst', 'src');

/** Whether values of derived columns meet a condition. Of a way, its beginning is enough: `gateway endpoint`. */
export function meets({ field, not, none, texts = [] }: Where, value: string | null): boolean {
  const met =
    value === null ? none : texts.some((text) => (field === 'way' ? isWay(value, text) : value === text));
  return met !== not;
}
