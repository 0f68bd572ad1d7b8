import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cache } from '../../src/cache/cache.js';
import { cacheFolder } from '../../src/cache/cache-folder.js';
import { type CachedObject, cachePath } from '../../src/cache/cache-path.js';
import { RunFolder } from '../../src/cache/run-folder.js';
import { testFolder } from '../folder.js';

const objectOf = (key: string, size: number, etag = 'e1'): CachedObject => ({
  bucket: 'logs',
  key,
  etag,
  size,
});

describe('where an object lies', () => {
  it('is seen from its key', () => {
    const key = 'p/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/06/01/x_fl-1_20260601T0005Z_ab.log.gz';
    expect(cachePath(objectOf(key, 1))).toBe(`logs/${key}~e1`);
    expect(cachePath(objectOf('a b/../ü//100%', 1))).toBe('logs/a%20b/%../%C3%BC/%/100%25~e1');
  });

  it('is another for another object, stays within, and fits any file system', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('', '.', '..', '~', 'a~e', '%', '%2E', 'x'.repeat(300), `${'x'.repeat(300)}y`),
    );
    const key = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const etag = fc.constantFrom('e', 'e-2', 'E');
    fc.assert(
      fc.property(key, etag, key, etag, (keyA, etagA, keyB, etagB) => {
        const [a, b] = [cachePath(objectOf(keyA, 1, etagA)), cachePath(objectOf(keyB, 1, etagB))];
        const same = Buffer.from(keyA).equals(Buffer.from(keyB)) && etagA === etagB;
        expect(a === b).toBe(same);
        // One may not be a folder of the other either.
        expect(a.startsWith(`${b}/`)).toBe(false);
        for (const name of a.split('/')) {
          expect(name).toMatch(/^[A-Za-z0-9._=+@%~-]{1,255}$/);
          expect(['.', '..']).not.toContain(name);
        }
      }),
    );
  });
});

it.each([
  [{ FLOWLOG_CACHE_DIR: '/a/b', XDG_CACHE_HOME: '/x' }, '/a/b'],
  [{ XDG_CACHE_HOME: '/x' }, '/x/flowlog'],
  [{ XDG_CACHE_HOME: 'relative' }, expect.stringMatching(/^\/.*\/\.cache\/flowlog$/)],
  [{}, expect.stringMatching(/^\/.*\/\.cache\/flowlog$/)],
])('with %j the cache is in %s', (env, expected) => expect(cacheFolder(env)).toEqual(expected));

describe('the cache', () => {
  const fixture = async () => {
    const folder = join(testFolder(), 'cache');
    const cache = new Cache(folder);
    const run = await RunFolder.make(folder);
    const keep = async (key: string, text: string, used = 0) => {
      const path = run.newFile();
      await writeFile(path, text);
      if (used > 0) utimesSync(path, used, used);
      await cache.keep(objectOf(key, text.length), path);
    };
    const has = async (key: string, size: number) => cache.take(objectOf(key, size), run.newFile());
    return { folder, cache, run, keep, has };
  };

  it('gives what it was given, of the same version and size alone', async () => {
    const { cache, run, keep, has } = await fixture();
    await keep('a/x', 'text');
    const path = run.newFile();
    expect(await cache.take(objectOf('a/x', 4), path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('text');
    expect(await cache.take(objectOf('a/x', 4, 'e2'), run.newFile())).toBe(false);
    expect(await has('a/y', 4)).toBe(false);
    // One of another size is damaged, and is gone after it was found.
    expect(await has('a/x', 5)).toBe(false);
    expect(await has('a/x', 4)).toBe(false);
  });

  it('what a run has taken stays, whatever is removed', async () => {
    const { cache, run, keep } = await fixture();
    await keep('a/x', 'text');
    const path = run.newFile();
    await cache.take(objectOf('a/x', 4), path);
    await cache.trim(0);
    expect(readFileSync(path, 'utf8')).toBe('text');
    expect(readdirSync(join(cache.folder, 's3'))).toEqual([]);
    run.remove();
  });

  it('removes what has not been used for longest; to take is to use', async () => {
    const { cache, keep, has } = await fixture();
    await keep('a', '1234567890', 1_700_000_000);
    await keep('b', '1234567890', 1_700_000_100);
    await keep('c', '1234567890', 1_700_000_200);
    expect(await has('a', 10)).toBe(true);
    expect((await cache.trim(25)).map(({ path }) => path.replace(/.*\//, ''))).toEqual(['b~e1']);
    expect(await cache.trim(25)).toEqual([]);
    expect([await has('a', 10), await has('b', 10), await has('c', 10)]).toEqual([true, false, true]);
  });

  it('is not the place for what has no version', async () => {
    const { cache, run } = await fixture();
    const path = run.newFile();
    await writeFile(path, 'text');
    await cache.keep(objectOf('a', 4, ''), path);
    expect(await cache.take(objectOf('a', 4, ''), run.newFile())).toBe(false);
  });

  it('takes and gives while others fill and empty it', async () => {
    const { cache, keep, has } = await fixture();
    const keys = Array.from({ length: 40 }, (_, i) => `a/b/${i % 4}/${i % 3}/${i}`);
    let emptying = true;
    const empty = async () => {
      while (emptying) await cache.trim(0);
    };
    const fill = async () => {
      for (let times = 0; times < 20; times++) {
        await Promise.all(keys.map((key) => keep(key, 'text')));
        await Promise.all(keys.map((key) => has(key, 4)));
      }
      emptying = false;
    };
    await Promise.all([fill(), empty(), empty()]);
    await Promise.all(keys.map((key) => keep(key, 'text')));
    for (const key of keys) expect([key, await has(key, 4)]).toEqual([key, true]);
  });
});

describe('the folder of a run', () => {
  it('goes with it; what a run that is over has left goes with the next', async () => {
    const folder = testFolder();
    const runs = join(folder, 'runs');
    const mine = await RunFolder.make(folder);
    writeFileSync(mine.newFile(), 'x');
    const [machine] = readdirSync(runs)[0]!.split('-') as [string];
    // No process has the first number; the second one's is of another machine, where it may be at work.
    const [over, abroad, old] = [
      `${machine}-4194305-00ff00ff`,
      'elsewhere-4194305-00ff00ff',
      'elsewhere-1-0a',
    ];
    for (const name of [over, abroad, old]) {
      mkdirSync(join(runs, name!));
      writeFileSync(join(runs, name!, '0.log'), 'x');
    }
    const month = Date.now() / 1000 - 30 * 86_400;
    utimesSync(join(runs, old!), month, month);
    const next = await RunFolder.make(folder);
    expect(readdirSync(runs).sort()).toEqual(
      [mine.path, next.path, join(runs, abroad!)].map((path) => path.slice(runs.length + 1)).sort(),
    );
    expect(statSync(next.path).mode & 0o777).toBe(0o700);
    mine.remove();
    next.remove();
    expect(readdirSync(runs)).toEqual([abroad]);
  });

  it('leaves alone what is not its own', async () => {
    const folder = testFolder();
    await mkdir(join(folder, 'runs', 'photos'), { recursive: true });
    const run = await RunFolder.make(folder);
    run.remove();
    expect(readdirSync(join(folder, 'runs'))).toEqual(['photos']);
    await rm(folder, { recursive: true });
  });
});
