import type { AddressName, NameContext, Names } from '../names/names.js';

/** Names addresses of many rows: looks up each once for every time at which another answer may hold. */
export class Namer {
  private readonly known = new Map<string, AddressName | undefined>();
  private readonly changes: readonly number[];

  /** Unix seconds of snapshots that named something of another time, as nothing else was at hand. */
  readonly outdated = new Set<number>();

  constructor(readonly names: Names) {
    this.changes = names.changes;
  }

  of(address: string, at: number | undefined, context: NameContext = {}): AddressName | undefined {
    // What was asked for before a flow is another thing at every moment.
    if (this.names.asksDns) return this.lookUp(address, at, context);
    const key = `${address} ${this.epochOf(at)} ${context.interfaceId ?? ''} ${context.vpcId ?? ''}`;
    if (!this.known.has(key)) this.known.set(key, this.lookUp(address, at, context));
    return this.known.get(key);
  }

  /** Of two times of one epoch, the same is known. */
  epochOf(at: number | undefined): number {
    return at === undefined ? -1 : this.changes.filter((change) => change <= at).length;
  }

  private lookUp(address: string, at: number | undefined, context: NameContext): AddressName | undefined {
    const found = this.names.of(address, at, context);
    // A domain has the time at which it was asked for.
    if (found?.asOf !== undefined && found.source !== 'dns') this.outdated.add(found.asOf);
    return found;
  }
}

/** The Unix second of a row's time, by the first of its columns that has one. */
export function timeIn(
  columns: ReadonlyArray<{ readonly name: string }>,
): (row: readonly unknown[]) => number | undefined {
  const at = ['start', 'first_seen', 'start_time', 'time']
    .map((name) => columns.findIndex((column) => column.name === name))
    .find((place) => place >= 0);
  return (row) => {
    const value = at === undefined ? null : row[at];
    if (value === null || value === undefined) return undefined;
    return typeof value === 'string' ? Math.floor(Date.parse(value) / 1000) : Number(value);
  };
}
