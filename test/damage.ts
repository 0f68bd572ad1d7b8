/** Whole numbers below a limit, the same for the same seed (mulberry32), so that a damage can be made again. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Bytes changed, left out, put in, doubled or cut off. */
export function damaged(input: Uint8Array, random: (below: number) => number): Buffer {
  let bytes = Buffer.from(input);
  for (let times = 1 + random(3); times > 0; times--) {
    const at = random(bytes.length);
    const to = Math.min(at + 1 + random(40), bytes.length);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(to)];
    const noise = () => Buffer.from(Array.from({ length: 8 }, () => random(256)));
    switch (random(5)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes = Buffer.concat([before, after]);
        break;
      case 2:
        bytes = Buffer.concat([before, noise(), bytes.subarray(at)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
        break;
      default:
        bytes = Buffer.from(bytes.subarray(0, Math.max(at, 1)));
    }
    if (bytes.length === 0) return Buffer.from([random(256)]);
  }
  return bytes;
}
