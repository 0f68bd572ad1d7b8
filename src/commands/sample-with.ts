import { UsageError } from '../errors.js';
import { type Plant, SCAN_SHAPES } from '../sample/planted.js';
import { parseBytes, parseDuration } from '../terminal/units.js';

/** What a kind takes after `=`, and as further keys, each with its default. */
const KINDS = {
  beacon: { value: 'period', period: '60s', jitter: '0', kept: 'no' },
  scan: { value: 'shape', shape: 'vertical', targets: '100', every: '2s' },
  exfiltration: { value: 'bytes', bytes: '500MB', port: '50443' },
  served: { value: 'bytes', bytes: '500MB', port: '50443' },
  nat: { value: 'bytes', bytes: '200MB' },
  pods: { value: 'bytes', bytes: '200MB' },
  failover: { value: 'bytes', bytes: '200MB' },
  browsing: { value: 'people', people: '20' },
} as const satisfies Record<Plant['kind'], Record<string, string>>;

/** How each value is read, within limits; undefined for what it cannot be. */
const KEYS: Readonly<Record<string, readonly [(text: string) => unknown, string]>> = {
  period: [within(parseDuration, 2, 86_400), 'a time from 2s to 1d'],
  jitter: [within((text) => Number(text.replace(/%$/, '')), 0, 90), 'a percentage from 0 to 90'],
  kept: [(text) => ({ yes: true, no: false })[text], 'yes or no'],
  shape: [(text) => SCAN_SHAPES.find((shape) => shape === text), SCAN_SHAPES.join(', ')],
  targets: [within(Number, 1, 10_000), 'a number from 1 to 10000'],
  every: [within(parseDuration, 1, 86_400), 'a time from 1s to 1d'],
  bytes: [within(parseBytes, 10_000, 1e15), 'a size from 10kB'],
  port: [within(Number, 1, 65_535), 'a number from 1 to 65535'],
  people: [within(Number, 1, 1_000), 'a number from 1 to 1000'],
  interval: [(text) => [60, 600].find((seconds) => seconds === parseDuration(text)), '60 or 600'],
};

function within(read: (text: string) => number | undefined, least: number, most: number) {
  return (text: string): number | undefined => {
    const value = read(text);
    return value !== undefined && Number.isInteger(value) && value >= least && value <= most
      ? value
      : undefined;
  };
}

/**
 * What `--with` says: `KIND`, `KIND=VALUE`, and further `,KEY=VALUE`.
 *
 * @throws UsageError
 */
export function parsePlant(text: string): Plant {
  const [head = '', ...rest] = text.split(',');
  const [kind = '', ...first] = head.split('=');
  if (!isKind(kind)) throw unfit(text, `It must begin with one of ${Object.keys(KINDS).join(', ')}.`);
  const { value: main, ...defaults } = KINDS[kind];
  const given: Record<string, string> = { ...defaults, interval: '60' };
  if (first.length > 0) given[main] = first.join('=');
  for (const pair of rest) {
    const [key = '', ...value] = pair.split('=');
    if (!Object.hasOwn(given, key)) {
      throw unfit(text, `${kind} takes ${Object.keys(given).join(', ')}, not ${JSON.stringify(key)}.`);
    }
    given[key] = value.join('=');
  }
  const read = Object.entries(given).map(([key, each]) => {
    const [parse, expected] = KEYS[key]!;
    const value = each === '' ? undefined : parse(each);
    if (value === undefined) throw unfit(text, `${key} must be ${expected}.`);
    return [key, value] as const;
  });
  return { kind, ...Object.fromEntries(read) } as unknown as Plant;
}

const isKind = (text: string): text is Plant['kind'] => Object.hasOwn(KINDS, text);

const unfit = (text: string, advice: string) =>
  new UsageError(`--with ${text} is not known traffic.`, advice);
