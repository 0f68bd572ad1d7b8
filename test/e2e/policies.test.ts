import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { answerOf, putLogs, world } from '../aws/world.js';

interface Policy {
  readonly Version: string;
  readonly Statement: ReadonlyArray<{ readonly Effect: string; readonly Action: readonly string[] }>;
}

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const policies = [...readme.matchAll(/^```json\n(.*?)^```/gms)].map(
  (found) => JSON.parse(found[1]!) as Policy,
);
const [asking, creating] = policies.map(
  ({ Statement }) => new Set(Statement.flatMap(({ Action }) => Action)),
) as [Set<string>, Set<string>];

/** The actions that a run asked for, found by denying them one by one. */
async function needed(args: readonly string[], actions: ReadonlySet<string>): Promise<string[]> {
  const missed: string[] = [];
  for (const action of actions) {
    const { aws, run } = await world();
    putLogs(aws, ['2026-06-01']);
    aws.athena.script = () => ({ result: answerOf(['srcaddr'], [['10.10.24.1']]) });
    aws.denied.add(action);
    if ((await run(args)).code !== 0) missed.push(action);
  }
  return missed;
}

const EGRESS = ['egress', '--subnet', '10.10.24.0/24', '--columns', 'srcaddr', '--since', '2026-06-01'];

describe("the README's policies", () => {
  it('are two, of this version, and only allow', () => {
    expect(policies).toHaveLength(2);
    for (const { Version, Statement } of policies) {
      expect(Version).toBe('2012-10-17');
      expect(new Set(Statement.map(({ Effect }) => Effect))).toEqual(new Set(['Allow']));
    }
  });

  it('are enough to ask', async () => {
    const { aws, run } = await world();
    putLogs(aws, ['2026-06-01']);
    aws.athena.script = () => ({ result: answerOf(['srcaddr'], [['10.10.24.1']]) });
    aws.allowed = asking;
    const asked = await run([...EGRESS, '--max-scan', '1GB']);
    expect(asked).toMatchObject({ code: 0, stdout: 'srcaddr\n10.10.24.1\n' });
    const history = await run(['history', '--format', 'json']);
    expect(history.code).toBe(0);
    const [{ id }] = JSON.parse(history.stdout) as [{ id: string }];
    expect(await run(['result', id])).toMatchObject({ code: 0, stdout: 'srcaddr\n10.10.24.1\n' });
    expect((await run(['cancel', id])).code).toBe(0);
  });

  it('are enough to create the table', async () => {
    const { aws, run } = await world();
    putLogs(aws, ['2026-06-01']);
    aws.allowed = creating;
    const args = ['create-table', '--location', 's3://logs/p/', '--database', 'network'];
    for (const _times of [1, 2]) {
      expect(await run(args)).toMatchObject({ code: 0, stdout: 'network.vpc_flow_logs\n' });
    }
  });

  it('name what cannot be gone without', async () => {
    const athena = (actions: Set<string>) =>
      new Set([...actions].filter((action) => /^athena:(?!Stop|List|Batch|GetWorkGroup)/.test(action)));
    expect(await needed(EGRESS, athena(asking))).toEqual([
      'athena:StartQueryExecution',
      'athena:GetQueryExecution',
      'athena:GetTableMetadata',
    ]);
  });
});
