import type { Aws } from '../aws/clients.js';
import { explain } from '../aws/errors.js';
import { pagesOf } from '../aws/pages.js';
import type { Described } from './described.js';

/** EC2 refuses calls without pages on large accounts. The SDK writes the next page's token into what it is given. */
const page = (MaxResults = 1000) => ({ MaxResults });

/** Asks EC2 for what is in the region, all pages of each call. */
export async function describeInventory(aws: Aws, signal?: AbortSignal): Promise<Described> {
  const client = await aws.ec2();
  const ec2 = await import('@aws-sdk/client-ec2');
  const described: Described = {};
  const read = async <P extends { NextToken?: string | undefined }, T>(
    action: string,
    pages: AsyncIterable<P>,
    items: (each: P) => readonly T[] | undefined,
  ) => {
    const all: T[] = [];
    try {
      for await (const each of pagesOf(pages, 'NextToken', action)) {
        all.push(...(items(each) ?? []));
        signal?.throwIfAborted();
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      throw explain(error, { action: `ec2:${action}`, resource: '*', profile: aws.options.profile });
    }
    return all;
  };
  described.NetworkInterfaces = await read(
    'DescribeNetworkInterfaces',
    ec2.paginateDescribeNetworkInterfaces({ client }, page()),
    (each) => each.NetworkInterfaces,
  );
  described.VpcEndpoints = await read(
    'DescribeVpcEndpoints',
    ec2.paginateDescribeVpcEndpoints({ client }, page()),
    (each) => each.VpcEndpoints,
  );
  const lists = await read(
    'DescribeManagedPrefixLists',
    ec2.paginateDescribeManagedPrefixLists({ client }, page(100)),
    (each) => each.PrefixLists,
  );
  described.PrefixLists = lists;
  described.entries = new Map();
  for (const { PrefixListId } of lists) {
    const entries = await read(
      'GetManagedPrefixListEntries',
      ec2.paginateGetManagedPrefixListEntries({ client }, { PrefixListId: PrefixListId!, ...page(100) }),
      (each) => each.Entries,
    );
    described.entries.set(
      PrefixListId!,
      entries.flatMap(({ Cidr }) => Cidr ?? []),
    );
  }
  described.Subnets = await read(
    'DescribeSubnets',
    ec2.paginateDescribeSubnets({ client }, page()),
    (each) => each.Subnets,
  );
  described.Vpcs = await read(
    'DescribeVpcs',
    ec2.paginateDescribeVpcs({ client }, page()),
    (each) => each.Vpcs,
  );
  described.NatGateways = await read(
    'DescribeNatGateways',
    ec2.paginateDescribeNatGateways({ client }, page()),
    (each) => each.NatGateways,
  );
  described.Instances = await read(
    'DescribeInstances',
    ec2.paginateDescribeInstances({ client }, page()),
    (each) => each.Reservations?.flatMap(({ Instances }) => Instances ?? []),
  );
  return described;
}
