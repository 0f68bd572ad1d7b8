import { describe, expect, it } from 'vitest';
import type { Field } from '../../src/flowlog/fields.js';
import { DEFAULT_FORMAT, VERSION_5_FORMAT } from '../../src/flowlog/log-format.js';
import type { LogFile } from '../../src/logs/log-file.js';
import { chunksOf } from '../../src/store/chunks.js';

const SIZE = { rows: 100_000, least: 20_000, threads: 2 };

/** A text file of about so many rows. */
const log = (path: string, rows: number, fields: readonly Field[] = DEFAULT_FORMAT): LogFile => ({
  ...{ path, name: path, size: rows * 100, named: false },
  ...{ kind: 'text', packing: 'none', header: true, fields },
});
const chunks = (...files: LogFile[]) =>
  chunksOf(
    files.map((file, id) => ({ id, file })),
    SIZE,
  ).map(({ sources }) => sources.map(({ id }) => id));

const dated = (day: string, rows: number) =>
  log(
    `AWSLogs/123456789012/vpcflowlogs/ap-northeast-1/2026/06/${day}/123456789012_vpcflowlogs_ap-northeast-1_fl-0a_202606${day}T0000Z_0a.log`,
    rows,
  );

describe('chunks', () => {
  it('of little there is one, of days in turn', () => {
    expect(chunks(dated('02', 5_000), dated('01', 9_000), dated('03', 1))).toEqual([[1, 0, 2]]);
  });

  it('of more there are as many for each thread, about even', () => {
    expect(chunks(...Array.from({ length: 12 }, (_, i) => log(`${i}`, 30_000)))).toEqual([
      [0],
      [1, 2],
      [3],
      [4, 5],
      [6],
      [7, 8],
      [9],
      [10, 11],
    ]);
  });

  it('none is of two formats, and none is Parquet', () => {
    const parquet: LogFile = { path: 'c', name: 'c', size: 9, named: false, kind: 'parquet' };
    const other = log('b', 10, VERSION_5_FORMAT);
    expect(chunks(log('a', 10), other, parquet, log('d', 10, [...DEFAULT_FORMAT]))).toEqual([[0, 3], [1]]);
  });

  it('none of nothing', () => {
    expect(chunks()).toEqual([]);
  });
});
