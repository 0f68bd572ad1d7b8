import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { engineOf } from '../engines/index.js';
import { EXIT, FlowlogError, UsageError } from '../errors.js';
import { visibleStatement } from '../output/text.js';
import { rangeOf } from '../questions/filters.js';
import { checkReadOnly, oneStatement, ownColumn, ownParameter, withLogs } from '../questions/own-sql.js';
import { parameterComments } from '../sql/sql.js';
import type { Io } from '../terminal/streams.js';
import { answer } from './answer.js';
import { addCommonOptions, type CommonOptions } from './options.js';
import { withSession } from './session.js';

interface QueryOptions extends CommonOptions {
  readonly file?: string;
  readonly param?: string[];
  readonly allowWrite?: boolean;
}

const EXAMPLES = `
Examples:
  Your own statement; {{logs}} stands for the table:
    $ flowlog query 'SELECT action, count(*) AS flows FROM {{logs}} GROUP BY action ORDER BY action' --logs ./my-logs

  With parameters, which are never part of the text, in a range of time:
    $ flowlog query 'SELECT srcaddr, sum(bytes) AS bytes FROM {{logs}} WHERE dstport = ? GROUP BY 1 ORDER BY 2 DESC' \\
        --param 443 --since 2026-06-01 --until 2026-06-02 --logs ./my-logs

  From standard input:
    $ echo 'SELECT count(*) AS records FROM {{logs}}' | flowlog query --table network.vpc_flow_logs --since yesterday
`;

export function queryCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('query')
    .description('Run your own SQL on the logs; statements that could write are refused')
    .argument('[sql]', 'SQL statement (default: from --file or standard input)');
  const question = (flags: string, description: string) =>
    new Option(flags, description).helpGroup('Question:');
  command
    .addOption(question('--file <file>', 'read the statement from a file'))
    .addOption(
      question('--param <value>', 'value for the next ?: 443, text, or text:443 (repeatable)').argParser(
        (value: string, before: string[] | undefined) => [...(before ?? []), value],
      ),
    )
    .addOption(question('--allow-write', 'run the statement even if it could write'));
  addCommonOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (sql: string | undefined, options: QueryOptions) => done(await runQuery(sql, options, io)));
}

async function runQuery(sql: string | undefined, options: QueryOptions, io: Io): Promise<number> {
  const { range } = await rangeOf(options, io);
  const text = oneStatement(await textOf(sql, options, io));
  if (!options.allowWrite && !engineOf(options).judgesStatements) checkReadOnly(text);
  const parameters = (options.param ?? []).map(ownParameter);
  return withSession(options, range, io, async (session) => {
    const statement = withLogs(text, session.source, range);
    if (options.sql) {
      const listed = parameterComments(parameters, (value) => JSON.stringify(String(value)));
      await io.stdout.write(visibleStatement(`${statement};\n${listed}`));
      return EXIT.done;
    }
    const { limit, names } = options;
    const own = {
      text: statement,
      parameters,
      column: ownColumn,
      asked: { limit, names },
      writes: options.allowWrite === true,
    };
    return answer(session, own, options, io);
  });
}

/** Bytes of a statement: longer than Athena takes. */
const LONGEST = 1e6;

async function textOf(sql: string | undefined, { file, logs }: QueryOptions, io: Io): Promise<string> {
  if (sql !== undefined && file !== undefined) {
    throw new UsageError('Both an argument and --file give a statement.', 'Give only one of them.');
  }
  if (sql !== undefined && sql !== '-') return sql;
  if (file !== undefined) {
    return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new FlowlogError(`${file} cannot be read (${error.code}).`, 'Give --file a readable SQL file.');
    });
  }
  if (logs?.includes('-')) {
    throw new UsageError(
      'Standard input cannot hold both the logs and the statement.',
      'Give the statement as an argument, or with --file.',
    );
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of io.stdin) {
    size += (chunk as Buffer).length;
    if (size > LONGEST) {
      throw new UsageError(
        'The statement on standard input is longer than 1 MB.',
        'Give the statement alone; logs are named with --logs.',
      );
    }
    chunks.push(Buffer.from(chunk as Buffer));
  }
  return Buffer.concat(chunks).toString('utf8');
}
