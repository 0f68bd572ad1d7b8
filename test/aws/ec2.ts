import { AwsError } from './server.js';

export interface FlowLogFixture {
  readonly LogDestination: string;
  readonly LogDestinationType?: string;
  readonly LogFormat?: string;
  readonly TrafficType?: string;
  readonly CreationTime?: string;
  readonly FileFormat?: string;
  readonly HiveCompatiblePartitions?: boolean;
  readonly PerHourPartition?: boolean;
}

/** DescribeFlowLogs by ids, in EC2's query protocol. */
export function describeFlowLogs(known: ReadonlyMap<string, FlowLogFixture>, form: URLSearchParams): string {
  const ids = [...form].filter(([name]) => /^FlowLogId\.\d+$/.test(name)).map(([, value]) => value);
  const others = [...form.keys()].filter((name) => !/^(?:Action|Version|FlowLogId\.\d+)$/.test(name));
  if (others.length > 0)
    throw new AwsError('UnknownParameter', `The parameter ${others[0]} is not recognized`);
  const items = ids.map((id) => {
    const found = known.get(id);
    if (!found) throw new AwsError('InvalidFlowLogId.NotFound', `The flow log ids '${id}' do not exist`);
    const { FileFormat, HiveCompatiblePartitions, PerHourPartition, ...rest } = found;
    const element = ([name, value]: [string, unknown]) =>
      `<${name[0]!.toLowerCase()}${name.slice(1)}>${value}</${name[0]!.toLowerCase()}${name.slice(1)}>`;
    const options =
      FileFormat === undefined
        ? ''
        : `<destinationOptions>${Object.entries({ FileFormat, HiveCompatiblePartitions, PerHourPartition }).map(element).join('')}</destinationOptions>`;
    return `<item><flowLogId>${id}</flowLogId>${Object.entries(rest).map(element).join('')}${options}</item>`;
  });
  return `<DescribeFlowLogsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><flowLogSet>${items.join('')}</flowLogSet></DescribeFlowLogsResponse>`;
}
