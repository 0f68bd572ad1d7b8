import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { DEFAULT_FORMAT, VERSION_5_FORMAT } from '../../src/flowlog/log-format.js';
import type { FakeAws } from '../aws/server.js';
import { flowlog } from '../e2e/bin.js';
import { FOREIGN_TABLES, foreignFixture, QUESTIONS, SAID } from '../engines/foreign-tables.js';
import { testFolder, writeFiles } from '../folder.js';
import { logText } from '../records.js';
import { athenaOnTrino } from './athena-on-trino.js';
import { createForeign, RECORDS } from './foreign-data.js';
import { Moto } from './moto.js';
import { sampled } from './sampled.js';
import { Trino } from './trino.js';

const services = inject('services');
const DAY = ['--since', '2026-06-01', '--until', '2026-06-02'];

/** Values of keys of 12 April, which the first of the records is of; an hour may be 04 on any day. */
const APRIL = /2026[-/]?04|\[0?4\]/;

/** Fields of nameless columns, as the options say. */
const said = (name: string) =>
  new Map(
    (SAID[name]?.[0] === '--column' ? SAID[name][1]!.split(',') : []).map((pair) => {
      const [field, column] = pair.split('=') as [string, string];
      return [column, field];
    }),
  );

describe.skipIf(!services)('tables by other hands, on a real Trino', () => {
  let aws: FakeAws;
  const trino = new Trino(services?.trino ?? '');

  beforeAll(async () => {
    aws = await athenaOnTrino(trino, new Moto(services!.moto));
    aws.athena.databases.add('foreign_tables');
    await trino.run('CREATE SCHEMA IF NOT EXISTS foreign_tables');
    return () => aws.stop();
  });

  /** The partitions that the last query reads, as the Trino plans it. */
  async function partitions(): Promise<string> {
    const { QueryString, ExecutionParameters } = [...aws.athena.executions.values()].at(-1)!.input;
    // An EXPLAIN takes no parameters, and nothing else in a statement of flowlog is a question mark.
    const values = [...(ExecutionParameters ?? [])];
    const statement = QueryString.replace(/\?/g, () => values.shift()!);
    const { rows } = await trino.run(`EXPLAIN (TYPE DISTRIBUTED) ${statement}`);
    return (String(rows).match(/(?<!hour:string:)PARTITION_KEY\n.*/g) ?? []).join('\n');
  }

  /** What a file of the same records answers here. */
  async function expected(question: readonly string[], flags: boolean): Promise<string> {
    const fields = flags ? VERSION_5_FORMAT : DEFAULT_FORMAT;
    const folder = await writeFiles(testFolder(), { 'flows.log': logText(RECORDS, fields) });
    const { code, stdout } = await flowlog([
      ...question,
      ...DAY,
      '--logs',
      join(folder, 'flows.log'),
      '--format',
      'csv',
    ]);
    expect(code).toBe(0);
    return stdout;
  }

  it.each(sampled(Object.entries(FOREIGN_TABLES)))('%s', async (name, table) => {
    // A view and a link are tables below; the catalog shows them otherwise.
    const link = name === 'resource_link';
    const real = link ? FOREIGN_TABLES.day_undeclared! : table;
    await trino.run(`DROP TABLE IF EXISTS foreign_tables."${name}"`);
    await trino.run(createForeign(name, real, said(name)));
    aws.athena.tables.set(`foreign_tables.${name}`, foreignFixture(table));
    const env = aws.env({ AWS_ENDPOINT_URL_S3: services!.moto });
    const flags = real.cols.some((column) => /^tcp.?flags|^connection_info/.test(column));
    const options = ['--table', `foreign_tables.${name}`, ...(SAID[name] ?? []), '--format', 'csv'];
    for (const question of QUESTIONS) {
      const { code, stdout, stderr } = await flowlog([...question, ...DAY, ...options], { env });
      expect({ code, question, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, question, stderr: '' });
      expect({ question, stdout }).toEqual({ question, stdout: await expected(question, flags) });
    }
    if (real.keys.length > 0) {
      expect(await partitions()).not.toMatch(APRIL);
      await flowlog([...QUESTIONS.at(-1)!, ...options], { env });
      expect(await partitions()).toMatch(APRIL);
    }
  });
});
