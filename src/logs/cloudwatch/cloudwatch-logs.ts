import { appendFile, stat } from 'node:fs/promises';
import { describeFlowLogsTo, type GroupFlowLog } from '../../aws/describe-flow-log.js';
import type { LogSelection } from '../../aws/list-logs.js';
import { logEvents } from '../../aws/log-events.js';
import { logGroupArn } from '../../aws/log-group-arn.js';
import { FlowlogError, UsageError } from '../../errors.js';
import type { Field } from '../../flowlog/fields.js';
import { type LogGroup, parseLogGroup } from '../../flowlog/log-group.js';
import { humanBytes, humanSeconds, plural } from '../../terminal/units.js';
import type { TimeRange } from '../../time/range.js';
import type { FoundFile } from '../log-file.js';
import type { S3Settings } from '../s3/settings.js';
import { EventFormats } from './event-formats.js';
import { unsettled } from './settled-days.js';

export interface CloudWatchSettings
  extends Pick<S3Settings, 'aws' | 'maxDownload' | 'lookOnly' | 'progress'> {
  /** The format of records that no flow log describes (`--log-format`). */
  readonly logFormat: readonly Field[] | undefined;
  /** The only interface whose events are asked for, where it is one. */
  readonly eni?: string | undefined;
  /**
   * Of an import: the UTC days of a log group, by its ARN, that need not be fetched, since nothing is added to them any more.
   * Undefined for a question.
   */
  readonly settled?: (arn: string) => ReadonlySet<string>;
}

/** Events that show what records are. */
const FEW = 100;

/** Log groups of CloudWatch Logs as files of this machine, one for each UTC day that has events. */
export class CloudWatchLogs {
  private events = 0;
  private bytes = 0;
  private seconds = 0;

  constructor(
    private readonly settings: CloudWatchSettings,
    private readonly spool: () => string,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * The events of log groups whose records start in a range of time; where there are none, a file that tells what these logs
   * record, as far as that is known.
   */
  async fetch(
    places: readonly string[],
    { range, flowLogs }: LogSelection,
  ): Promise<{ files: FoundFile[]; example: FoundFile | undefined }> {
    if (flowLogs) {
      throw new UsageError(
        '--flow-log cannot select among the events of a log group: they do not say which flow log wrote them.',
        'Leave out --flow-log, or name a log group that only this flow log delivers to.',
      );
    }
    const files: FoundFile[] = [];
    const examples: FoundFile[] = [];
    const began = performance.now();
    try {
      for (const place of new Set(places)) {
        const group = parseLogGroup(place);
        const formats = await this.formatsOf(group);
        const fetched = await this.fetchGroup(group, formats, range);
        files.push(...fetched);
        if (fetched.length === 0) examples.push(...(await this.headerOnly(place, formats)));
      }
    } finally {
      this.seconds = (performance.now() - began) / 1000;
      await this.settings.progress.clear();
    }
    return { files, example: examples[0] };
  }

  /** What was fetched, for the summary of a run. */
  summary(): string {
    if (this.events === 0) return '';
    return ` (${plural(this.events, 'event')} fetched from CloudWatch Logs in ${humanSeconds(this.seconds)})`;
  }

  /** The formats of a group's records: as told, else as EC2 describes the flow logs that deliver to it. */
  private async formatsOf(group: LogGroup): Promise<EventFormats> {
    const { aws, logFormat, progress } = this.settings;
    if (logFormat) return new EventFormats([logFormat]);
    const flowLogs = await describeFlowLogsTo(aws, group, this.signal).catch((error) => {
      if (!(error instanceof FlowlogError)) throw error;
      progress.note(
        `The record format of ${group.name} is unknown, so the default format is assumed (override with --log-format). ${error.message}`,
      );
      return undefined;
    });
    if (flowLogs?.length === 0) {
      progress.note(
        `No flow log in this account delivers to ${group.name}, so the default format is assumed (override with --log-format).`,
      );
    }
    for (const note of flowLogs?.flatMap(({ notes }) => notes) ?? []) progress.note(note);
    const formats = new EventFormats((flowLogs ?? []).map(({ fields }) => fields));
    if (flowLogs && flowLogs.length > 1) this.tellOfSeveral(group, flowLogs, formats);
    return formats;
  }

  private tellOfSeveral(group: LogGroup, flowLogs: readonly GroupFlowLog[], formats: EventFormats): void {
    const ids = flowLogs.map(({ id }) => id).join(', ');
    if (formats.areAmbiguous) {
      throw new FlowlogError(
        `${plural(flowLogs.length, 'flow log')} (${ids}) deliver to ${group.name} in different formats with the same number of fields.`,
        'Name the format to read with --log-format. Records of the other formats may be misread.',
      );
    }
    this.settings.progress.note(
      `${plural(flowLogs.length, 'flow log')} deliver to ${group.name} (${ids}). Traffic that several of them record counts several times.`,
    );
  }

  /** Where a header alone says what the records are, for a question that is only looked at or that finds nothing. */
  private async headerOnly(name: string, formats: EventFormats): Promise<FoundFile[]> {
    const header = formats.header;
    if (header === undefined) return [];
    const path = this.spool();
    await appendFile(path, header, { mode: 0o600 });
    return [{ path, name, size: header.length, named: true }];
  }

  private async fetchGroup(group: LogGroup, formats: EventFormats, range: TimeRange): Promise<FoundFile[]> {
    const { aws, lookOnly, progress, settled, eni: prefix } = this.settings;
    if (lookOnly && formats.header !== undefined) return this.headerOnly(`cloudwatch:${group.name}`, formats);
    const arn = settled && (await logGroupArn(aws, group, this.signal));
    const done = arn === undefined ? new Set<string>() : settled!(arn);
    const limit = lookOnly ? FEW : undefined;
    const name = `cloudwatch:${arn ?? group.arn ?? group.name}`;
    const before = this.events;
    const paths = new Map<string, string>();
    fetching: for (const part of unsettled(range, done)) {
      const selection = { range: part, limit, prefix, signal: this.signal };
      for await (const events of logEvents(aws, group, selection)) {
        for (const [day, text] of formats.textByDay(events)) {
          if (done.has(day)) continue;
          const path = paths.get(day) ?? this.spool();
          paths.set(day, path);
          this.count(text, group);
          await appendFile(path, text, { mode: 0o600 });
        }
        this.events += events.length;
        progress.show({ events: this.events, bytes: this.bytes });
        if (lookOnly && events.length > 0) break fetching;
      }
    }
    if (this.events === before && done.size === 0) this.tellOfNone(group, range);
    const days = [...paths].sort(([a], [b]) => (a < b ? -1 : 1));
    return Promise.all(
      days.map(async ([day, path]) => ({
        path,
        name: `${name}/${day}`,
        size: (await stat(path)).size,
        named: true,
      })),
    );
  }

  private count(text: string, { name }: LogGroup): void {
    const { maxDownload } = this.settings;
    this.bytes += Buffer.byteLength(text);
    if (maxDownload === undefined || this.bytes <= maxDownload) return;
    throw new FlowlogError(
      `Log group ${name} has more in this time range than --max-download ${humanBytes(maxDownload)} allows. Stopped after ${plural(this.events, 'event')}.`,
      'Ask for a shorter range with --since and --until, or allow more.',
    );
  }

  private tellOfNone({ name }: LogGroup, { since, until }: TimeRange): void {
    const { eni, progress } = this.settings;
    if (since !== undefined || until !== undefined || eni !== undefined) {
      const of = eni === undefined ? '' : ` of ${eni}`;
      progress.note(`Log group ${name} has no events${of} in this time range.`);
      return;
    }
    throw new FlowlogError(
      `Log group ${name} has no events.`,
      'Check that a flow log delivers to it, and that its retention has not removed the events.',
    );
  }
}
