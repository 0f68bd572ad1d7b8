import { UsageError } from '../errors.js';
import { type Cidr, containsBlock, parseCidr } from '../net/cidr.js';
import type { Policy, Statement } from './policies.js';

/** From where calls are let in. */
export interface Origins {
  /** Public addresses: of a NAT gateway, a proxy, an office. */
  readonly blocks: readonly Cidr[];
  /** VPCs and VPC endpoints whose endpoints calls may come through. */
  readonly vpcs: readonly string[];
  readonly endpoints: readonly string[];
  /** Private addresses within these; all of them when empty. */
  readonly vpcBlocks: readonly Cidr[];
}

/** Addresses that AWS never sees a call come from. */
const PRIVATE = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['0.0.0.0/8', '224.0.0.0/3', '::/8', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
];

/**
 * The policy that denies everything to who calls from elsewhere, but for what AWS services do on the caller's behalf,
 * without which no query of Athena could read a file (IAM User Guide, forward access sessions). One Deny whose conditions
 * must all hold, in the form of AWS's data perimeter examples: an absent key counts as a mismatch.
 *
 * @throws UsageError when nothing is let in, for addresses that are not public, and for private ones without a VPC
 */
export function onlyFrom({ blocks, vpcs, endpoints, vpcBlocks }: Origins): Policy {
  if (vpcBlocks.length > 0 && vpcs.length + endpoints.length === 0) {
    throw new UsageError(
      '--allow-vpc-ip requires --allow-vpc or --allow-vpce.',
      'Any VPC of anybody may use the same private addresses: name yours.',
    );
  }
  if (blocks.length + vpcs.length + endpoints.length === 0) {
    throw new UsageError(
      'At least one --allow-ip, --allow-vpc or --allow-vpce is required.',
      'Give the public address of your network, such as --allow-ip 131.248.10.10/32.',
    );
  }
  checkPublic(blocks);
  const elsewhere: Record<string, Record<string, string | readonly string[]>> = {};
  if (blocks.length > 0) elsewhere.NotIpAddressIfExists = { 'aws:SourceIp': blocks.map(({ text }) => text) };
  if (vpcs.length + endpoints.length > 0) {
    elsewhere.StringNotEqualsIfExists = {
      ...(vpcs.length === 0 ? {} : { 'aws:SourceVpc': vpcs }),
      ...(endpoints.length === 0 ? {} : { 'aws:SourceVpce': endpoints }),
    };
  }
  const statements = [deny('DenyFromElsewhere', elsewhere)];
  if (vpcBlocks.length > 0) {
    // A statement of its own: beside the conditions above it would let any VPC in that has such addresses.
    statements.push(
      deny('DenyFromOtherAddressesOfVpc', {
        Null: { 'aws:VpcSourceIp': 'false' },
        NotIpAddressIfExists: { 'aws:VpcSourceIp': vpcBlocks.map(({ text }) => text) },
      }),
    );
  }
  return { Version: '2012-10-17', Statement: statements };
}

const deny = (Sid: string, Condition: NonNullable<Statement['Condition']>): Statement => ({
  Sid,
  Effect: 'Deny',
  Action: '*',
  Resource: '*',
  Condition: { ...Condition, BoolIfExists: { 'aws:ViaAWSService': 'false' } },
});

function checkPublic(blocks: readonly Cidr[]): void {
  const closed = PRIVATE.map(parseCidr);
  for (const block of blocks) {
    const within = closed.find((each) => containsBlock(each, block) || containsBlock(block, each));
    if (!within) continue;
    throw new UsageError(
      containsBlock(within, block)
        ? `${block.text} is not public (${within.text}).`
        : `${block.text} contains addresses that are not public (${within.text}).`,
      'Give the public address of your proxy or NAT gateway. For calls through a VPC endpoint, use --allow-vpc or --allow-vpce, and --allow-vpc-ip.',
    );
  }
}

/** What must be known of such a policy, a sentence or two each. */
export function notesOn({ blocks, vpcs, endpoints }: Origins): string[] {
  const throughEndpoint = vpcs.length + endpoints.length > 0;
  return [
    'It grants nothing: attach it beside a policy that allows.',
    throughEndpoint
      ? `Calls through a VPC endpoint are denied unless it is ${vpcs.length > 0 ? 'in a VPC that is named' : 'named'}.${
          blocks.length > 0 ? '' : ' Calls from public addresses are denied.'
        }`
      : 'Calls through a VPC endpoint have no public source address and are denied; --allow-vpc or --allow-vpce lets them in.',
    'What AWS services do on behalf of the caller is exempt (aws:ViaAWSService), so that Athena can read logs and write results. ' +
      'What a service does by a role of its own is not affected: restrict that in the policy of that role.',
    "Athena's guide says that its calls to S3 come from private addresses; the exemption is how the guide of IAM lets them " +
      'through. The same condition without it, in a bucket policy say, can make every query fail with access denied on S3.',
  ];
}
