import { Command } from 'commander';
import { EXIT } from '../errors.js';
import { FIELDS, type Field, type FieldSet } from '../flowlog/fields.js';
import { type Column, givenRows, type Row } from '../result.js';
import type { Io } from '../terminal/streams.js';
import { renderResult } from './answer.js';
import { configurationOf } from './configuration.js';
import {
  type AwsAsked,
  addLogsOptions,
  addOutputOptions,
  type LogsOptions,
  type OutputOptions,
} from './options.js';
import { withSession } from './session.js';

interface FieldsOptions extends AwsAsked, LogsOptions, OutputOptions {}

const EXAMPLES = `
Examples:
  Every field there is, and the version of flow logs that has it:
    $ flowlog fields

  Which of them these logs record:
    $ flowlog fields --logs ./my-logs

  Which of them logs in S3 record, of which the beginnings of a few files are read:
    $ flowlog fields --logs s3://my-logs/

  Which of them a table has, as CSV:
    $ flowlog fields --table network.vpc_flow_logs --format csv
`;

const EVER = { since: undefined, until: undefined };

const COLUMNS: readonly Column[] = [
  { name: 'field', type: 'text' },
  { name: 'version', type: 'integer' },
  { name: 'type', type: 'text' },
  { name: 'meaning', type: 'text' },
];

export function fieldsCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('fields').description(
    'All fields of flow log records; with logs or a table, which of them it has',
  );
  addLogsOptions(command);
  addOutputOptions(command);
  return command.addHelpText('after', EXAMPLES).action(async (options: FieldsOptions) => {
    const recorded = asksLogs(command)
      ? // Of logs in S3 the beginnings are enough.
        await withSession({ ...options, sql: true }, EVER, io, async ({ source }) => source.fields)
      : undefined;
    // A limit in the configuration is for answers.
    const { limit, ...unlimited } = options;
    const typed = command.getOptionValueSource('limit') === 'cli';
    await renderResult(fieldResult(recorded), typed ? options : unlimited, io);
    done(EXIT.done);
  });
}

/** Whether anyone, also the configuration, names logs or a table to look at. */
function asksLogs(command: Command): boolean {
  const { settings } = configurationOf(command)!;
  return settings.some(
    ({ setting, kind }) =>
      ['engine', 'logs', 'table', 'database'].includes(setting.key) && kind !== 'default',
  );
}

function fieldResult(recorded: FieldSet | undefined) {
  // AWS adds fields with each version: logs may have some that are not known here.
  const unknown = [...(recorded?.values() ?? [])].filter(({ version }) => version === undefined);
  const rows = [...FIELDS, ...unknown].map((field: Field): Row => {
    const { name, version = null, type, meaning } = field;
    const row = [name, version, type, meaning];
    return recorded ? [...row, recorded.has(field.column) ? 'yes' : 'no'] : row;
  });
  return givenRows(recorded ? [...COLUMNS, { name: 'recorded', type: 'text' }] : COLUMNS, rows);
}
