import { describe, expect, it } from 'vitest';
import { cleanText } from '../../src/names/clean-text.js';
import { ownerOf, surroundings } from '../../src/names/owner.js';
import type { InterfaceItem, Snapshot } from '../../src/names/snapshot.js';

const SNAPSHOT: Snapshot = {
  flowlog: 'inventory',
  version: 1,
  taken: '2026-06-01T00:00:00Z',
  instances: [{ id: 'i-01', name: 'bastion' }, { id: 'i-02' }],
  endpoints: [
    {
      id: 'vpce-01',
      type: 'Interface',
      service: 'com.amazonaws.ap-northeast-1.sagemaker.api',
      interfaces: ['eni-01'],
    },
    {
      id: 'vpce-02',
      type: 'Interface',
      service: 'com.amazonaws.us-east-1.bedrock-runtime',
      serviceRegion: 'us-east-1',
    },
    { id: 'vpce-03', type: 'Interface', service: 'com.amazonaws.vpce.ap-northeast-1.vpce-svc-0a1b' },
  ],
  natGateways: [{ id: 'nat-01', name: 'egress', interfaces: ['eni-02'] }],
};
const around = surroundings(SNAPSHOT);
const owner = (item: Partial<InterfaceItem>) => ownerOf({ id: 'eni-99', addresses: [], ...item }, around);
const named = (item: Partial<InterfaceItem>) => owner(item)?.name;

const UUID = '0f8a2c5e-1234-4abc-9def-0123456789ab';

describe('the owner of an interface', () => {
  // Each description has been seen in a public inventory or parser.
  it.each([
    ['Interface for NAT Gateway nat-0a1b', 'NAT gateway nat-0a1b'],
    ['Interface for NAT Gateway nat-01', 'NAT gateway egress'],
    ['VPC Endpoint Interface vpce-01', 'endpoint sagemaker.api'],
    ['VPC Endpoint Interface: vpce-02', 'endpoint bedrock-runtime us-east-1'],
    ['VPC Endpoint Interface vpce-03', 'endpoint vpce.ap-northeast-1.vpce-svc-0a1b'],
    ['VPC Endpoint Interface vpce-0f00', 'endpoint vpce-0f00'],
    ['Resource Gateway Interface rgw-0bba', 'resource gateway rgw-0bba'],
    ['ELB app/web/50dc6c495c0c9188', 'ALB web'],
    ['ELB net/tcp-in/50dc6c495c0c9188', 'NLB tcp-in'],
    ['ELB gwy/inspect/50dc6c495c0c9188', 'GWLB inspect'],
    ['ELB old-web', 'ELB old-web'],
    [`AWS Lambda VPC ENI-report-${UUID}`, 'Lambda report'],
    [`AWS Lambda VPC ENI: ${UUID}`, `Lambda ${UUID}`],
    ['RDSNetworkInterface', 'RDS (or Neptune, DocumentDB)'],
    ['Network interface for DBProxy', 'RDS Proxy'],
    ['RedshiftNetworkInterface', 'Redshift'],
    ['DMSNetworkInterface', 'DMS'],
    ['ElastiCache sessions-001', 'ElastiCache sessions-001'],
    ['DAX cart-a', 'DAX cart-a'],
    ['EFS mount target for fs-0a1b2c3d (fsmt-0a1b2c3d)', 'EFS fs-0a1b2c3d'],
    ['Amazon EKS prod', 'EKS control plane prod'],
    ['aws-K8S-i-0a1b2c3d', 'EKS node i-0a1b2c3d'],
    ['aws-k8s-branch-eni', 'EKS pod'],
    [`arn:aws:ecs:ap-northeast-1:123456789012:attachment/${UUID}`, 'ECS task'],
    ['Network Interface for Transit Gateway Attachment tgw-attach-0a1b', 'transit gateway tgw-attach-0a1b'],
    [
      '[DO NOT DELETE] ENI managed by SageMaker for Studio Domain(d-abc123) - 0f',
      'SageMaker Studio d-abc123',
    ],
    ['ENI managed by SageMaker for Studio Domain (d-abc123)', 'SageMaker Studio d-abc123'],
    ['ENI managed by SageMaker for Studio Domain', 'SageMaker Studio'],
    [
      '[Do not delete] Network Interface created to access resources in your VPC for SageMaker Notebook Instance arn:aws:sagemaker:ap-northeast-1:123456789012:notebook-instance/team-a',
      'SageMaker notebook team-a',
    ],
    ['Created By Amazon Workspaces for AWS Account ID 123456789012', 'WorkSpace'],
    ['Created by Amazon WorkSpaces for AWS Account ID 123456789012', 'WorkSpace'],
    ['AWS created network interface for directory d-9567', 'directory d-9567'],
    ['Attached to Glue using role: arn:aws:iam::123456789012:role/etl', 'Glue etl'],
    ['datasync task', 'DataSync'],
    ['CloudHSM Managed Interface', 'CloudHSM'],
    ['CloudHsm ENI 1', 'CloudHSM'],
    ['AWS ElasticMapReduce', 'EMR'],
    [
      'Amazon MSK network interface for cluster arn:aws:kafka:ap-northeast-1:1:cluster/events/0f',
      'MSK events',
    ],
    ['whatever I typed', undefined],
  ])('%s: %s', (description, expected) => {
    expect(named({ description })).toBe(expected);
  });

  it.each([
    ['the Name tag of the instance', { instance: 'i-01', tags: { Name: 'eth0' } }, 'bastion'],
    ['its own, where the instance has none', { instance: 'i-02', tags: { Name: 'eth0' } }, 'eth0'],
    ['the instance id, where nothing has a name', { instance: 'i-02', tags: { Name: 'i-0a1b2c3d' } }, 'i-02'],
    [
      'the Name tag, which says more than a service',
      { tags: { Name: 'billing' }, description: 'RDSNetworkInterface' },
      'billing',
    ],
    [
      'the endpoint that lists it, whatever it is called',
      { id: 'eni-01', tags: { Name: 'x' } },
      'endpoint sagemaker.api',
    ],
    ['the NAT gateway that lists it', { id: 'eni-02' }, 'NAT gateway egress'],
    ['the type as the API has it', { type: 'nat_gateway' }, 'NAT gateway'],
    ['the type as the SDK has it', { type: 'natGateway' }, 'NAT gateway'],
    [
      'the type and its description',
      { type: 'nat_gateway', description: 'Interface for NAT Gateway nat-01' },
      'NAT gateway egress',
    ],
    [
      'the type, against a description',
      { type: 'lambda', description: 'Interface for NAT Gateway nat-01' },
      'Lambda',
    ],
    [
      'a type nobody knows says nothing',
      { type: 'new_thing', tags: { 'aws:ecs:serviceName': 'api' } },
      'api',
    ],
    ['a tag of EKS', { tags: { 'cluster.k8s.amazonaws.com/name': 'prod' } }, 'prod'],
    ['the one security group that a person named', { groups: ['default', 'db-clients'] }, 'db-clients'],
    ['not one of two', { groups: ['a', 'b'] }, undefined],
    ['not one that was made by a machine', { groups: ['launch-wizard-3'] }, undefined],
  ] as const)('%s', (_title, item, expected) => {
    expect(named(item)).toBe(expected);
  });

  it('is an endpoint by kind', () => {
    expect(owner({ description: 'VPC Endpoint Interface vpce-0f00' })).toMatchObject({ kind: 'endpoint' });
    expect(owner({ type: 'vpc_endpoint' })).toMatchObject({ name: 'endpoint', kind: 'endpoint' });
    expect(owner({ description: 'RDSNetworkInterface' })).toMatchObject({
      kind: 'interface',
      by: 'description',
    });
  });

  it('is told without what a terminal would act on', () => {
    expect(named({ tags: { Name: '\u001b[31mred\u001b[0m\u0007\u202egnp' } })).toBe('red gnp');
    expect(named({ description: 'Amazon EKS a\u001b]0;title\u0007b\r\nc' })).toBe('EKS control plane ab c');
    expect(cleanText('x'.repeat(500))).toHaveLength(120);
    expect(cleanText('\u009b1mbold\u0000')).toBe('bold');
  });
});
