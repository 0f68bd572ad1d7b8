import { readAddress, readBlock, type Words, wordCount } from './address-words.js';

/** Values by block or range of addresses, of both families. The smallest range that holds an address wins. */
export class AddressMap<T> {
  private constructor(
    private readonly values: readonly T[],
    private readonly v4: FlatRanges,
    private readonly v6: FlatRanges,
  ) {}

  /** The value of the smallest range that holds the address, given as text; undefined where none does. */
  get(address: string): T | undefined {
    const family = readAddress(address, scratch);
    if (family === 0) return undefined;
    const at = family === 4 ? this.v4.find(scratch) : this.v6.find(scratch);
    return at < 0 ? undefined : this.values[at];
  }

  static readonly builder = <T>() => new Builder<T>((values, v4, v6) => new AddressMap(values, v4, v6));
}

const scratch = new Uint32Array(4);

class Builder<T> {
  private readonly values: T[] = [];
  private readonly v4 = new Ranges(1);
  private readonly v6 = new Ranges(4);

  constructor(
    private readonly made: (values: readonly T[], v4: FlatRanges, v6: FlatRanges) => AddressMap<T>,
  ) {}

  /** Adds a block such as `10.0.0.0/8`, or an address. Of equal blocks the first one counts. False where it is neither. */
  add(block: string, value: T): boolean {
    const read = readBlock(block);
    if (!read) return false;
    this.push(read.family, read.first, read.last, value);
    return true;
  }

  /** Adds a range by its first and last address. False where these are no range of one family. */
  addRange(first: string, last: string, value: T): boolean {
    const from = new Uint32Array(4);
    const to = new Uint32Array(4);
    const family = readAddress(first, from);
    if (family === 0 || readAddress(last, to) !== family) return false;
    const size = wordCount(family);
    for (let i = 0; i < size && from[i]! >= to[i]!; i++) if (from[i]! > to[i]!) return false;
    this.push(family, from, to, value);
    return true;
  }

  build(): AddressMap<T> {
    return this.made(this.values, this.v4.flatten(), this.v6.flatten());
  }

  private push(family: 4 | 6, first: Words, last: Words, value: T): void {
    (family === 4 ? this.v4 : this.v6).push(first, last, this.values.length);
    this.values.push(value);
  }
}

/** Disjoint ranges in order: each begins at its start and ends where the next one begins. */
class FlatRanges {
  constructor(
    private readonly size: 1 | 4,
    /** `size` words for each range. */
    private readonly starts: Words,
    /** What the range stands for; -1 for nothing. */
    private readonly at: Int32Array,
  ) {}

  find(address: Words): number {
    const { size, starts, at } = this;
    let low = 0;
    let high = at.length;
    if (size === 1) {
      const value = address[0]!;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (starts[middle]! <= value) low = middle + 1;
        else high = middle;
      }
    } else {
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (compare(starts, middle * 4, address, 0, 4) <= 0) low = middle + 1;
        else high = middle;
      }
    }
    return low === 0 ? -1 : at[low - 1]!;
  }
}

function compare(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, size: number): number {
  for (let k = 0; k < size; k++) {
    const left = a[i + k]!;
    const right = b[j + k]!;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** Ranges as they were added, nested or not. */
class Ranges {
  private readonly firsts: number[] = [];
  private readonly lasts: number[] = [];
  private readonly at: number[] = [];

  constructor(private readonly size: 1 | 4) {}

  push(first: Words, last: Words, at: number): void {
    for (let i = 0; i < this.size; i++) {
      this.firsts.push(first[i]!);
      this.lasts.push(last[i]!);
    }
    this.at.push(at);
  }

  /** A sweep over the starts: on top of the open ranges is the one that counts. */
  flatten(): FlatRanges {
    const { size, firsts, lasts, at } = this;
    const starts: number[] = [];
    const owners: number[] = [];
    const emit = (start: readonly number[], owner: number) => {
      const last = owners.length - 1;
      if (last >= 0 && compare(starts, last * size, start, 0, size) === 0) {
        owners[last] = owner;
      } else if ((last >= 0 ? owners[last] : -1) !== owner) {
        starts.push(...start);
        owners.push(owner);
      }
    };
    const open: number[] = [];
    const close = () => {
      const ended = open.pop()!;
      const next = successor(lasts, ended * size, size);
      while (open.length > 0 && compare(lasts, open.at(-1)! * size, lasts, ended * size, size) <= 0)
        open.pop();
      if (next) emit(next, open.length > 0 ? at[open.at(-1)!]! : -1);
    };
    for (const range of this.order()) {
      while (open.length > 0 && compare(lasts, open.at(-1)! * size, firsts, range * size, size) < 0) close();
      emit(firsts.slice(range * size, (range + 1) * size), at[range]!);
      open.push(range);
    }
    while (open.length > 0) close();
    return new FlatRanges(size, Uint32Array.from(starts), Int32Array.from(owners));
  }

  /** Outer ranges before those within, and of equal ones the first added last: it ends up on top. */
  private order(): Iterable<number> {
    const { size, firsts, lasts } = this;
    return Array.from(this.at.keys()).sort(
      (a, b) =>
        compare(firsts, a * size, firsts, b * size, size) ||
        compare(lasts, b * size, lasts, a * size, size) ||
        b - a,
    );
  }
}

/** The address after; undefined after the last there is. */
function successor(words: readonly number[], from: number, size: number): number[] | undefined {
  const next = words.slice(from, from + size);
  for (let i = size - 1; i >= 0; i--) {
    if (next[i]! < 0xffffffff) {
      next[i]!++;
      return next;
    }
    next[i] = 0;
  }
  return undefined;
}
