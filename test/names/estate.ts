/** What `aws ec2 describe-…` answers of a small VPC, by the file it was saved in. */
export const VPC = 'vpc-0aaaaaaaaaaaaaaa1';
const PEER = 'vpc-0bbbbbbbbbbbbbbb2';

const eni = (n: number, VpcId: string, address: string, more: object = {}) => ({
  NetworkInterfaceId: `eni-${String(n).padStart(17, '0')}`,
  OwnerId: '123456789012',
  AvailabilityZone: 'ap-northeast-1a',
  SubnetId: 'subnet-01',
  InterfaceType: 'interface',
  VpcId,
  PrivateIpAddress: address,
  PrivateIpAddresses: [{ PrivateIpAddress: address, Primary: true }],
  Description: '',
  Groups: [],
  TagSet: [],
  ...more,
});

export const FILES = {
  'enis.json': {
    NetworkInterfaces: [
      eni(1, VPC, '10.10.24.17', {
        Description:
          '[Do not delete] Network Interface created to access resources in your VPC for SageMaker Notebook Instance arn:aws:sagemaker:ap-northeast-1:123456789012:notebook-instance/team-a',
        Ipv6Addresses: [{ Ipv6Address: '2001:db8:1234:1a18::11' }],
      }),
      eni(2, VPC, '10.10.2.20', {
        Description: 'Created By Amazon Workspaces for AWS Account ID 123456789012',
        PrivateIpAddresses: [
          { PrivateIpAddress: '10.10.2.20', Primary: true },
          { PrivateIpAddress: '10.10.2.21', Primary: false },
        ],
      }),
      eni(3, VPC, '10.10.40.11', {
        InterfaceType: 'vpc_endpoint',
        Description: 'VPC Endpoint Interface vpce-0c0ffee1',
      }),
      eni(4, VPC, '10.10.0.220', {
        InterfaceType: 'nat_gateway',
        Description: 'Interface for NAT Gateway nat-0c0ffee2',
        Association: { PublicIp: '203.0.113.220', IpOwnerId: '123456789012' },
      }),
      eni(5, VPC, '10.10.5.5', {
        Description: 'aws-K8S-i-0a1b2c3d',
        Ipv4Prefixes: [{ Ipv4Prefix: '10.10.6.16/28' }],
        Attachment: { InstanceId: 'i-0a1b2c3d' },
      }),
      eni(6, PEER, '10.20.0.5', { TagSet: [{ Key: 'Name', Value: 'ledger' }] }),
      eni(7, PEER, '10.10.24.99', { TagSet: [{ Key: 'Name', Value: 'overlap' }] }),
      eni(8, VPC, '10.10.0.230', {
        InterfaceType: 'transit_gateway',
        Description: 'Network Interface for Transit Gateway Attachment tgw-attach-0a',
      }),
    ],
  },
  'endpoints.json': {
    VpcEndpoints: [
      {
        VpcEndpointId: 'vpce-0c0ffee1',
        VpcEndpointType: 'Interface',
        VpcId: VPC,
        ServiceName: 'com.amazonaws.ap-northeast-1.sagemaker.api',
        NetworkInterfaceIds: ['eni-00000000000000003'],
      },
      {
        VpcEndpointId: 'vpce-0c0ffee3',
        VpcEndpointType: 'Gateway',
        VpcId: VPC,
        ServiceName: 'com.amazonaws.ap-northeast-1.s3',
      },
    ],
  },
  'lists.json': {
    PrefixLists: [
      { PrefixListId: 'pl-61a54008', PrefixListName: 'com.amazonaws.ap-northeast-1.s3', OwnerId: 'AWS' },
      { PrefixListId: 'pl-0a1b2c3d4e5f67890', PrefixListName: 'partners', OwnerId: '123456789012' },
    ],
  },
  'pl-61a54008.json': { Entries: [{ Cidr: '198.51.100.32/28' }] },
  'pl-0a1b2c3d4e5f67890.json': { Entries: [{ Cidr: '192.0.2.80/32', Description: 'a partner' }] },
  'subnets.json': {
    Subnets: [
      {
        SubnetId: 'subnet-01',
        VpcId: VPC,
        CidrBlock: '10.10.24.0/24',
        AvailabilityZone: 'ap-northeast-1a',
        Tags: [{ Key: 'Name', Value: 'sagemaker' }],
      },
    ],
  },
  'vpcs.json': {
    Vpcs: [
      { VpcId: VPC, CidrBlock: '10.10.0.0/16', Tags: [{ Key: 'Name', Value: 'ml' }] },
      { VpcId: PEER, CidrBlock: '10.20.0.0/16' },
    ],
  },
  'nats.json': {
    NatGateways: [
      {
        NatGatewayId: 'nat-0c0ffee2',
        VpcId: VPC,
        ConnectivityType: 'public',
        NatGatewayAddresses: [
          {
            PublicIp: '203.0.113.220',
            PrivateIp: '10.10.0.220',
            NetworkInterfaceId: 'eni-00000000000000004',
          },
        ],
        Tags: [{ Key: 'Name', Value: 'egress' }],
      },
    ],
  },
  'instances.json': {
    Reservations: [{ Instances: [{ InstanceId: 'i-0a1b2c3d', Tags: [{ Key: 'Name', Value: 'node-1' }] }] }],
  },
} as const;

export const texts = (files: Readonly<Record<string, unknown>> = FILES): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, json]) => [name, JSON.stringify(json)]));
