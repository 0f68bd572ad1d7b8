import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateFlowLogsCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

export const REGION = 'ap-northeast-1';

// The SDK warns of Node 20, once in every process.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const settings = (url: string) => ({
  endpoint: url,
  region: REGION,
  // It serves all of the suite on one core, and lets some wait too long.
  maxAttempts: 10,
  credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
});

/** Puts things into a moto, with the SDK. */
export class Moto {
  private readonly s3: S3Client;
  private readonly ec2: EC2Client;

  constructor(readonly url: string) {
    this.s3 = new S3Client({ ...settings(url), forcePathStyle: true });
    this.ec2 = new EC2Client(settings(url));
  }

  async bucket(name: string): Promise<void> {
    const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
    await this.s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }));
  }

  async put(bucket: string, key: string, body: string | Uint8Array): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  }

  /** Everything below a folder. */
  async upload(bucket: string, prefix: string, folder: string): Promise<void> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    for (let from = 0; from < files.length; from += 16) {
      await Promise.all(
        files
          .slice(from, from + 16)
          .map(async (path) => this.put(bucket, prefix + relative(folder, path), await readFile(path))),
      );
    }
  }

  /** A flow log of a new VPC; returns its id. */
  async flowLog(destination: string, format: string): Promise<string> {
    const { Vpc } = await this.ec2.send(new CreateVpcCommand({ CidrBlock: '10.10.0.0/16' }));
    const { FlowLogIds } = await this.ec2.send(
      new CreateFlowLogsCommand({
        ResourceIds: [Vpc!.VpcId!],
        ResourceType: 'VPC',
        TrafficType: 'ALL',
        LogDestinationType: 's3',
        LogDestination: destination,
        LogFormat: format,
      }),
    );
    return FlowLogIds![0]!;
  }

  /** A log group that a flow log of a new VPC delivers to, with records of one interface. */
  async logGroup(logGroupName: string, format: string, eni: string, records: ReadonlyMap<number, string>) {
    const logs = new CloudWatchLogsClient(settings(this.url));
    const stream = { logGroupName, logStreamName: `${eni}-all` };
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await logs.send(new CreateLogStreamCommand(stream));
    const logEvents = [...records].map(([start, message]) => ({ timestamp: start * 1000, message }));
    await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
    const { Vpc } = await this.ec2.send(new CreateVpcCommand({ CidrBlock: '10.10.0.0/16' }));
    await this.ec2.send(
      new CreateFlowLogsCommand({
        ResourceIds: [Vpc!.VpcId!],
        ResourceType: 'VPC',
        TrafficType: 'ALL',
        LogDestinationType: 'cloud-watch-logs',
        LogGroupName: logGroupName,
        DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/r',
        LogFormat: format,
      }),
    );
  }
}
