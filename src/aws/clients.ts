import type { AthenaClient } from '@aws-sdk/client-athena';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { S3Client } from '@aws-sdk/client-s3';
import { UsageError } from '../errors.js';

/** Who asks, and where. What is not given is found by the SDK: environment, profile, SSO, container, instance. */
export interface AwsOptions {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** A role to assume, with the external id that its owner asks for. */
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Of the calls that AWS may throttle when many ask at once. */
const ATTEMPTS = 6;

/** Connections that are kept open, and how long one may be silent (milliseconds) before the request is made anew. */
const S3_CONNECTIONS = {
  connectionTimeout: 10_000,
  socketTimeout: 30_000,
  httpsAgent: { maxSockets: 64 },
  httpAgent: { maxSockets: 64 },
};

/** The clients of AWS's services. Each is loaded when it is first asked for: one costs a tenth of a second. */
export class Aws {
  private readonly made = new Map<string, Promise<unknown>>();

  /** AWS's own tools read both variables, the SDK only the first, and takes an empty one for a name. */
  private readonly region: string | undefined;

  constructor(readonly options: AwsOptions) {
    if (options.externalId !== undefined && options.roleArn === undefined) {
      throw new UsageError(
        '--external-id is of no use without --role-arn.',
        'Name the role with --role-arn.',
      );
    }
    const { env } = options;
    this.region = options.region || env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined;
  }

  athena(): Promise<AthenaClient> {
    return this.once('athena', async () => {
      const { AthenaClient } = await import('@aws-sdk/client-athena');
      return new AthenaClient(await this.settings());
    });
  }

  /** @param region of the bucket, where it is known and may be another */
  s3(region = this.region): Promise<S3Client> {
    return this.once(`s3 ${region}`, async () => {
      const { S3Client } = await import('@aws-sdk/client-s3');
      const { env } = this.options;
      return new S3Client({
        ...(await this.settings()),
        ...(region === undefined ? {} : { region }),
        requestHandler: S3_CONNECTIONS,
        // Logs may lie in a bucket of another region.
        followRegionRedirects: true,
        // A server of one's own seldom has a host name for each bucket.
        forcePathStyle: Boolean(env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL),
      });
    });
  }

  ec2(): Promise<EC2Client> {
    return this.once('ec2', async () => {
      const { EC2Client } = await import('@aws-sdk/client-ec2');
      return new EC2Client(await this.settings());
    });
  }

  private once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const made = this.made.get(name) ?? make();
    this.made.set(name, made);
    return made as Promise<T>;
  }

  private async settings() {
    const { profile, roleArn, externalId } = this.options;
    const { region } = this;
    const credentials = roleArn === undefined ? undefined : await this.assumed(roleArn, externalId);
    return {
      maxAttempts: ATTEMPTS,
      ...(region === undefined ? {} : { region }),
      ...(profile === undefined ? {} : { profile }),
      ...(credentials === undefined ? {} : { credentials }),
    };
  }

  private async assumed(roleArn: string, externalId: string | undefined) {
    const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
    const { profile } = this.options;
    const { region } = this;
    return fromTemporaryCredentials({
      masterCredentials: fromNodeProviderChain(profile === undefined ? {} : { profile }),
      params: {
        RoleArn: roleArn,
        RoleSessionName: 'flowlog',
        ...(externalId === undefined ? {} : { ExternalId: externalId }),
      },
      ...(region === undefined ? {} : { clientConfig: { region } }),
    });
  }
}
