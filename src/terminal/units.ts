const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** Bytes as people read them, in decimal units: `999 B`, `1.2 kB`, `34 MB`. */
export function humanBytes(bytes: number | bigint): string {
  let value = Number(bytes);
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit > 0 && Math.abs(value) < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `0.8 s`, `42 s`, `3 min 5 s`, `27 h 40 min`. */
export function humanSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `24 h`, `90 min`, `45 s`. */
export function durationText(seconds: number): string {
  if (seconds % 3600 === 0 && seconds > 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 && seconds > 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** `1,204`. Not asked of Intl, whose first answer takes longer than a small question does. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');

/** `3 files`, `1 file`, `1,204 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** Bytes from `10GB`, `1.5 TB`, `500MB` or a bare number, in decimal units (binary ones with an i: `10GiB`); undefined when it is no size. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgtpe])(i)?)?b?$/i.exec(text.trim());
  if (!match) return undefined;
  const power = 'kmgtpe'.indexOf((match[2] ?? '').toLowerCase()) + 1;
  return Number(match[1]) * (match[3] ? 1024 : 1000) ** (match[2] ? power : 0);
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3_600, d: 86_400 };

/** Seconds from `90s`, `10m`, `2h`, `7d` or a bare number of seconds; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(s|m|min|h|d)?$/i.exec(text.trim());
  return match ? Number(match[1]) * SECONDS[(match[2] ?? 's').toLowerCase()]! : undefined;
}
