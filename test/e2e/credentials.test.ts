import { expect, it, onTestFinished, vi } from 'vitest';
import { answerOf, putLogs, world } from '../aws/world.js';
import { testFolder, writeFiles } from '../folder.js';

const EGRESS = [
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
const ARN = 'arn:aws:iam::123456789012:role/auditor';
const SERIAL = 'arn:aws:iam::123456789012:mfa/jane';
const ROLE = ['--role-arn', ARN];
const MFA = [...ROLE, '--mfa-serial', SERIAL];
const ANSWER = { code: 0, stdout: 'srcaddr\n10.10.24.1\n' };

async function estate(role: { externalId?: string; mfa?: { serial: string; codes: string[] } } = {}) {
  const made = await world();
  const { aws } = made;
  putLogs(aws, ['2026-06-01']);
  aws.athena.script = () => ({ result: answerOf(['srcaddr'], [['10.10.24.1']]) });
  aws.role = { arn: ARN, ...role };
  return made;
}

it('a role is assumed once for all clients, with the name and duration given', async () => {
  const { aws, run } = await estate();
  const named = ['--role-session-name', 'case-4711', '--role-duration', '2h'];
  expect(await run([...EGRESS, ...ROLE, ...named])).toMatchObject(ANSWER);
  // Athena and S3 both were asked.
  expect(aws.operations('ListObjectsV2')).not.toEqual([]);
  expect(aws.operations('AssumeRole').map(({ input }) => input)).toEqual([
    expect.objectContaining({ RoleSessionName: 'case-4711', DurationSeconds: '7200' }),
  ]);
});

it('an MFA code from the command line is used once', async () => {
  const { aws, run } = await estate({ mfa: { serial: SERIAL, codes: ['123456'] } });
  expect(await run([...EGRESS, ...MFA, '--mfa-code', '123456'])).toMatchObject(ANSWER);
  expect(aws.operations('AssumeRole').map(({ input }) => input)).toEqual([
    expect.objectContaining({ SerialNumber: SERIAL, TokenCode: '123456', RoleSessionName: 'flowlog' }),
  ]);
});

it('a profile with mfa_serial takes the code, and its role is assumed once', async () => {
  const { aws, run } = await estate({ mfa: { serial: SERIAL, codes: ['654321'] } });
  const home = await writeFiles(testFolder(), {
    config: `[profile audit]\nrole_arn = ${ARN}\nmfa_serial = ${SERIAL}\nsource_profile = base\n`,
    credentials: '[base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n',
  });
  const env = { AWS_CONFIG_FILE: `${home}/config`, AWS_SHARED_CREDENTIALS_FILE: `${home}/credentials` };
  const warn = vi.spyOn(console, 'warn');
  onTestFinished(() => warn.mockRestore());
  const audit = [...EGRESS, '--profile', 'audit'];
  expect(await run([...audit, '--mfa-code', '654321'], { env })).toMatchObject(ANSWER);
  expect(aws.operations('AssumeRole')).toHaveLength(1);
  // The SDK warns of keys in the environment beside a profile.
  expect(warn).not.toHaveBeenCalled();
  const without = await run(audit, { env });
  expect(without).toMatchObject({ code: 2, stdout: '' });
  expect(without.stderr).toContain(
    `AWS asks for a code of the MFA device ${SERIAL}.\nGive it with --mfa-code`,
  );
});

it('the workgroup goes with calls about tables', async () => {
  const { aws, run } = await estate();
  aws.athena.workgroups.set('security', { OutputLocation: 's3://results/' });
  expect(await run([...EGRESS, '--workgroup', 'security'])).toMatchObject(ANSWER);
  expect(aws.operations('GetTableMetadata').map(({ input }) => input.WorkGroup)).toEqual(['security']);
});

it.each([
  [['--mfa-serial', SERIAL], '--mfa-serial requires --role-arn.'],
  [['--role-duration', '1h'], '--role-duration requires --role-arn.'],
  [[...ROLE, '--role-duration', '13h'], 'It must be a duration from 15m to 12h.'],
  [[...ROLE, '--role-session-name', 'a b'], "--role-session-name: 'a b' is not valid."],
  [[...MFA, '--mfa-code', '12345'], "--mfa-code: '12345' is not valid."],
])('%s is refused', async (more, message) => {
  const { aws, run } = await estate();
  const { code, stderr } = await run([...EGRESS, ...more]);
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  expect(aws.calls).toEqual([]);
});
