import type { QueryExecution } from '@aws-sdk/client-athena';
import { listLogs } from '../../aws/list-logs.js';
import { FlowlogError } from '../../errors.js';
import { parseLocation, type S3Location } from '../../flowlog/table.js';
import type { Result } from '../../result.js';
import type { OwnStatement, Query, Source } from '../../sql/query.js';
import { humanBytes, humanSeconds, plural } from '../../terminal/units.js';
import type { TimeRange } from '../../time/range.js';
import type { Engine, RunOptions, RunSummary } from '../engine.js';
import { costText, estimatedCost } from './cost.js';
import { execute } from './execution.js';
import { literal } from './literal.js';
import { marked, OWN } from './mark.js';
import { executionResult, executionShape } from './results.js';
import type { AthenaSettings } from './settings.js';
import { readTable } from './table-info.js';
import { rangeNotes, type TableSource, tableSource } from './table-source.js';

/** Amazon Athena: the logs stay in S3, the question goes there. */
export function openAthenaEngine(settings: AthenaSettings): Engine {
  return new AthenaEngine(settings);
}

class AthenaEngine implements Engine {
  private table: TableSource | undefined;
  private range: TimeRange = { since: undefined, until: undefined };
  private execution: QueryExecution | undefined;

  constructor(private readonly settings: AthenaSettings) {}

  async source(range: TimeRange): Promise<Source> {
    const info = await readTable(this.settings);
    if (!info) throw noTable(this.settings);
    this.range = range;
    this.table = await tableSource(this.settings, info, range);
    return this.table.source;
  }

  async run(query: Query, { signal, onProgress, onNote }: RunOptions): Promise<Result> {
    const settings = { ...this.settings, signal };
    const notes = this.rangeNotes();
    for (const note of notes) onNote(note);
    if (settings.maxScan !== undefined) onNote(await this.checkScan(settings.maxScan, signal));
    const statement = {
      text: queryText(query, notes),
      parameters: query.sql.values.map(literal),
      database: settings.database,
    };
    this.execution = await execute(settings, statement, { onProgress, onNote });
    return executionResult(settings, this.execution, query);
  }

  async runOwn(
    { text, parameters, asked, column }: OwnStatement,
    { signal, onProgress, onNote }: RunOptions,
  ) {
    const settings = { ...this.settings, signal };
    const notes = this.rangeNotes();
    for (const note of notes) onNote(note);
    if (settings.maxScan !== undefined) onNote(await this.checkScan(settings.maxScan, signal));
    const statement = {
      text: marked(text, { name: OWN, asked, notes }),
      parameters: parameters.map(literal),
      database: settings.database,
    };
    this.execution = await execute(settings, statement, { onProgress, onNote });
    const shape = await executionShape(settings, this.execution.QueryExecutionId!, column);
    return executionResult(settings, this.execution, shape);
  }

  private rangeNotes(): string[] {
    return rangeNotes(this.table!, this.range, `${this.settings.database}.${this.settings.table}`);
  }

  /** Adds up, from a listing, the files that the query may read. */
  private async checkScan(limit: number, signal: AbortSignal): Promise<string> {
    const { properties } = this.table!.info;
    const values = (pattern: RegExp) => projectedValues(properties, pattern);
    const selection = {
      range: this.table!.times.keys.length > 0 ? this.range : { since: undefined, until: undefined },
      accounts: values(/^\d{12}$/),
      regions: values(/^[a-z]{2,}(-[a-z0-9]+)+$/),
    };
    let files = 0;
    let bytes = 0;
    for await (const { size } of listLogs(this.settings.aws, this.logsLocation(), selection, { signal })) {
      files++;
      bytes += size;
    }
    const most = `${humanBytes(bytes)} in ${plural(files, 'file')}`;
    if (bytes <= limit) return `At most ${most} to be read.`;
    throw new FlowlogError(
      `The query may read ${most}, more than --max-scan ${humanBytes(limit)} allows; that would be about ` +
        `${costText(estimatedCost(bytes, this.settings.pricePerTb))}. It was not run.`,
      'Ask for a shorter range of time with --since and --until, or allow more.',
    );
  }

  private logsLocation(): S3Location {
    const { properties } = this.table!.info;
    const template = properties.get('storage.location.template')?.split('${', 1)[0];
    const location = properties.get('location') ?? template;
    if (location !== undefined) return parseLocation(location);
    throw new FlowlogError(
      '--max-scan cannot tell where the logs of this table lie.',
      'Leave it out; a limit on bytes in the settings of the workgroup works for any table.',
    );
  }

  statement(query: Query): string {
    const parameters = query.sql.values
      .map((value, i) => `-- parameter ${i + 1}: ${literal(value)}\n`)
      .join('');
    return `${queryText(query)};\n${parameters}`;
  }

  async summary(): Promise<RunSummary> {
    return {
      read: executionText(this.execution!, this.settings.pricePerTb),
      billed: true,
      notes: [],
      flaws: [],
    };
  }

  async close(): Promise<void> {}
}

/** One row more than asked for, which tells whether there are more. */
function queryText({ name, sql, limit, asked }: Query, notes: readonly string[] = []): string {
  const most = limit === undefined ? '' : `\nLIMIT ${limit + 1}`;
  return marked(`${sql.sql}${most}`, { name, asked, notes });
}

/** `12 MB scanned (about 0.00006 USD) by query 0a1b… (3.2 s at Athena)`. */
export function executionText(execution: QueryExecution, pricePerTb: number): string {
  const { Statistics = {}, QueryExecutionId } = execution;
  const scanned = Statistics.DataScannedInBytes ?? 0;
  const reused = Statistics.ResultReuseInformation?.ReusedPreviousResult === true;
  const cost = reused
    ? 'an earlier result reused, nothing scanned'
    : `${humanBytes(scanned)} scanned (about ${costText(estimatedCost(scanned, pricePerTb))})`;
  const seconds =
    (Statistics.TotalExecutionTimeInMillis ?? Statistics.EngineExecutionTimeInMillis ?? 0) / 1000;
  const queued = (Statistics.QueryQueueTimeInMillis ?? 0) / 1000;
  const queue = queued >= 0.5 ? `, ${humanSeconds(queued)} of it queued` : '';
  return `${cost} by query ${QueryExecutionId} (${humanSeconds(seconds)} at Athena${queue})`;
}

/** The values of a projected enumeration that all look like this; undefined when there is none. */
function projectedValues(properties: ReadonlyMap<string, string>, pattern: RegExp): string[] | undefined {
  for (const [name, value] of properties) {
    if (!/^projection\..+\.values$/.test(name)) continue;
    const values = value.split(',').map((each) => each.trim());
    if (values.every((each) => pattern.test(each))) return values;
  }
  return undefined;
}

function noTable({ database, table, catalog, workgroup }: AthenaSettings): FlowlogError {
  const where = catalog === 'AwsDataCatalog' ? '' : ` in catalog ${catalog}`;
  const group = workgroup === 'primary' ? '' : ` --workgroup ${workgroup}`;
  return new FlowlogError(
    `There is no table ${database}.${table}${where}.`,
    `Create it: flowlog create-table --location s3://BUCKET/PREFIX/ --database ${database} --table ${table}${group}\n` +
      'Or name another with --database and --table; for logs on this machine, use --logs PATH.',
  );
}
