import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Policy } from '../../src/aws/policies.js';
import { AthenaService } from './athena.js';
import {
  describeFlowLogs,
  describeSubnets,
  describeVpcs,
  type FlowLogFixture,
  type SubnetFixture,
  type VpcFixture,
} from './ec2.js';
import { GlueService } from './glue.js';
import { allows } from './iam.js';
import { describeInventory, type InventoryFixture } from './inventory.js';
import { LogsService } from './logs.js';
import { Bucket, s3 } from './s3.js';

/** An answer that AWS would give with an error. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** Something that goes wrong with the next so many calls of an operation. */
export interface Fault {
  readonly operation: string;
  times: number;
  /** `silence` takes the request and never answers. */
  readonly kind: 'reset' | 'silence' | AwsError;
}

export interface Call {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * Athena, Glue, CloudWatch Logs, S3, EC2 and STS on loopback, by their wire protocols: AWS JSON 1.1, REST XML, EC2 query. Strict: what AWS's
 * documents do not allow is refused.
 */
export class FakeAws {
  readonly athena = new AthenaService(this);
  readonly glue = new GlueService(this);
  readonly logs = new LogsService(this);
  readonly buckets = new Map<string, Bucket>();
  readonly flowLogs = new Map<string, FlowLogFixture>();
  readonly vpcs = new Map<string, VpcFixture>();
  readonly subnets = new Map<string, SubnetFixture>();
  /** Where set, what EC2 describes when nothing is chosen. */
  inventory: InventoryFixture | undefined;
  /** VPCs or subnets in a page of their description. */
  ec2PageSize = 1000;
  readonly faults: Fault[] = [];
  /** Where set, every page of an operation is its first one, with the same token. */
  repeats = false;
  private readonly pages = new Map<string, string>();
  /** Changes what is answered, before it is sent. */
  distort: ((operation: string, body: string) => string | Uint8Array) | undefined;
  /** Every call in order. */
  readonly calls: Call[] = [];
  /** Actions that the caller has no permission for, `s3:GetObject`. */
  readonly denied = new Set<string>();
  /** Where set, the caller has permission for what this policy allows only. */
  policy: Policy | undefined;
  /** The role that may be assumed, and what it asks for. An MFA code is taken once. */
  role: { arn: string; externalId?: string; mfa?: { serial: string; codes: string[] } } | undefined;
  private server: Server | undefined;

  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name) ?? new Bucket();
    this.buckets.set(name, bucket);
    return bucket;
  }

  operations(name?: string): Call[] {
    return this.calls.filter(({ operation }) => name === undefined || operation === name);
  }

  async start(): Promise<this> {
    this.server = createServer((request, response) => {
      this.handle(request, response).catch((error) => {
        response.destroy(error as Error);
      });
    });
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}`;
  }

  /** The environment in which the program finds this server and nothing else. */
  env(more: Record<string, string> = {}): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.url,
      AWS_REGION: 'ap-northeast-1',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/nonexistent/config',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
      ...more,
    };
  }

  /** Records the call, and does what was scripted to go wrong, or what the caller has no permission for. */
  enter(operation: string, action: string, input: Readonly<Record<string, unknown>>, resource = '*'): void {
    this.calls.push({ operation, input });
    const fault = this.faults.find((each) => each.operation === operation && each.times > 0);
    if (fault) {
      fault.times--;
      throw fault.kind === 'reset' ? new Reset() : fault.kind === 'silence' ? new Silence() : fault.kind;
    }
    if (this.denied.has(action) || (this.policy && !allows(this.policy, { action, resource }))) {
      throw new AwsError(
        'AccessDeniedException',
        `User: arn:aws:iam::123456789012:user/eve is not authorized to perform: ${action} on resource: arn:aws:example:::${operation} because no identity-based policy allows the ${action} action`,
        action.startsWith('s3:') ? 403 : 400,
      );
    }
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const target = request.headers['x-amz-target'] as string | undefined;
    const protocol = target ? 'json' : /^Action=|&Action=/.test(body) ? 'query' : 's3';
    try {
      this.checkCredentials(request);
      if (target) {
        const [service, operation = ''] = target.split('.');
        const made = async () => JSON.stringify(await output());
        const output = async () =>
          service === 'Logs_20140328'
            ? this.logs.call(operation, parsed(body), regionOf(request))
            : service === 'AWSGlue'
              ? this.glue.call(operation, parsed(body))
              : await this.athena.call(operation, parsed(body));
        const json = await this.page(target, made);
        response
          .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
          .end(this.distort?.(target, json) ?? json);
      } else if (protocol === 'query') {
        const form = new URLSearchParams(body);
        const xml = await this.page(String(form.get('Action')), async () => this.query(form));
        response.writeHead(200, { 'content-type': 'text/xml' }).end(xml);
      } else {
        s3(this, request, response);
      }
    } catch (error) {
      if (error instanceof Silence) return;
      if (error instanceof Reset) request.socket.destroy();
      else if (error instanceof AwsError) fail(response, error, protocol);
      else {
        // A fault of the tests themselves: whoever reads their report shall see it.
        console.error(error);
        fail(response, new AwsError('InternalFailure', String(error), 500), protocol);
      }
    }
  }

  private async page(operation: string, make: () => Promise<string>): Promise<string> {
    const page = (this.repeats ? this.pages.get(operation) : undefined) ?? (await make());
    if (/nextToken/i.test(page)) this.pages.set(operation, page);
    return page;
  }

  private checkCredentials(request: IncomingMessage): void {
    if (!/^AWS4-HMAC-SHA256 Credential=/.test(request.headers.authorization ?? '')) {
      throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
    }
    if (request.headers['x-amz-security-token'] === 'expired') {
      throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired');
    }
    if (request.headers.authorization!.includes('AKIAUNKNOWN')) {
      throw new AwsError(
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
      );
    }
  }

  private query(form: URLSearchParams): string {
    const action = form.get('Action')!;
    const input = Object.fromEntries(form);
    if (this.inventory) {
      const described = describeInventory(this.inventory, action, form, this.ec2PageSize);
      if (described !== undefined) {
        this.enter(action, `ec2:${action}`, input);
        return described;
      }
    }
    if (action === 'DescribeFlowLogs') {
      this.enter(action, 'ec2:DescribeFlowLogs', input);
      return describeFlowLogs(this.flowLogs, form);
    }
    if (action === 'DescribeVpcs') {
      this.enter(action, 'ec2:DescribeVpcs', input);
      return describeVpcs(this.vpcs, form, this.ec2PageSize);
    }
    if (action === 'DescribeSubnets') {
      this.enter(action, 'ec2:DescribeSubnets', input);
      return describeSubnets(this.subnets, form, this.ec2PageSize);
    }
    if (action === 'AssumeRole') {
      this.enter(action, 'sts:AssumeRole', input);
      const { mfa, arn, externalId } = this.role ?? {};
      const code = form.get('TokenCode');
      if (mfa?.serial === form.get('SerialNumber') && code !== null && !mfa.codes.includes(code)) {
        // AWS re:Post, "MultiFactorAuthentication failed with invalid MFA one time pass code".
        const reason = 'MultiFactorAuthentication failed with invalid MFA one time pass code. ';
        throw new AwsError('AccessDenied', reason, 403);
      }
      if (mfa && code !== null) mfa.codes.splice(mfa.codes.indexOf(code), 1);
      if (
        form.get('RoleArn') !== arn ||
        (form.get('ExternalId') ?? undefined) !== externalId ||
        (form.get('SerialNumber') ?? undefined) !== mfa?.serial
      ) {
        throw new AwsError(
          'AccessDenied',
          `User: arn:aws:iam::1:user/eve is not authorized to perform: sts:AssumeRole on resource: ${form.get('RoleArn')}`,
          403,
        );
      }
      return `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>role</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
    }
    throw new AwsError('InvalidAction', `no such action: ${action}`);
  }
}

/** The region that a request is signed for. */
const regionOf = ({ headers }: IncomingMessage) =>
  /Credential=[^/]+\/\d{8}\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';

/** A body that is not JSON has no Message (measured, athena-local errors.md). */
function parsed(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    throw new AwsError('SerializationException', '');
  }
}

class Reset extends Error {}
class Silence extends Error {}

function fail(response: ServerResponse, error: AwsError, protocol: string): void {
  const { code, message, status, more } = error;
  if (protocol === 'json') {
    // Measured, athena-local errors.md: no x-amzn-errortype, Message with a capital.
    const type = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-RequestId': 'request-1' };
    response
      .writeHead(status, type)
      .end(JSON.stringify({ __type: code, ...more, ...(message === '' ? {} : { Message: message }) }));
    return;
  }
  const plain = code.replace(/Exception$/, '');
  const one = `<Code>${plain}</Code><Message>${message}</Message>`;
  const xml =
    protocol === 's3'
      ? `<Error>${one}<RequestId>r</RequestId></Error>`
      : /^Invalid|Unauthorized/.test(plain)
        ? `<Response><Errors><Error>${one}</Error></Errors><RequestID>r</RequestID></Response>`
        : `<ErrorResponse><Error>${one}</Error><RequestId>r</RequestId></ErrorResponse>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>${xml}`);
}

/** A server for one test. */
export async function fakeAws(): Promise<FakeAws> {
  const aws = await new FakeAws().start();
  onTestFinished(() => aws.stop());
  return aws;
}
