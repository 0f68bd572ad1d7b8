import { AwsError } from './server.js';

export interface FlowLogFixture {
  readonly LogDestination?: string;
  /** Of one that delivers to CloudWatch Logs. */
  readonly LogGroupName?: string;
  readonly LogDestinationType?: string;
  readonly LogFormat?: string;
  readonly TrafficType?: string;
  readonly CreationTime?: string;
  readonly FileFormat?: string;
  readonly HiveCompatiblePartitions?: boolean;
  readonly PerHourPartition?: boolean;
}

/** DescribeFlowLogs by ids or by log group, in EC2's query protocol. */
export function describeFlowLogs(known: ReadonlyMap<string, FlowLogFixture>, form: URLSearchParams): string {
  // Filters of DescribeFlowLogs (EC2 API Reference): log-group-name is one of them.
  const group = form.get('Filter.1.Name') === 'log-group-name' ? form.get('Filter.1.Value.1') : undefined;
  const ids =
    group === undefined
      ? [...form].filter(([name]) => /^FlowLogId\.\d+$/.test(name)).map(([, value]) => value)
      : [...known].filter(([, { LogGroupName }]) => LogGroupName === group).map(([id]) => id);
  const others = [...form.keys()].filter(
    (name) =>
      !/^(?:Action|Version|FlowLogId\.\d+)$/.test(name) &&
      !(group !== undefined && /^Filter\.1\.(?:Name|Value\.1)$/.test(name)),
  );
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

export interface BlockFixture {
  readonly block: string;
  /** `associated` unless told. */
  readonly state?: string;
}

export interface VpcFixture {
  readonly name?: string;
  readonly ipv4: readonly BlockFixture[];
  readonly ipv6?: readonly BlockFixture[];
}

/** A subnet has at most one IPv4 block. */
export interface SubnetFixture extends Omit<VpcFixture, 'ipv4'> {
  readonly vpc: string;
  readonly ipv4?: string;
}

const tagSet = (name: string | undefined) =>
  `<tagSet><item><key>team</key><value>network</value></item>${name === undefined ? '' : `<item><key>Name</key><value>${name.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</value></item>`}</tagSet>`;

const associations = (set: string, block: string, blocks: readonly BlockFixture[] = []) =>
  `<${set}>${blocks
    .map(
      (each, i) =>
        `<item><associationId>a-${i}</associationId><${block}>${each.block}</${block}><${block}State><state>${each.state ?? 'associated'}</state></${block}State></item>`,
    )
    .join('')}</${set}>`;

/** A page of items after the token, and the token of the next one. */
function page<T>(
  items: readonly T[],
  form: URLSearchParams,
  size: number,
): { items: readonly T[]; next: string } {
  const from = Number(form.get('NextToken') ?? 0);
  const next = from + size < items.length ? `<nextToken>${from + size}</nextToken>` : '';
  return { items: items.slice(from, from + size), next };
}

function checkParameters(form: URLSearchParams, allowed: RegExp): void {
  const other = [...form.keys()].find(
    (name) => !/^(?:Action|Version|NextToken)$/.test(name) && !allowed.test(name),
  );
  if (other !== undefined) throw new AwsError('UnknownParameter', `The parameter ${other} is not recognized`);
}

/** DescribeVpcs by ids, so many in a page. */
export function describeVpcs(
  known: ReadonlyMap<string, VpcFixture>,
  form: URLSearchParams,
  size: number,
): string {
  checkParameters(form, /^VpcId\.\d+$/);
  const ids = [...form].filter(([name]) => /^VpcId\.\d+$/.test(name)).map(([, value]) => value);
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined)
    throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${missing}' does not exist`);
  const { items, next } = page(ids, form, size);
  const set = items.map((id) => {
    const { name, ipv4, ipv6 } = known.get(id)!;
    return `<item><vpcId>${id}</vpcId><cidrBlock>${ipv4[0]!.block}</cidrBlock>${associations('cidrBlockAssociationSet', 'cidrBlock', ipv4)}${associations('ipv6CidrBlockAssociationSet', 'ipv6CidrBlock', ipv6)}${tagSet(name)}</item>`;
  });
  return `<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><vpcSet>${set.join('')}</vpcSet>${next}</DescribeVpcsResponse>`;
}

/** DescribeSubnets with the filter `vpc-id`, so many in a page. */
export function describeSubnets(
  known: ReadonlyMap<string, SubnetFixture>,
  form: URLSearchParams,
  size: number,
): string {
  checkParameters(form, /^Filter\.1\.(?:Name|Value\.\d+)$/);
  if (form.get('Filter.1.Name') !== 'vpc-id')
    throw new AwsError('InvalidParameterValue', `The filter '${form.get('Filter.1.Name')}' is invalid`);
  const vpcs = [...form].filter(([name]) => /Value/.test(name)).map(([, value]) => value);
  const { items, next } = page(
    [...known].filter(([, { vpc }]) => vpcs.includes(vpc)),
    form,
    size,
  );
  const set = items.map(
    ([id, { vpc, name, ipv4, ipv6 }]) =>
      `<item><subnetId>${id}</subnetId><vpcId>${vpc}</vpcId>${ipv4 === undefined ? '' : `<cidrBlock>${ipv4}</cidrBlock>`}${associations('ipv6CidrBlockAssociationSet', 'ipv6CidrBlock', ipv6)}${tagSet(name)}</item>`,
  );
  return `<DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><subnetSet>${set.join('')}</subnetSet>${next}</DescribeSubnetsResponse>`;
}
