import { symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { partPath } from '../../src/flowlog/store-layout.js';
import { findFiles } from '../../src/logs/find-files.js';
import { testFolder, writeFiles } from '../folder.js';

const DAY = 86_400;
const at = (day: string) => Date.parse(`${day}T00:00:00Z`) / 1000;
const RANGE = { since: at('2026-06-02'), until: at('2026-06-03') };
const folderOf = (day: string) => `AWSLogs/123456789012/vpcflowlogs/eu-west-1/${day.replaceAll('-', '/')}`;

/** Paths below the folder that are of the range, what is told of text meanwhile, and how many others there are. */
async function found(folder: string, paths: readonly string[], range = RANGE) {
  const texts: number[] = [];
  const { files, passedOver } = await findFiles(
    paths.map((path) => join(folder, path)),
    { range },
    {
      stdin: Readable.from([]),
      spool: () => {
        throw new Error('nothing to keep');
      },
      s3: undefined,
      cloudwatch: undefined,
      signal: new AbortController().signal,
      onText: (size) => texts.push(size),
    },
  );
  return { paths: files.map(({ path }) => path.slice(folder.length + 1)), passedOver, texts };
}

describe('the files of a folder', () => {
  it('are those whose places may be of the range, wherever each is among others', async () => {
    const store = (day: string) => partPath(at(day) / DAY, '0123456789abcdef');
    const folder = await writeFiles(testFolder(), {
      [`${folderOf('2026-06-01')}/a.log.gz`]: '1',
      [`${folderOf('2026-06-02')}/00/a.log.gz`]: '12',
      [`${folderOf('2026-06-02')}/z.log.gz`]: '123',
      [`${folderOf('2026-06-02')}/b.log.gz`]: '1234',
      [`${folderOf('2026-06-04')}/a.log.gz`]: '1',
      [`${folderOf('2026-06-04')}/in.other.way/a.log.gz`]: '12345',
      [store('2026-06-01')]: 'x',
      [store('2026-06-02')]: 'x',
      'day=2026-06-01/mine.parquet': 'x',
      'loose.log': '',
      _hidden: 'x',
      '.hidden/a.log.gz': 'x',
    });
    symlinkSync(folder, join(folder, 'round'));
    expect(await found(folder, [''])).toEqual({
      paths: [
        `${folderOf('2026-06-02')}/00/a.log.gz`,
        `${folderOf('2026-06-02')}/b.log.gz`,
        `${folderOf('2026-06-02')}/z.log.gz`,
        // Delivered late, perhaps.
        `${folderOf('2026-06-04')}/a.log.gz`,
        `${folderOf('2026-06-04')}/in.other.way/a.log.gz`,
        'day=2026-06-01/mine.parquet',
        store('2026-06-02'),
        'loose.log',
      ],
      passedOver: 2,
      texts: expect.toSatisfy((texts: number[]) => texts.at(-1) === 2 + 3 + 4 + 1 + 5 && texts.length === 6),
    });
  });

  it('are each found once, however often they are named', async () => {
    const folder = await writeFiles(testFolder(), {
      [`${folderOf('2026-06-01')}/a.log.gz`]: '1',
      [`${folderOf('2026-06-02')}/a.log.gz`]: '12',
      'b.log': '123',
    });
    expect(await found(folder, ['AWSLogs', '', 'b.log', 'AWSLogs/'])).toEqual({
      paths: [`${folderOf('2026-06-02')}/a.log.gz`, 'b.log'],
      passedOver: 1,
      texts: [2, 5],
    });
  });

  it('are each found once, named from here and from the root', async () => {
    const folder = await writeFiles(testFolder(), { 'logs/a.log': '1', 'logs/b.log': '12' });
    const here = relative(process.cwd(), folder);
    const { files } = await findFiles(
      [join(here, 'logs'), join(folder, 'logs'), join(folder, 'logs/*.log')],
      { range: RANGE },
      {
        stdin: Readable.from([]),
        spool: () => {
          throw new Error('nothing to keep');
        },
        s3: undefined,
        cloudwatch: undefined,
        signal: new AbortController().signal,
      },
    );
    expect(files.map(({ path }) => path)).toEqual([join(here, 'logs/a.log'), join(here, 'logs/b.log')]);
  });

  it('is of the range where it is named itself', async () => {
    const path = `${folderOf('2026-06-01')}/a.log.gz`;
    const folder = await writeFiles(testFolder(), { [path]: '1' });
    expect(await found(folder, [path])).toEqual({ paths: [path], passedOver: 0, texts: [1] });
  });
});
