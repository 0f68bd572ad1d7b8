import { costText, estimatedCost, executionText } from '../../athena/cost.js';
import { execute } from '../../athena/execution.js';
import { marked, OWN } from '../../athena/mark.js';
import { executionResult, executionShape } from '../../athena/results.js';
import type { AthenaSettings } from '../../athena/settings.js';
import { readTable } from '../../athena/table-info.js';
import { FlowlogError } from '../../errors.js';
import type { OwnStatement, Query, Source } from '../../sql/query.js';
import { parameterComments } from '../../sql/sql.js';
import { humanBytes, plural } from '../../terminal/units.js';
import type { TimeRange } from '../../time/range.js';
import { type Engine, isOwn, type Run, type RunOptions, type Session } from '../engine.js';
import { literal } from './literal.js';
import { scanSize } from './scan-size.js';
import { rangeNotes, type TableSource, tableSource } from './table-source.js';

/** Amazon Athena: the logs stay in S3, the question goes there. */
export const athenaEngine = (settings: Omit<AthenaSettings, 'signal'>): Engine => ({
  open: (range, signal = new AbortController().signal) => AthenaSession.open({ ...settings, signal }, range),
});

class AthenaSession implements Session {
  readonly source: Source;
  readonly billed = true;
  readonly inputs = [];

  private constructor(
    private readonly settings: AthenaSettings,
    private readonly range: TimeRange,
    private readonly table: TableSource,
  ) {
    this.source = table.source;
  }

  static async open(settings: AthenaSettings, range: TimeRange): Promise<AthenaSession> {
    const info = await readTable(settings);
    if (!info) throw noTable(settings);
    return new AthenaSession(settings, range, await tableSource(settings, info, range));
  }

  async run(query: Query | OwnStatement, { onProgress, onNote }: RunOptions): Promise<Run> {
    const { settings } = this;
    const notes = this.rangeNotes();
    for (const note of notes) onNote(note);
    if (settings.maxScan !== undefined) onNote(await this.checkScan(settings.maxScan));
    const statement = {
      text: isOwn(query)
        ? marked(query.text, { name: OWN, asked: query.asked, notes })
        : queryText(query, notes),
      parameters: (isOwn(query) ? query.parameters : query.sql.values).map(literal),
      database: settings.database,
    };
    const execution = await execute(settings, statement, { onProgress, onNote });
    const shape = isOwn(query)
      ? await executionShape(settings, execution.QueryExecutionId!, query.column)
      : query;
    return {
      result: executionResult(settings, execution, shape),
      summary: async () => ({
        read: executionText(execution, settings.pricePerTb),
        billed: true,
        notes: [],
        flaws: [],
        execution: {
          id: execution.QueryExecutionId!,
          workgroup: execution.WorkGroup,
          scannedBytes: execution.Statistics?.DataScannedInBytes,
          output: execution.ResultConfiguration?.OutputLocation,
          submitted: execution.Status?.SubmissionDateTime?.toISOString(),
        },
      }),
    };
  }

  private rangeNotes(): string[] {
    return rangeNotes(this.table, this.range, `${this.settings.database}.${this.settings.table}`);
  }

  /** Adds up, from a listing, the files that the query may read. */
  private async checkScan(limit: number): Promise<string> {
    const { files, bytes } = await scanSize(this.table, this.settings, this.settings.signal);
    const most = `${humanBytes(bytes)} in ${plural(files, 'file')}`;
    if (bytes <= limit) return `At most ${most} to be read.`;
    throw new FlowlogError(
      `The query may read ${most}, more than --max-scan ${humanBytes(limit)} allows; that would be about ` +
        `${costText(estimatedCost(bytes, this.settings.pricePerTb))}. It was not run.`,
      'Ask for a shorter range of time with --since and --until, or allow more.',
    );
  }

  statement(query: Query): string {
    return `${queryText(query)};\n${parameterComments(query.sql.values, literal)}`;
  }

  async close(): Promise<void> {}
}

/** One row more than asked for, which tells whether there are more. */
function queryText({ name, sql, limit, asked }: Query, notes: readonly string[] = []): string {
  const most = limit === undefined ? '' : `\nLIMIT ${limit + 1}`;
  return marked(`${sql.sql}${most}`, { name, asked, notes });
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
