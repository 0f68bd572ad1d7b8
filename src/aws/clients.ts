import type { AthenaClient } from '@aws-sdk/client-athena';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { GlueClient } from '@aws-sdk/client-glue';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { S3Client } from '@aws-sdk/client-s3';
import { UsageError } from '../errors.js';
import { type Connections, connectionsOf } from './connections.js';
import { type CredentialProvider, credentialProvider, type Identity } from './credentials.js';
import { type Patience, withPatience } from './patience.js';

/** Who asks, and where. What is not given is found by the SDK: environment, profile, SSO, container, instance. */
export interface AwsOptions extends Identity, Patience {
  readonly region?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Of the calls that AWS may throttle when many ask at once. */
const ATTEMPTS = 6;

/** What all clients of a run share. */
interface Shared {
  readonly maxAttempts: number;
  readonly requestHandler: Connections;
  readonly credentials: CredentialProvider;
  readonly region?: string;
  readonly profile?: string;
}

/**
 * The clients of AWS's services. Each is loaded when it is first asked for: one costs a tenth of a second. They share
 * connections and credentials, so that a role is assumed, and an MFA code asked for, once.
 */
export class Aws {
  private readonly made = new Map<string, Promise<unknown>>();

  /** AWS's own tools read both variables, the SDK only the first, and takes an empty one for a name. */
  private readonly region: string | undefined;

  constructor(readonly options: AwsOptions) {
    const { roleArn, env } = options;
    const needsRole = [
      ['--external-id', options.externalId],
      ['--mfa-serial', options.mfaSerial],
      ['--role-session-name', options.roleSessionName],
      ['--role-duration', options.roleDuration],
    ] as const;
    for (const [name, value] of needsRole) {
      if (value !== undefined && roleArn === undefined) {
        throw new UsageError(`${name} requires --role-arn.`, 'Name the role with --role-arn.');
      }
    }
    this.region = options.region || env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined;
  }

  athena(): Promise<AthenaClient> {
    return this.once('athena', async () => {
      const { AthenaClient } = await import('@aws-sdk/client-athena');
      return withPatience(new AthenaClient(await this.shared()), this.options);
    });
  }

  /** @param region of the bucket, where it is known and may be another */
  s3(region = this.region): Promise<S3Client> {
    return this.once(`s3 ${region}`, async () => {
      const { S3Client } = await import('@aws-sdk/client-s3');
      const { env } = this.options;
      const client = new S3Client({
        ...(await this.shared()),
        ...(region === undefined ? {} : { region }),
        // Logs may lie in a bucket of another region.
        followRegionRedirects: true,
        // A server of one's own seldom has a host name for each bucket.
        forcePathStyle: Boolean(env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL),
      });
      return withPatience(client, this.options);
    });
  }

  /** @param region where it may be another than the one in use */
  ec2(region = this.region): Promise<EC2Client> {
    return this.once(`ec2 ${region}`, async () => {
      const { EC2Client } = await import('@aws-sdk/client-ec2');
      const own = { ...(await this.shared()), ...(region === undefined ? {} : { region }) };
      return withPatience(new EC2Client(own), this.options);
    });
  }

  glue(): Promise<GlueClient> {
    return this.once('glue', async () => {
      const { GlueClient } = await import('./glue.js');
      return withPatience(new GlueClient(await this.shared()), this.options);
    });
  }

  /** @param region of the log group, where it may be another than the one in use */
  logs(region = this.region): Promise<CloudWatchLogsClient> {
    return this.once(`logs ${region}`, async () => {
      const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs');
      const own = { ...(await this.shared()), ...(region === undefined ? {} : { region }) };
      return withPatience(new CloudWatchLogsClient(own), this.options);
    });
  }

  /** @param region of the key */
  kms(region = this.region): Promise<KMSClient> {
    return this.once(`kms ${region}`, async () => {
      const { KMSClient } = await import('@aws-sdk/client-kms');
      const own = { ...(await this.shared()), ...(region === undefined ? {} : { region }) };
      return withPatience(new KMSClient(own), this.options);
    });
  }

  private once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const made = this.made.get(name) ?? make();
    this.made.set(name, made);
    return made as Promise<T>;
  }

  private shared(): Promise<Shared> {
    return this.once('shared', async () => {
      const { profile, env } = this.options;
      const { region } = this;
      const requestHandler = await connectionsOf(env);
      return {
        maxAttempts: ATTEMPTS,
        requestHandler,
        credentials: await credentialProvider(this.options, region, requestHandler),
        ...(region === undefined ? {} : { region }),
        ...(profile === undefined ? {} : { profile }),
      };
    });
  }
}
