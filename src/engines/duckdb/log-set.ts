import type { Readable } from 'node:stream';
import type { DuckDBValue } from '@duckdb/node-api';
import type { LogSelection } from '../../aws/list-logs.js';
import { FlowlogError } from '../../errors.js';
import { type FieldSet, fieldSet } from '../../flowlog/fields.js';
import { DEFAULT_FORMAT } from '../../flowlog/log-format.js';
import { isTransitGateway, kindOf, type LogKindName } from '../../flowlog/transit-gateway.js';
import type { CloudWatchLogs } from '../../logs/cloudwatch/cloudwatch-logs.js';
import { leaveOutExports } from '../../logs/exports.js';
import { findFiles } from '../../logs/find-files.js';
import { refuseForeign } from '../../logs/foreign.js';
import { type FileGroup, groupFiles } from '../../logs/group-files.js';
import type { LogFile } from '../../logs/log-file.js';
import { inspectParquet } from '../../logs/parquet-columns.js';
import { recognise } from '../../logs/recognise.js';
import { recogniseAll, recognisePresumed } from '../../logs/recognise-many.js';
import type { S3Logs } from '../../logs/s3/s3-logs.js';
import type { Told } from '../../records/content.js';

/** What finding logs needs. */
export interface Finding {
  readonly logs: readonly string[];
  readonly selection: LogSelection;
  readonly told: Told;
  readonly kind: LogKindName | undefined;
  readonly stdin: Readable;
  readonly newFile: () => string;
  readonly maxInput?: number | undefined;
  readonly s3: S3Logs | undefined;
  readonly cloudwatch: CloudWatchLogs | undefined;
  /** Receives, file by file, how many bytes of text there are to read so far, as stored. */
  readonly onText: (size: number) => void;
  /** Asks DuckDB about Parquet files. */
  readonly query: (sql: string) => Promise<DuckDBValue[][]>;
  readonly signal: AbortSignal;
}

/** Log files that were found and recognised, those that are read alike together. */
export class LogSet {
  private constructor(
    readonly files: readonly LogFile[],
    readonly groups: readonly FileGroup[],
    /** Files whose names say that they are not of the selection. */
    readonly passedOver: number,
    /** Files of the other kind, which are not read: of transit gateways, where VPCs are asked. */
    readonly otherKind: number,
    private readonly finding: Finding,
  ) {}

  /** Whose records these are. */
  get kind(): LogKindName {
    return this.groups[0] ? kindOf(this.groups[0].fields) : (this.finding.kind ?? 'vpc');
  }

  static async find(finding: Finding): Promise<{ set: LogSet; fields: FieldSet }> {
    const { logs, selection, told, newFile, query, signal } = finding;
    const found = await findFiles(logs, selection, { ...finding, spool: newFile });
    const recognised = await inspectParquet(await recogniseAll(found.files, told, signal), query);
    const files = leaveOutExports(recognised, found.passedOver > 0);
    const set = LogSet.of(files, found.passedOver, finding);
    const { example } = found;
    const known =
      set.groups.length > 0 || !example
        ? set.groups
        : groupFiles(await inspectParquet([await recognise(example, told)], query));
    if (finding.kind === 'tgw' && !known.some(({ fields }) => isTransitGateway(fields))) {
      throw new FlowlogError(
        `There are no transit gateway flow logs under ${logs.join(', ')}.`,
        'Leave --kind out to ask the flow logs of VPCs.',
      );
    }
    const fields = fieldSet(known.length > 0 ? known.flatMap((group) => group.fields) : DEFAULT_FORMAT);
    return { set, fields };
  }

  private static of(files: readonly LogFile[], passedOver: number, finding: Finding): LogSet {
    refuseForeign(files, finding.logs, passedOver);
    const groups = groupFiles(files);
    const gateways = groups.filter(({ fields }) => isTransitGateway(fields));
    const kind = finding.kind ?? (groups.length > gateways.length ? 'vpc' : kindOf(groups[0]?.fields ?? []));
    const wanted = kind === 'tgw' ? gateways : groups.filter((group) => !gateways.includes(group));
    if (wanted.length === groups.length) return new LogSet(files, groups, passedOver, 0, finding);
    const other = new Set(groups.filter((group) => !wanted.includes(group)).flatMap(({ paths }) => paths));
    const kept = files.filter(({ path }) => !other.has(path));
    return new LogSet(kept, wanted, passedOver, other.size, finding);
  }

  /** Only some of the files, each of them looked at, and the whole set with what they are. */
  async inspectedOnly(paths: ReadonlySet<string>): Promise<{ some: LogSet; all: LogSet }> {
    const { finding, passedOver } = this;
    const some = await recognisePresumed(
      this.files.filter(({ path }) => paths.has(path)),
      finding.told,
      finding.signal,
    );
    const known = new Map(some.map((file) => [file.path, file]));
    const files = this.files.map((file) => known.get(file.path) ?? file);
    refuseForeign(files, finding.logs, passedOver);
    return {
      some: new LogSet(some, groupFiles(some), 0, 0, finding),
      all: new LogSet(files, this.groups, passedOver, this.otherKind, finding),
    };
  }
}
