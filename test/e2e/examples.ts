import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { VERSION_5_FORMAT } from '../../src/flowlog/log-format.js';
import { answerOf, putLogs, SPEC, tableFixture, world } from '../aws/world.js';
import { testFolder } from '../folder.js';
import { BIN, flowlog, type Outcome } from './bin.js';

/** The id that examples have of a query that ran before. */
const ID = '5f9f283d-3ea8-44c5-8651-3d24e5e72757';

const CONFIG = `
[networks]
sagemaker = "10.10.24.0/24"
workspaces = ["10.10.2.0/24", "10.10.3.0/24"]

[profiles.prod]
table = "network.vpc_flow_logs"
`;

const ALLOW = `
[scope]
subnets = ["10.10.24.0/24"]
vpc = ["10.10.0.0/16"]

[[allow]]
to = "203.0.113.9/32"
ports = [443]
protocol = "tcp"
approved = "TICKET-1"
`;

/** Saved output of the AWS CLI, and AWS's ranges. */
const INVENTORY = {
  'enis.json': {
    NetworkInterfaces: [{ NetworkInterfaceId: 'eni-0a1b2c3d4e5f67890', PrivateIpAddress: '10.10.24.17' }],
  },
  'endpoints.json': { VpcEndpoints: [] },
  'ip-ranges.json': {
    syncToken: '1780272000',
    createDate: '2026-06-01-00-00-00',
    prefixes: [],
    ipv6_prefixes: [],
  },
};

/** What stands in for the AWS CLI and for mail: their output is known, and what is mailed is kept. */
const PROGRAMS = {
  aws: `#!/bin/sh
[ "$1 $2" = 'ec2 describe-flow-logs' ] || exit 252
echo '{"FlowLogs": []}'
`,
  mail: `#!/bin/sh
{ echo "$2"; cat; } > mailed.txt
`,
};

/** Makes the folder in which examples of help and documents run. @returns its path */
export async function exampleFolder(): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'flowlog-examples-'));
  writeFileSync(join(work, 'flowlog.toml'), CONFIG);
  writeFileSync(join(work, 'allow.toml'), ALLOW);
  const programs = { flowlog: `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`, ...PROGRAMS };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(work, name), script, { mode: 0o755 });
  }
  for (const [name, json] of Object.entries(INVENTORY)) writeFileSync(join(work, name), JSON.stringify(json));
  expect(
    (
      await flowlog([
        ...['sample', join(work, 'my-logs'), '--names', join(work, 'my-names')],
        ...['--format', '5', '--quiet'],
      ])
    ).code,
  ).toBe(0);
  expect((await flowlog(['audit', 'keygen', '-o', 'audit'], { cwd: work })).code).toBe(0);
  const period = ['--since', '2026-06-01', '--until', '2026-06-02', '--logs', './my-logs'];
  await flowlog(
    [...['audit', '--allow', 'allow.toml', '--evidence', 'evidence', '--sign-key', 'audit.pem'], ...period],
    { cwd: work },
  );
  return work;
}

/**
 * A place with logs, a configuration and AWS, where lines run one after another.
 *
 * @param terminal its columns, where lines are typed on one
 */
export async function exampleShell(
  work: string,
  terminal?: number,
): Promise<(line: string) => Promise<Outcome>> {
  const folder = testFolder();
  cpSync(work, folder, { recursive: true });
  const spec = { ...SPEC, location: { bucket: 'my-logs', prefix: '' }, fields: VERSION_5_FORMAT };
  const { aws } = await world({ ...spec, database: 'network' });
  // A name that Athena takes only in quotes.
  aws.athena.databases.add('db-xxxx');
  aws.athena.tables.set('db-xxxx.vpc_flow_logs', tableFixture({ ...spec, database: 'db-xxxx' }));
  aws.athena.catalogs.add('partner');
  for (const prefix of ['', 'prefix/']) putLogs(aws, ['2026-06-01'], { bucket: 'my-logs', prefix });
  putLogs(aws, ['2026-06-01'], { bucket: 'archive-logs', prefix: '' });
  aws.bucket('archive-logs').owner = '210987654321';
  aws.role = { arn: 'arn:aws:iam::210987654321:role/FlowLogs', externalId: 'my-external-id' };
  aws.athena.workgroups.set('security', { OutputLocation: 's3://results/security/' });
  aws.vpcs.set('vpc-0a1b2c3d4e5f67890', { name: 'ml', ipv4: [{ block: '10.10.0.0/16' }] });
  aws.inventory = {
    ...{
      networkInterfaceSet: [],
      vpcEndpointSet: [],
      prefixListSet: [],
      natGatewaySet: [],
      reservationSet: [],
    },
    ...{ vpcSet: [], subnetSet: [], entries: {} },
  };
  aws.athena.remember(ID, 'egress', answerOf(['srcaddr'], [['10.10.24.1']]));
  const env = { ...aws.env(), HOME: folder, XDG_CONFIG_HOME: join(folder, '.config') };
  return (line) => runLine(line, folder, env, terminal);
}

/**
 * Runs what is typed: a command of flowlog alone in this process, which takes a quarter of the time; with pipes, redirections
 * or anything else of a shell's in bash, where `flowlog` is a program of the folder.
 */
export function runLine(
  line: string,
  cwd: string,
  env: Record<string, string>,
  terminal?: number,
): Promise<Outcome> {
  const words = plainWords(line);
  if (words?.[0] === 'flowlog') return flowlog(words.slice(1), { cwd, env, ...(terminal && { terminal }) });
  const clean = Object.entries(process.env).filter(([name]) => !/^(FLOWLOG_|AWS_)/.test(name));
  const all = { ...Object.fromEntries(clean), ...env, PATH: `${cwd}:${process.env.PATH}` };
  return new Promise((resolve) => {
    const child = execFile(
      'bash',
      ['-c', `set -eo pipefail\n${line}`],
      { cwd, env: all, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin!.end();
  });
}

/** The words of a line, which quotes hold together; undefined where it has anything else of a shell's. */
function plainWords(line: string): string[] | undefined {
  const WORD = /(?:'[^']*'|"[^"$`\\]*"|[^\s'"|&;<>()$`\\*?~{}#[\]!]+)+/g;
  const text = line.replace(/\\\n/g, ' ');
  if (text.replace(WORD, '').trim() !== '') return undefined;
  return text.match(WORD)?.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}
