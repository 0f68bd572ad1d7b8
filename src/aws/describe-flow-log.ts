import { FlowlogError } from '../errors.js';
import type { Field } from '../flowlog/fields.js';
import { DEFAULT_FORMAT, parseFormat } from '../flowlog/log-format.js';
import type { FileFormat, Layout } from '../flowlog/s3-layout.js';
import { parseLocation, type S3Location } from '../flowlog/s3-place.js';
import type { Aws } from './clients.js';
import { explain } from './errors.js';

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
  const notes: string[] = [];
  if (found.TrafficType !== undefined && found.TrafficType !== 'ALL') {
    notes.push(
      `Flow log ${id} records only ${found.TrafficType} traffic: no answer drawn from it holds the other.`,
    );
  }
  if (found.DeliverLogsErrorMessage)
    notes.push(`Flow log ${id} has trouble delivering: ${found.DeliverLogsErrorMessage}.`);
  return {
    location: parseLocation(found.LogDestination!),
    fields: found.LogFormat === undefined ? DEFAULT_FORMAT : parseFormat(found.LogFormat),
    format: found.DestinationOptions?.FileFormat === 'parquet' ? 'parquet' : 'text',
    layout: found.DestinationOptions?.HiveCompatiblePartitions ? 'hive' : 'plain',
    hourly: found.DestinationOptions?.PerHourPartition ?? false,
    region,
    created: (found.CreationTime ?? new Date()).toISOString().slice(0, 10),
    notes,
  };
}
