import type { Field } from '../../src/flowlog/fields.js';
import type { LogRecord } from '../records.js';
import type { Asked, Options } from './asked.js';

export type Cell = string | number | null;

/** A record as it was written; what it does not have is null. */
export class Flow {
  /** Whether its source opened the connection; null where nothing tells. */
  bySource: boolean | null = null;
  byFlags = false;
  connection = 0;

  constructor(private readonly values: ReadonlyMap<string, Cell>) {}

  get(field: string): Cell {
    return this.values.get(field) ?? null;
  }

  text(field: string): string | null {
    return this.get(field) as string | null;
  }

  number(field: string): number | null {
    return this.get(field) as number | null;
  }

  get start(): number {
    return this.number('start')!;
  }

  get end(): number {
    return this.number('end')!;
  }

  get accepted(): boolean {
    return this.get('action') !== 'REJECT';
  }

  /** Whether the packets have another address than the record, at this end. */
  hidden(end: 'srcaddr' | 'dstaddr'): boolean {
    const inPacket = this.get(`pkt_${end}`);
    return inPacket !== null && this.get(end) !== null && inPacket !== this.get(end);
  }

  /** The address in the packets, else that of the record. */
  packet(end: 'srcaddr' | 'dstaddr'): string | null {
    return this.text(`pkt_${end}`) ?? this.text(end);
  }
}

export function readFlows(records: readonly LogRecord[], fields: readonly Field[]): Flow[] {
  return records.map((record) => {
    const values = fields.map(({ column }): [string, Cell] => {
      const value = record[column];
      return [column, value === undefined || value === '-' ? null : value];
    });
    return new Flow(new Map(values));
  });
}

/** An address as a number, and the bits that its family has. */
function numbered(address: string): { value: bigint; bits: number } {
  if (!address.includes(':')) {
    return { value: address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n), bits: 32 };
  }
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const [first, last] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const all = [...first, ...Array<string>(zeros).fill('0'), ...last];
  return { value: all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n), bits: 128 };
}

/** Whether an address lies in one of some blocks, as text. */
export function inBlocks(address: string, blocks: readonly string[]): boolean {
  const { value, bits } = numbered(address);
  return blocks.some((block) => {
    const [base, prefix] = block.split('/') as [string, string?];
    const first = numbered(base);
    const rest = BigInt(bits - Number(prefix ?? bits));
    return first.bits === bits && value >> rest === first.value >> rest;
  });
}

/** What a question sees of records: addresses of one level, and which of them it is about. */
export class View {
  constructor(
    readonly asked: Asked,
    readonly level: 'recorded' | 'packet' = asked.options.packetLevel ? 'packet' : 'recorded',
  ) {}

  get(flow: Flow, field: string): Cell {
    const end = field === 'srcaddr' || field === 'dstaddr';
    return end && this.level === 'packet' ? flow.packet(field) : flow.get(field);
  }

  src(flow: Flow): string | null {
    return this.get(flow, 'srcaddr') as string | null;
  }

  dst(flow: Flow): string | null {
    return this.get(flow, 'dstaddr') as string | null;
  }

  within(address: string | null, blocks: readonly string[]): boolean {
    return address !== null && inBlocks(address, blocks);
  }

  beyond(address: string | null, blocks: readonly string[]): boolean {
    return address !== null && !inBlocks(address, blocks);
  }

  /** Either end lies in one of the blocks; where there are none, any flow. */
  touches(flow: Flow, blocks: readonly string[] = []): boolean {
    const [src, dst] = [this.src(flow), this.dst(flow)];
    return blocks.length === 0 ? src !== null : this.within(src, blocks) || this.within(dst, blocks);
  }
}

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1 };

const span = (text: string): [number, number] => {
  const [first, last = first] = text.split('-').map(Number);
  return [first!, last!];
};
const inSpans = (value: Cell, texts: readonly string[]) =>
  value !== null && texts.map(span).some(([first, last]) => Number(value) >= first && Number(value) <= last);

export type Filter = 'action' | 'protocol' | 'dstPort' | 'hours' | 'where';

/** Whether a record starts in the range that is asked about. */
export function inRange({ since, until }: Pick<Options, 'since' | 'until'>, flow: Flow): boolean {
  const seconds = (text: string) => Date.parse(text) / 1000;
  return (
    (since === undefined || flow.start >= seconds(since)) &&
    (until === undefined || flow.start < seconds(until))
  );
}

/** Whether a record passes the filters of the command line, but for some. */
export function passes(view: View, flow: Flow, but: readonly Filter[] = []): boolean {
  const { action, protocol, dstPort, hours, where = [], tz } = view.asked.options;
  const on = (filter: Filter) => !but.includes(filter);
  if (on('action') && action && flow.get('action') !== action.toUpperCase()) return false;
  if (on('protocol') && protocol && !protocol.some((name) => PROTOCOLS[name] === flow.get('protocol')))
    return false;
  if (on('dstPort') && dstPort && !inSpans(flow.get('dstport'), dstPort)) return false;
  if (on('hours') && hours) {
    const [from, to] = span(hours);
    const hour = Number(isoTime(flow.start, tz).slice(11, 13));
    if (from < to ? hour < from || hour >= to : hour < from && hour >= to) return false;
  }
  return !on('where') || meets(view, flow, where);
}

/** `bytes>1000`, `dstport=1000-2000`, `srcaddr=10.0.0.0/8`, `action!=accept`, `instance_id=-` */
function meets(view: View, flow: Flow, where: readonly string[]): boolean {
  const one = (text: string): { key: string; holds: boolean } => {
    const [, field = '', operator, wanted = ''] = /^(\w+)(!=|>=|<=|=|<|>)(.+)$/.exec(text)!;
    const value = view.get(flow, field);
    const key = operator === '=' ? field : text;
    if (operator === '>') return { key, holds: value !== null && Number(value) > Number(wanted) };
    if (operator === '<') return { key, holds: value !== null && Number(value) < Number(wanted) };
    let same = wanted === '-' ? value === null : String(value).toUpperCase() === wanted.toUpperCase();
    if (wanted !== '-' && value !== null) {
      if (field.endsWith('addr')) same = inBlocks(String(value), [wanted]);
      else if (typeof value === 'number') same = inSpans(value, [wanted]);
    }
    return { key, holds: (operator === '!=') !== same };
  };
  const results = where.map(one);
  // Values of one field are alternatives.
  return results.every(
    ({ key, holds }) => holds || results.some((other) => other.key === key && other.holds),
  );
}

/** The clock of a zone, with its distance from UTC. */
export function isoTime(epoch: number, zone: string): string {
  const parts = clockOf(zone).formatToParts(new Date(epoch * 1000));
  const of = (type: string) => parts.find((part) => part.type === type)!.value;
  const offset = of('timeZoneName').replace('−', '-').slice(3) || '+00:00';
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}${offset}`;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'longOffset' },
  });
  clocks.set(zone, clock);
  return clock;
}

/** In order, what is absent last. */
export function compare(a: Cell, b: Cell): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Largest first, what is absent last. */
export function compareDown(a: Cell, b: Cell): number {
  return a === null || b === null ? compare(a, b) : compare(b, a);
}

/** The sum of what is there; null of nothing. */
export function sumOf(values: readonly Cell[]): number | null {
  const there = values.filter((value) => value !== null);
  return there.length === 0 ? null : there.reduce<number>((sum, value) => sum + Number(value), 0);
}

export function groupBy<T>(items: readonly T[], key: (item: T) => unknown): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const text = JSON.stringify(key(item));
    const group = groups.get(text);
    if (group) group.push(item);
    else groups.set(text, [item]);
  }
  return [...groups.values()];
}
