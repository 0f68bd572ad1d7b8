import type { Column, Value } from '../result.js';

/** Rows that are grouped again by values that became known when they were here. */
export class Groups {
  private readonly found = new Map<string, Value[]>();

  /** @param measures add up; of times, the first and the last count */
  constructor(private readonly measures: readonly Column[]) {}

  add(keys: readonly Value[], own: readonly Value[]): void {
    const key = JSON.stringify(keys, (_name, each) => (typeof each === 'bigint' ? Number(each) : each));
    const group = this.found.get(key);
    if (!group) {
      this.found.set(key, [...keys, ...own]);
      return;
    }
    for (const [i, { name }] of this.measures.entries())
      group[keys.length + i] = added(name, group[keys.length + i]!, own[i]!);
  }

  /** The most of these measures first, then by the keys. */
  rows(...order: readonly string[]): Value[][] {
    const rows = [...this.found.values()];
    const keys = (rows[0]?.length ?? 0) - this.measures.length;
    const most = order
      .map((name) => this.measures.findIndex((column) => column.name === name))
      .filter((at) => at >= 0)
      .map((at) => at + keys);
    return rows.sort((a, b) => {
      for (const at of most) {
        const order = compared(b[at]!, a[at]!, -1);
        if (order !== 0) return order;
      }
      for (let at = 0; at < keys; at++) {
        const order = compared(a[at]!, b[at]!, 1);
        if (order !== 0) return order;
      }
      return 0;
    });
  }
}

function added(name: string, a: Value, b: Value): Value {
  if (a === null || b === null) return a ?? b;
  if (name === 'first_seen' || name === 'last_seen') {
    const isLater = Date.parse(String(a)) > Date.parse(String(b));
    return isLater === (name === 'last_seen') ? a : b;
  }
  const sum = BigInt(a) + BigInt(b);
  return sum <= Number.MAX_SAFE_INTEGER ? Number(sum) : sum;
}

/** @param nulls where they come: 1 after all others, -1 before */
function compared(a: Value, b: Value, nulls: 1 | -1): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? nulls : -nulls;
  return a < b ? -1 : a > b ? 1 : 0;
}
