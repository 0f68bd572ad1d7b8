import { Argument, Command } from 'commander';
import { Cache, type CacheEntry } from '../cache/cache.js';
import { cacheFolder } from '../cache/cache-folder.js';
import { EXIT } from '../errors.js';
import { CACHE_SIZE_OPTION } from '../logs/s3/options.js';
import { type Column, givenRows, type Row } from '../result.js';
import type { Io } from '../terminal/streams.js';
import { humanBytes, plural } from '../terminal/units.js';
import { isoTime, parseZone } from '../time/zone.js';
import { renderResult } from './answer.js';
import { optionFrom } from './option-from.js';
import { addOutputOptions, type OutputOptions } from './options.js';

interface CacheOptions extends OutputOptions {
  readonly cacheSize: number;
}

const EXAMPLES = `
Examples:
  What is kept of logs in S3, so that no file is downloaded twice:
    $ flowlog cache

  Remove what has not been used for longest, or all of it:
    $ flowlog cache trim --cache-size 1GB
    $ flowlog cache clear

The cache is in ~/.cache/flowlog, or where XDG_CACHE_HOME or FLOWLOG_CACHE_DIR say.
`;

export function cacheCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('cache')
    .description('Show, trim or empty the cache of logs downloaded from S3')
    .addArgument(
      new Argument('[action]', 'clear removes all, trim what is beyond --cache-size').choices([
        'clear',
        'trim',
      ]),
    )
    .addOption(optionFrom(CACHE_SIZE_OPTION).helpGroup('Cache:'));
  addOutputOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (action: 'clear' | 'trim' | undefined, options: CacheOptions) =>
      done(await runCache(action, options, io)),
    );
}

async function runCache(
  action: 'clear' | 'trim' | undefined,
  options: CacheOptions,
  io: Io,
): Promise<number> {
  const cache = new Cache(cacheFolder(io.env));
  const entries: CacheEntry[] = [];
  for await (const entry of cache.entries()) entries.push(entry);
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  const say = async (text: string) => {
    if (!options.quiet) await io.stderr.write(`${text}\n`);
  };
  const amount = `${plural(entries.length, 'file')}, ${humanBytes(bytes)}`;
  if (action === undefined) {
    const zone = parseZone(options.tz);
    await renderResult(givenRows(columns(zone), rows(entries, zone)), options, io);
    await say(`${amount} of at most ${humanBytes(options.cacheSize)} in ${cache.folder}.`);
    return EXIT.done;
  }
  const removed = await cache.trim(action === 'clear' ? 0 : options.cacheSize);
  await say(
    `${plural(removed.length, 'file')}, ${humanBytes(removed.reduce((sum, { size }) => sum + size, 0))} removed ` +
      `of ${amount} in ${cache.folder}.`,
  );
  return EXIT.done;
}

const columns = (zone: string): Column[] => [
  { name: 'bucket', type: 'text' },
  { name: 'files', type: 'integer' },
  { name: 'bytes', type: 'bytes' },
  { name: 'first_used', type: 'time', zone },
  { name: 'last_used', type: 'time', zone },
];

/** A row for each bucket, the largest first. */
function rows(entries: readonly CacheEntry[], zone: string): Row[] {
  const buckets = new Map<string, CacheEntry[]>();
  for (const entry of entries) {
    const same = buckets.get(entry.bucket) ?? [];
    same.push(entry);
    buckets.set(entry.bucket, same);
  }
  return [...buckets]
    .map(([bucket, files]) => {
      const used = files.map((file) => file.used).sort((a, b) => a - b);
      const bytes = files.reduce((sum, { size }) => sum + size, 0);
      return [bucket, files.length, bytes, isoTime(used[0]!, zone), isoTime(used.at(-1)!, zone)] as const;
    })
    .sort((a, b) => b[2] - a[2]);
}
