import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { privateAuthority, startProxy } from '../aws/proxy.js';
import { answerOf, putLogs, world } from '../aws/world.js';
import { testFolder, writeFiles } from '../folder.js';

const ATHENA = [
  'egress',
  '--subnet',
  '10.10.24.0/24',
  '--columns',
  'srcaddr',
  '--since',
  '2026-06-01',
  '--max-scan',
  '1GB',
];
const S3 = [
  'egress',
  '--subnet',
  '10.10.24.0/24',
  '--columns',
  'srcaddr',
  '--logs',
  's3://logs/p/',
  '--no-cache',
];
const ROLE = ['--role-arn', 'arn:aws:iam::123456789012:role/auditor', '--external-id', 'x-1'];
/** No resolver knows names below it (RFC 2606). */
const HOST = 'aws.invalid';

const portOf = (url: string) => Number(new URL(url).port);

/** Logs, a table, a role and the program. */
async function estate() {
  const made = await world({ database: 'default' });
  const { aws } = made;
  putLogs(aws, ['2026-06-01']);
  aws.athena.script = () => ({ result: answerOf(['srcaddr'], [['10.10.24.1']]) });
  aws.role = { arn: ROLE[1]!, externalId: ROLE[3]! };
  return made;
}

const operationsOf = ({ calls }: { calls: ReadonlyArray<{ operation: string }> }) => [
  ...new Set(calls.map(({ operation }) => operation)),
];

describe('HTTPS_PROXY', () => {
  it('takes all calls of every client through the proxy, with a private CA', async () => {
    const { aws, run } = await estate();
    const authority = privateAuthority();
    const proxy = await startProxy({ [HOST]: await authority.serve(portOf(aws.url), [HOST]) });
    const env = {
      AWS_ENDPOINT_URL: `https://${HOST}`,
      HTTPS_PROXY: proxy.url,
      AWS_CA_BUNDLE: authority.bundle,
    };
    const answered = await run([...ATHENA, ...ROLE], { env });
    expect(answered).toMatchObject({ code: 0, stdout: 'srcaddr\n10.10.24.1\n' });
    expect(operationsOf(aws)).toEqual(
      expect.arrayContaining([
        'AssumeRole',
        'GetTableMetadata',
        'ListObjectsV2',
        'StartQueryExecution',
        'GetObject',
      ]),
    );
    expect(proxy.requests.length).toBeGreaterThan(2);
    expect(new Set(proxy.requests)).toEqual(new Set([`CONNECT ${HOST}:443`]));
    const local = await run([...S3, ...ROLE], { env });
    expect(local).toMatchObject({ code: 0 });
    expect(local.stdout).toMatch(/^srcaddr\n/);
  });

  it('nothing reaches AWS without the proxy', async () => {
    const { aws, run } = await estate();
    const failed = await run(ATHENA, { env: { AWS_ENDPOINT_URL: `https://${HOST}` } });
    expect(failed.code).toBe(1);
    expect(aws.calls).toEqual([]);
  });

  it('nothing reaches AWS without its private CA', async () => {
    const { aws, run } = await estate();
    const authority = privateAuthority();
    const proxy = await startProxy({ [HOST]: await authority.serve(portOf(aws.url), [HOST]) });
    const failed = await run(ATHENA, {
      env: { AWS_ENDPOINT_URL: `https://${HOST}`, HTTPS_PROXY: proxy.url },
    });
    expect(failed.code).toBe(1);
    expect(failed.stderr).not.toContain('internal error');
    expect(proxy.requests).not.toEqual([]);
    expect(aws.calls).toEqual([]);
  });

  it('is used for SSO too', async () => {
    const { aws, run } = await estate();
    const seen: string[] = [];
    // SSO Portal API, GetRoleCredentials.
    const portal = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['x-amz-sso_bearer_token']}`);
      const roleCredentials = {
        accessKeyId: 'ASIASSO',
        secretAccessKey: 's',
        sessionToken: 't',
        expiration: 4e12,
      };
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ roleCredentials }));
    });
    await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void portal.close());
    const authority = privateAuthority();
    const proxy = await startProxy({
      [HOST]: await authority.serve(portOf(aws.url), [HOST]),
      [`sso.${HOST}`]: await authority.serve((portal.address() as AddressInfo).port, [`sso.${HOST}`]),
    });
    const start = 'https://example.awsapps.com/start';
    const home = testFolder();
    await writeFiles(home, {
      config: `[profile sso]\nsso_start_url = ${start}\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = Audit\n`,
      [`.aws/sso/cache/${createHash('sha1').update(start).digest('hex')}.json`]: JSON.stringify({
        accessToken: 'token-1',
        expiresAt: '2099-01-01T00:00:00Z',
        startUrl: start,
        region: 'us-east-1',
      }),
    });
    const env = {
      HOME: home,
      AWS_CONFIG_FILE: `${home}/config`,
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_ENDPOINT_URL: `https://${HOST}`,
      AWS_ENDPOINT_URL_SSO: `https://sso.${HOST}`,
      HTTPS_PROXY: proxy.url,
      AWS_CA_BUNDLE: authority.bundle,
    };
    const answered = await run([...ATHENA, '--profile', 'sso'], { env });
    expect(answered).toMatchObject({ code: 0, stdout: 'srcaddr\n10.10.24.1\n' });
    expect(seen).toEqual(['GET /federation/credentials?account_id=123456789012&role_name=Audit token-1']);
    expect(proxy.requests).toContain(`CONNECT sso.${HOST}:443`);
  });

  it('says what a proxy refuses, and that one is not there', async () => {
    const { aws, run } = await estate();
    const proxy = await startProxy({ [HOST]: portOf(aws.url) }, 'jane:s3cret');
    const env = { AWS_ENDPOINT_URL: `https://${HOST}`, HTTPS_PROXY: proxy.url };
    const refused = await run(ATHENA, { env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`refused a connection to ${HOST}: 407 Proxy Authentication Required`);
    expect(refused.stderr).toContain('USER:PASSWORD');
    const gone = await run(ATHENA, { env: { ...env, HTTPS_PROXY: 'http://127.0.0.1:9' } });
    expect(gone.stderr).toContain('The proxy 127.0.0.1:9 cannot be reached');
    const socks = await run(ATHENA, { env: { ...env, HTTPS_PROXY: 'socks5://me:secret@127.0.0.1:9' } });
    expect(socks).toMatchObject({ code: 2 });
    expect(socks.stderr).toContain('HTTPS_PROXY: socks5://***@127.0.0.1:9 is not the URL of an HTTP proxy.');
    expect(aws.calls).toEqual([]);
  });
});

describe('HTTP_PROXY', () => {
  it('takes plain requests through the proxy, with its user and password, but for NO_PROXY', async () => {
    const { aws, run } = await estate();
    const proxy = await startProxy({ [HOST]: portOf(aws.url) }, 'jane:s3cret');
    const http_proxy = proxy.url.replace('//', '//jane:s3cret@');
    const answered = await run(ATHENA, { env: { AWS_ENDPOINT_URL: `http://${HOST}`, http_proxy } });
    expect(answered).toMatchObject({ code: 0, stdout: 'srcaddr\n10.10.24.1\n' });
    expect(proxy.requests).toContain(`POST http://${HOST}/`);
    const before = proxy.requests.length;
    const direct = await run(ATHENA, { env: { http_proxy, NO_PROXY: '127.0.0.0/8' } });
    expect(direct.code).toBe(0);
    expect(proxy.requests.length).toBe(before);
  });
});

describe('AWS_CA_BUNDLE', () => {
  it.each([
    ['/nonexistent/ca.pem', 'AWS_CA_BUNDLE: /nonexistent/ca.pem: no such file'],
    ['/dev/null', 'AWS_CA_BUNDLE: /dev/null holds no certificate.'],
  ])('%s is refused', async (AWS_CA_BUNDLE, message) => {
    const { run } = await estate();
    const { code, stderr } = await run(ATHENA, { env: { AWS_CA_BUNDLE } });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});
