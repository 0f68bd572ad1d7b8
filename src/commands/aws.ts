import type { Aws } from '../aws/clients.js';
import { UsageError } from '../errors.js';
import { canAsk, openPrompts } from '../terminal/prompts.js';
import type { Io } from '../terminal/streams.js';
import type { AwsAsked } from './options.js';

/** The clients of AWS's services, for whoever the options name. */
export async function awsOf(options: AwsAsked, io: Io): Promise<Aws> {
  const { region, profile, roleArn, externalId, roleSessionName, roleDuration, mfaSerial, mfaCode } = options;
  check('--role-arn', roleArn, /^arn:[a-z-]+:iam::\d{12}:role\/\S+$/, 'arn:aws:iam::123456789012:role/NAME');
  check('--mfa-serial', mfaSerial, /^[\w+=/:,.@-]{9,256}$/, 'arn:aws:iam::123456789012:mfa/NAME');
  check('--mfa-code', mfaCode, /^\d{6}$/, '123456, the six digits that the device shows');
  check(
    '--role-session-name',
    roleSessionName,
    /^[\w+=,.@-]{2,64}$/,
    'flowlog-jane: 2 to 64 characters, no spaces',
  );
  const { Aws } = await import('../aws/clients.js');
  return new Aws({
    ...{ region, profile, roleArn, externalId, roleSessionName, roleDuration, mfaSerial },
    mfaCode: mfaCodes(mfaCode, io),
    env: io.env,
    signal: io.signal,
    ...(options.quiet ? {} : { onSilence: silenceNotes(io) }),
  });
}

/** Calls that wait at the same time are told of once (milliseconds). */
const TOLD_ONCE = 5_000;

/** Writes that a server does not answer: the silence of a call and its repetitions would be that of the program. */
function silenceNotes({ stderr }: Io): (text: string) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (text) => {
    const now = performance.now();
    if (now - last < TOLD_ONCE) return;
    last = now;
    void stderr.write(`${stderr.isTTY ? '\r\x1b[2K' : ''}${text}\n`).catch(() => {});
  };
}

function check(option: string, value: string | undefined, pattern: RegExp, example: string): void {
  if (value === undefined || pattern.test(value)) return;
  throw new UsageError(`${option}: '${value}' is not valid.`, `Write it as ${example}.`);
}

/** Gives the code from the command line, once, since AWS takes no code twice; and asks for further ones. */
function mfaCodes(given: string | undefined, io: Io): (serial: string) => Promise<string> {
  let left = given;
  return async (serial) => {
    const code = left;
    left = undefined;
    if (code !== undefined) return code;
    if (!canAsk(io)) {
      throw new UsageError(
        given === undefined
          ? `AWS asks for a code of the MFA device ${serial}.`
          : `AWS asks for another code of the MFA device ${serial}.`,
        given === undefined
          ? 'Give it with --mfa-code, or run flowlog on a terminal, which prompts for it.'
          : 'Run flowlog on a terminal, which prompts for each, or use a longer session (--role-duration).',
      );
    }
    const prompts = await openPrompts(io);
    return prompts.text({
      message: `Code of the MFA device ${serial}`,
      check: (answer) => (/^\s*\d{6}\s*$/.test(answer) ? undefined : 'Six digits.'),
    });
  };
}
