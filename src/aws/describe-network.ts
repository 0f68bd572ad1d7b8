import type { Subnet, Tag, Vpc } from '@aws-sdk/client-ec2';
import { FlowlogError } from '../errors.js';
import type { Aws } from './clients.js';
import { explain } from './errors.js';
import { pagesOf } from './pages.js';

/** A VPC or a subnet, by its id and its Name tag. */
export interface DescribedNetwork {
  readonly id: string;
  readonly name: string | undefined;
  /** IPv4 and IPv6 blocks that belong to it now. */
  readonly blocks: readonly string[];
}

export interface NetworkDescription {
  readonly vpcs: readonly DescribedNetwork[];
  readonly subnets: readonly DescribedNetwork[];
  /** What else must be known, a sentence each. */
  readonly notes: readonly string[];
}

/** A block's state, and the block. */
type Association = readonly [state: string | undefined, block: string | undefined];

/** Asks EC2 for the blocks of VPCs and of their subnets (`DescribeVpcs`, `DescribeSubnets`), all pages. */
export async function describeNetwork(aws: Aws, vpcIds: readonly string[]): Promise<NetworkDescription> {
  const client = await aws.ec2();
  const { paginateDescribeSubnets, paginateDescribeVpcs } = await import('@aws-sdk/client-ec2');
  const notes: string[] = [];
  const described = (
    id: string,
    tags: readonly Tag[] | undefined,
    associations: readonly Association[],
  ): DescribedNetwork => {
    for (const [state, block] of associations) {
      if (state === 'associating' || state === 'disassociating') {
        notes.push(`Block ${block} of ${id} is ${state}, and left out.`);
      }
    }
    const blocks = associations.flatMap(([state, block]) => (state === 'associated' && block ? [block] : []));
    return { id, name: tags?.find(({ Key }) => Key === 'Name')?.Value || undefined, blocks };
  };
  const vpcs: DescribedNetwork[] = [];
  const subnets: DescribedNetwork[] = [];
  try {
    const pages = paginateDescribeVpcs({ client }, { VpcIds: [...vpcIds] });
    for await (const { Vpcs = [] } of pagesOf(pages, 'NextToken', 'VPCs')) {
      vpcs.push(...Vpcs.map((vpc) => described(vpc.VpcId!, vpc.Tags, vpcBlocks(vpc))));
    }
  } catch (error) {
    throw await refusal(error, 'ec2:DescribeVpcs', vpcIds, aws);
  }
  const ofVpcs = { Filters: [{ Name: 'vpc-id', Values: [...vpcIds] }] };
  try {
    const pages = paginateDescribeSubnets({ client }, ofVpcs);
    for await (const { Subnets = [] } of pagesOf(pages, 'NextToken', 'subnets')) {
      subnets.push(
        ...Subnets.map((subnet) => described(subnet.SubnetId!, subnet.Tags, subnetBlocks(subnet))),
      );
    }
  } catch (error) {
    throw await refusal(error, 'ec2:DescribeSubnets', vpcIds, aws);
  }
  return { vpcs, subnets, notes };
}

const ipv6 = (associations: Vpc['Ipv6CidrBlockAssociationSet']): Association[] =>
  (associations ?? []).map(({ Ipv6CidrBlock, Ipv6CidrBlockState }) => [
    Ipv6CidrBlockState?.State,
    Ipv6CidrBlock,
  ]);

/** The set of IPv4 blocks has the primary one too. */
const vpcBlocks = ({ CidrBlockAssociationSet = [], Ipv6CidrBlockAssociationSet }: Vpc): Association[] => [
  ...CidrBlockAssociationSet.map(
    ({ CidrBlock, CidrBlockState }): Association => [CidrBlockState?.State, CidrBlock],
  ),
  ...ipv6(Ipv6CidrBlockAssociationSet),
];

/** A subnet of IPv6 alone has no IPv4 block. */
const subnetBlocks = ({ CidrBlock, Ipv6CidrBlockAssociationSet }: Subnet): Association[] => [
  ['associated', CidrBlock],
  ...ipv6(Ipv6CidrBlockAssociationSet),
];

async function refusal(error: unknown, action: string, ids: readonly string[], aws: Aws): Promise<unknown> {
  if (error instanceof Error && /^InvalidVpcI[dD]\./.test(error.name)) {
    const region = await (await aws.ec2()).config.region();
    return new FlowlogError(
      `There is no VPC ${ids.join(', ')} in ${region}.`,
      'Check the id and the region (--region), and whose credentials are in use (--profile).',
      1,
      { cause: error },
    );
  }
  return explain(error, { action, resource: ids.join(', '), profile: aws.options.profile });
}
