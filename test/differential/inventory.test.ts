import {
  CreateManagedPrefixListCommand,
  CreateNetworkInterfaceCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { describe, expect, inject, it } from 'vitest';
import { flowlog } from '../e2e/bin.js';
import { testFolder } from '../folder.js';
import { REGION } from './moto.js';

const services = inject('services');

describe.skipIf(!services)('flowlog inventory against a moto', () => {
  const { env, moto: endpoint } = services ?? { env: {}, moto: '' };

  it('reads what EC2 has, and names addresses by it', async () => {
    const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
    const ec2 = new EC2Client({ endpoint, region: REGION, maxAttempts: 10, credentials });
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.77.0.0/16' }));
    const { VpcId } = Vpc!;
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.77.24.0/24' }));
    const SubnetId = Subnet!.SubnetId!;
    const Description = 'Created By Amazon Workspaces for AWS Account ID 123456789012';
    await ec2.send(
      new CreateNetworkInterfaceCommand({ SubnetId, PrivateIpAddress: '10.77.24.17', Description }),
    );
    const ServiceName = `com.amazonaws.${REGION}.sagemaker.api`;
    const { VpcEndpoint } = await ec2.send(
      new CreateVpcEndpointCommand({
        ...{ VpcId: VpcId!, ServiceName, VpcEndpointType: 'Interface', SubnetIds: [SubnetId] },
      }),
    );
    await ec2.send(
      new CreateManagedPrefixListCommand({
        ...{ PrefixListName: 'partners', MaxEntries: 5, AddressFamily: 'IPv4' },
        Entries: [{ Cidr: '192.0.2.80/32' }],
      }),
    );
    const cwd = testFolder();
    const run = (...args: string[]) =>
      flowlog(['inventory', ...args, '--inventory', 'kept', '--region', REGION], { cwd, env });
    expect(await run('update')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/\d+ interfaces?, /),
    });
    const named = async (what: string) => {
      const { stdout } = await run('show', what, '--format', 'json', '--quiet');
      const [{ kind, name }] = JSON.parse(stdout) as [{ kind: string; name: string }];
      return `${kind} ${name}`;
    };
    expect(await named('10.77.24.17')).toBe('interface WorkSpace');
    expect(await named('10.77.24.200')).toBe(`network subnet ${SubnetId}`);
    expect(await named('192.0.2.80')).toBe('network partners');
    expect(await named(VpcEndpoint!.VpcEndpointId!)).toBe('endpoint endpoint sagemaker.api');
  });
});
