import { AwsError } from './server.js';

/** An element's content as EC2 writes it: a list is `<item>`s, an object is elements. */
export type Xml = string | boolean | { readonly [name: string]: Xml } | readonly Xml[];

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function content(value: Xml): string {
  if (Array.isArray(value)) return value.map((item) => `<item>${content(item)}</item>`).join('');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, each]) => `<${name}>${content(each as Xml)}</${name}>`)
      .join('');
  }
  return escaped(String(value));
}

/** What an account has in the region, by the set that lists it in the answers of EC2 (Amazon EC2 API Reference). */
export interface InventoryFixture {
  networkInterfaceSet: Xml[];
  vpcEndpointSet: Xml[];
  prefixListSet: Xml[];
  natGatewaySet: Xml[];
  reservationSet: Xml[];
  vpcSet: Xml[];
  subnetSet: Xml[];
  /** Entries by prefix list. */
  entries: Record<string, Xml[]>;
}

const CALLS: Readonly<Record<string, Exclude<keyof InventoryFixture, 'entries'>>> = {
  DescribeNetworkInterfaces: 'networkInterfaceSet',
  DescribeVpcEndpoints: 'vpcEndpointSet',
  DescribeManagedPrefixLists: 'prefixListSet',
  DescribeNatGateways: 'natGatewaySet',
  DescribeInstances: 'reservationSet',
  DescribeVpcs: 'vpcSet',
  DescribeSubnets: 'subnetSet',
};

/** At most as many results in a page as EC2 allows. */
const MOST: Readonly<Record<string, number>> = {
  DescribeManagedPrefixLists: 100,
  GetManagedPrefixListEntries: 100,
};

/** Answers a call without filters, so many items in a page; undefined for a call of another kind. */
export function describeInventory(
  inventory: InventoryFixture,
  action: string,
  form: URLSearchParams,
  size: number,
): string | undefined {
  const set = action === 'GetManagedPrefixListEntries' ? 'entrySet' : CALLS[action];
  if (set === undefined) return undefined;
  // A call that chooses something is answered elsewhere.
  if (!form.has('MaxResults')) return undefined;
  const most = Number(form.get('MaxResults'));
  if (!(most >= 1 && most <= (MOST[action] ?? 1000))) {
    throw new AwsError('InvalidParameterValue', `Value ( ${most} ) for parameter maxResults is invalid.`);
  }
  const items =
    set === 'entrySet'
      ? inventory.entries[form.get('PrefixListId')!]
      : inventory[set as keyof InventoryFixture];
  if (!Array.isArray(items))
    throw new AwsError('InvalidPrefixListID.NotFound', 'The prefix list does not exist');
  const from = Number(form.get('NextToken') ?? 0);
  const page = items.slice(from, from + Math.min(size, most));
  const next = from + page.length < items.length ? `<nextToken>${from + page.length}</nextToken>` : '';
  return `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><${set}>${content(page)}</${set}>${next}</${action}Response>`;
}
