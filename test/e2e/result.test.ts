import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMark } from '../../src/athena/mark.js';
import { VERSION_5_FORMAT } from '../../src/flowlog/log-format.js';
import type { OptionSpec } from '../../src/option.js';
import { QUESTIONS } from '../../src/questions/index.js';
import type { Question } from '../../src/questions/question.js';
import { isoTime } from '../../src/time/zone.js';
import type { Rows } from '../aws/athena.js';
import { type World, world } from '../aws/world.js';
import { testFolder, writeFiles } from '../folder.js';
import { runs } from '../seed.js';

const CONFIG = '[networks]\nsagemaker = "10.10.24.0/24"\n"data center" = "203.0.113.0/24"\n';
const OUTPUTS = ['table', 'csv', 'json', 'ndjson', 'markdown'];
const ZONES = ['Asia/Tokyo', 'UTC', 'Europe/Berlin', 'Asia/Kathmandu'];
const TEXTS = ["it's", 'a"b', '?', ';', '-- x', '*/ x', 'ユニコード', '\\n', '%27', '{"cidr":"x"}'];

type Asked = {
  request: { zone: string };
  columns: Array<[name: string, type: string, kind?: string]>;
  asides: boolean;
};

/** Rows as Athena would have them, in the columns that the statement's mark tells of. */
function rowsFor(text: string, count: number, asides: readonly string[]): Rows {
  const { columns, asides: hasAsides, request } = readMark(text)!.asked as Asked;
  const limit = /\nLIMIT (\d+)$/.exec(text)?.[1];
  const value = ([name, type, kind]: Asked['columns'][number], i: number): string | null => {
    if (type === 'time') return isoTime(1_780_272_000 + 7200 * i, request.zone);
    if (name === 'protocol' || kind === 'protocol') return ['6', '17', '1', null][i % 4]!;
    if (kind === 'address') return [`10.10.24.${i % 200}`, '203.0.113.7', '2001:db8::1', null][i % 4]!;
    return type === 'text' ? [`text ${i}`, '', 'a,b "c"', null][i % 4]! : String(1000 - i);
  };
  const answer = Array.from({ length: count }, (_, i) => [
    ...columns.map((column) => value(column, i)),
    ...(hasAsides ? [null] : []),
  ]);
  const beside = hasAsides
    ? asides.map((aside) => [...columns.map(([, type]) => (type === 'text' ? null : '2')), aside])
    : [];
  const types: Record<string, string> = { integer: 'bigint', bytes: 'bigint', percent: 'bigint' };
  return {
    columns: [
      ...columns.map(([Name, type]) => ({ Name, Type: types[type] ?? 'varchar' })),
      ...(hasAsides ? [{ Name: 'aside', Type: 'varchar' }] : []),
    ],
    rows: [...answer, ...beside].slice(0, limit === undefined ? undefined : Number(limit)),
  };
}

const has = (question: Question, flag: string) =>
  question.options.some(({ flags }) => flags.split(' ', 1)[0] === flag);

/** Some of the question's own options, in the ways in which they can be given without knowing what they mean. */
function ownOptions(options: readonly OptionSpec[]): fc.Arbitrary<string[]> {
  const each = options.flatMap(({ flags, choices }): Array<fc.Arbitrary<string[]>> => {
    const [flag, placeholder] = flags.split(' ') as [string, string?];
    if (choices) return [fc.constantFrom([], ...choices.map((choice) => [flag, choice]))];
    return placeholder === undefined ? [fc.constantFrom([], [flag])] : [];
  });
  return fc.tuple(...each).map((lists) => lists.flat());
}

async function columnsOf(question: Question, { aws, run }: World, asked: readonly string[]) {
  const names: string[] = [];
  aws.athena.script = (_statement, { text }) => {
    names.push(...(readMark(text)!.asked as Asked).columns.map(([name]) => name));
    return { result: rowsFor(text, 0, []) };
  };
  const { code, stderr } = await run(asked);
  if (code !== 0) throw new Error(`${question.name}: ${stderr}`);
  return names;
}

describe('flowlog result', () => {
  it.each(QUESTIONS.map((question) => [question.name, question] as const))(
    'shows %s as the run showed it',
    async (name, question) => {
      const asking = await world({ fields: VERSION_5_FORMAT });
      const { aws, run } = asking;
      const config = [
        '--config',
        join(await writeFiles(testFolder(), { 'flowlog.toml': CONFIG }), 'flowlog.toml'),
      ];
      const base = [
        name,
        ...(question.argument ? ['10.10.24.5', 'data center'] : []),
        ...(has(question, '--subnet') ? ['--subnet', 'sagemaker,2001:db8:1234:1a18::/64'] : []),
        ...['--since', '2026-06-01', ...config],
      ];
      const names = question.ownColumns ? [] : await columnsOf(question, asking, base);
      const columns = question.ownColumns
        ? fc.constantFrom(
            [],
            ['--by', 'dstaddr,protocol'],
            ['--by', 'dstaddr_name,dstaddr_kind,way'],
            ['--columns', 'start_time,dstaddr_name,bytes', '--leaves', 'no,unknown'],
            ['--columns', 'start_time,srcaddr,protocol,bytes'],
          )
        : fc.constantFrom(
            [],
            ['--columns', names.slice(-3).reverse().join(',')],
            ['--columns', names.at(-1)!],
          );
      const where = has(question, '--where')
        ? fc.constantFrom([], ...TEXTS.map((text) => ['--where', `interface_id=${text}`]))
        : fc.constant([]);
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            own: ownOptions(question.options),
            columns,
            where,
            zone: fc.constantFrom(...ZONES),
            limit: fc.constantFrom([], ['--limit', '3'], ['--limit', '7']),
            noNames: fc.constantFrom([], [], ['--no-names']),
            format: fc.constantFrom(...OUTPUTS),
            count: fc.constantFrom(0, 2, 3, 7, 12),
            asides: fc.constantFrom([], ['skipdata'], ['skipdata', 'repeat']),
          }),
          async ({ own, columns, where, zone, limit, noNames, format, count, asides }) => {
            aws.athena.script = (_statement, { text }) => ({
              scanned: 20_000_000,
              result: rowsFor(text, count, asides),
            });
            // `coverage --by gap` has columns of its own.
            const typed = [...own, ...(own.includes('--by') ? [] : columns), ...where, ...limit, ...noNames];
            const first = await run([...base, ...typed, '--tz', zone, '--format', format]);
            expect(first).toMatchObject({ code: 0 });
            const id = [...aws.athena.executions.keys()].at(-1)!;
            expect(await run(['result', id, '--format', format, ...config])).toEqual(first);
          },
        ),
        { numRuns: runs(3) },
      );
    },
    240_000,
  );

  it('shows a statement of the user as the run showed it', async () => {
    const { aws, run } = await world({ fields: VERSION_5_FORMAT });
    aws.athena.script = () => ({
      result: {
        columns: [
          { Name: 'srcaddr', Type: 'varchar' },
          { Name: 'protocol', Type: 'integer' },
        ],
        rows: [
          ['10.10.24.1', '6'],
          ['10.10.24.2', null],
          ['10.10.24.3', '17'],
        ],
      },
    });
    for (const more of [[], ['--limit', '2'], ['--since', '2026-06-01']]) {
      const sql = 'SELECT srcaddr, protocol FROM {{logs}} WHERE dstport = ?';
      const first = await run(['query', sql, '--param', '443', ...more, '--format', 'table']);
      const id = [...aws.athena.executions.keys()].at(-1)!;
      expect(await run(['result', id, '--format', 'table'])).toEqual(first);
    }
  });
});
