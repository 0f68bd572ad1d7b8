import type { FlowLog } from '@aws-sdk/client-ec2';
import { FlowlogError, Interrupted } from '../errors.js';
import type { Field } from '../flowlog/fields.js';
import { DEFAULT_FORMAT, parseFormat } from '../flowlog/log-format.js';
import type { LogGroup } from '../flowlog/log-group.js';
import type { FileFormat, Layout } from '../flowlog/s3-layout.js';
import { parseLocation, type S3Location } from '../flowlog/s3-place.js';
import type { Aws } from './clients.js';
import { explain, explained } from './errors.js';
import { pagesOf } from './pages.js';

/** What EC2 says of a flow log. */
export interface FlowLogDescription {
  readonly location: S3Location;
  readonly fields: readonly Field[];
  readonly format: FileFormat;
  readonly layout: Layout;
  readonly hourly: boolean;
  /** The region that was asked, whose traffic it records. */
  readonly region: string;
  /** The UTC day it was created, `YYYY-MM-DD`. */
  readonly created: string;
  /** What limits every answer drawn from it, a sentence each. */
  readonly notes: readonly string[];
}

/** Asks EC2 for a flow log's configuration (`DescribeFlowLogs`). */
export async function describeFlowLog(aws: Aws, id: string): Promise<FlowLogDescription> {
  const client = await aws.ec2();
  const { DescribeFlowLogsCommand } = await import('@aws-sdk/client-ec2');
  const doing = { action: 'ec2:DescribeFlowLogs', resource: id, profile: aws.options.profile };
  const { FlowLogs: [found] = [] } = await client
    .send(new DescribeFlowLogsCommand({ FlowLogIds: [id] }))
    .catch((error: Error) => {
      if (/NotFound|Malformed/.test(error.name)) return { FlowLogs: [] };
      throw explain(error, doing);
    });
  const region = await client.config.region();
  if (!found) {
    throw new FlowlogError(
      `There is no flow log ${id} in ${region}.`,
      'Check the id and the region (--region); a flow log of a shared VPC is seen by the account that made it.',
    );
  }
  if (found.LogDestinationType !== undefined && found.LogDestinationType !== 's3') {
    throw new FlowlogError(
      `Flow log ${id} delivers to ${found.LogDestinationType}, not to S3.`,
      'Athena reads S3: create a flow log whose destination is a bucket.',
    );
  }
  if (!/^arn:[^:]+:s3:::/.test(found.LogDestination ?? '')) {
    throw new FlowlogError(
      `Flow log ${id} names no bucket (${found.LogDestination ?? 'no destination'}).`,
      'Use --location.',
    );
  }
  return {
    location: parseLocation(found.LogDestination!),
    fields: fieldsOf(found),
    format: found.DestinationOptions?.FileFormat === 'parquet' ? 'parquet' : 'text',
    layout: found.DestinationOptions?.HiveCompatiblePartitions ? 'hive' : 'plain',
    hourly: found.DestinationOptions?.PerHourPartition ?? false,
    region,
    created: (found.CreationTime ?? new Date()).toISOString().slice(0, 10),
    notes: notesOn(found),
  };
}

/** What EC2 says of a flow log that delivers to a log group. */
export interface GroupFlowLog extends Pick<FlowLogDescription, 'fields' | 'notes'> {
  readonly id: string;
}

/** Asks EC2 which flow logs deliver to a log group. */
export async function describeFlowLogsTo(
  aws: Aws,
  { name, region, account }: LogGroup,
  signal: AbortSignal,
): Promise<readonly GroupFlowLog[]> {
  const client = await aws.ec2(region);
  const { paginateDescribeFlowLogs } = await import('@aws-sdk/client-ec2');
  const doing = { action: 'ec2:DescribeFlowLogs', resource: name, profile: aws.options.profile };
  const found: FlowLog[] = [];
  await explained(
    doing,
    async () => {
      const Filter = [{ Name: 'log-group-name', Values: [name] }];
      const pages = paginateDescribeFlowLogs({ client }, { Filter });
      for await (const { FlowLogs = [] } of pagesOf(pages, 'NextToken', 'flow logs')) {
        if (signal.aborted) throw new Interrupted();
        found.push(...FlowLogs);
      }
    },
    signal,
  );
  // Another account may have a group of this name.
  const isOther = ({ LogDestination: arn }: FlowLog) =>
    account !== undefined && arn?.startsWith('arn:') === true && arn.split(':')[4] !== account;
  return found
    .filter((each) => !isOther(each))
    .map((each) => ({ id: each.FlowLogId ?? '', fields: fieldsOf(each), notes: notesOn(each) }));
}

const fieldsOf = ({ LogFormat }: FlowLog) =>
  LogFormat === undefined ? DEFAULT_FORMAT : parseFormat(LogFormat);

function notesOn({ FlowLogId: id, TrafficType, DeliverLogsErrorMessage: trouble }: FlowLog): string[] {
  const notes: string[] = [];
  if (TrafficType !== undefined && TrafficType !== 'ALL') {
    notes.push(
      `Flow log ${id} records only ${TrafficType} traffic: no answer drawn from it holds the other.`,
    );
  }
  if (trouble) notes.push(`Flow log ${id} has trouble delivering: ${trouble}.`);
  return notes;
}
