import { Argument, Command, Option } from 'commander';
import {
  type Estate,
  leastPrivilege,
  missing,
  ONLY_FROM_NOTES,
  onlyFrom,
  type Policy,
  TASKS,
  type Task,
} from '../aws/policies.js';
import { ATHENA_DEFAULTS } from '../engines/athena/settings.js';
import { EXIT, UsageError } from '../errors.js';
import { checkAccount, checkRegion, parseLocation } from '../flowlog/table.js';
import { namesOf } from '../flowlog/table-name.js';
import { type Networks, parseBlocks } from '../net/networks.js';
import type { Io } from '../terminal/streams.js';
import { isQuestion } from './configuration.js';
import { type AthenaOptions, athenaOptions, blocksOption } from './options.js';
import { Setting } from './settings.js';
import { openTarget } from './target.js';

interface PolicyOptions
  extends Pick<AthenaOptions, 'region' | 'workgroup' | 'database' | 'table' | 'outputLocation' | 'kmsKey'> {
  readonly account?: string;
  readonly location?: string;
  readonly managedResults?: boolean;
  readonly allowIp?: string[];
  readonly output?: string;
  readonly quiet?: boolean;
  readonly networks: Networks;
}

/** The options of Athena that name what a policy is about. */
const NAMED = new Set(['region', 'workgroup', 'database', 'table', 'output-location', 'kms-key']);

const REMOTE_ACCESS = 'remote-access';

const EXAMPLES = `
Examples:
  What a question needs, and nothing more; names of your own may stand in flowlog.toml instead:
    $ flowlog policy egress --account 123456789012 --region ap-northeast-1 --workgroup security --database network \\
        --location s3://my-logs/ --output-location s3://my-results/athena/

  What it needs of logs straight from S3:
    $ flowlog policy read-logs --region ap-northeast-1 --location s3://my-logs/

  What the setup script needs, where Athena keeps the results itself:
    $ flowlog policy create-table --account 123456789012 --region ap-northeast-1 --location s3://my-logs/ --managed-results

  Deny everything that does not come from these addresses:
    $ flowlog policy remote-access --allow-ip 131.248.10.10/32 --allow-ip 131.248.20.0/28
`;

/** @param program of whose commands those that ask something need the same */
export function policyCommand(io: Io, done: (code: number) => void, program: Command): Command {
  const questions = program.commands.filter(isQuestion).map((command) => command.name());
  const others = TASKS.filter((task) => task !== 'question');
  const command = new Command('policy')
    .description('Print an IAM policy: what a command needs and no more, or from where it may be used')
    .addArgument(
      new Argument(
        '[command]',
        'command to be allowed, read-logs for --logs s3://…, or remote-access (default: all commands)',
      ).choices([...questions, ...others, REMOTE_ACCESS]),
    );
  const add = (made: Option, heading: string) => command.addOption(made.helpGroup(heading));
  add(new Setting('--account <id>', 'account that asks, twelve digits'), 'On what:');
  add(new Setting('--location <uri>', 's3://bucket/prefix/ that AWSLogs/ lies in'), 'On what:');
  add(
    new Option('--managed-results', 'the workgroup keeps its results itself, in no bucket of yours'),
    'On what:',
  );
  for (const made of athenaOptions(['table', 'workgroup', 'statement', 'who'])) {
    if (NAMED.has(made.name())) add(made, 'On what:');
  }
  add(
    blocksOption('--allow-ip <cidr>', 'of remote-access: public addresses to be let in (repeatable)'),
    'From where:',
  );
  add(new Option('-o, --output <file>', 'write to a file instead of standard output'), 'Output:');
  add(new Setting('-q, --quiet', 'say nothing on standard error but errors'), 'Output:');
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (asked: string | undefined, options: PolicyOptions) => {
      const policy =
        asked === REMOTE_ACCESS ? remoteAccess(options) : least(tasksOf(asked, questions), options, io);
      const target = await openTarget(options.output, io);
      await target.finish(target.write(`${JSON.stringify(policy, null, 2)}\n`));
      if (asked === REMOTE_ACCESS && !options.quiet) {
        for (const note of ONLY_FROM_NOTES) await io.stderr.write(`${note}\n`);
      }
      done(EXIT.done);
    });
}

function tasksOf(asked: string | undefined, questions: readonly string[]): readonly Task[] {
  if (asked === undefined) return TASKS;
  return questions.includes(asked) ? ['question'] : [asked as Task];
}

function least(tasks: readonly Task[], options: PolicyOptions, io: Io): Policy {
  const { account, region, workgroup, location, outputLocation, managedResults, kmsKey } = options;
  const { database } = namesOf({ ...options, catalog: ATHENA_DEFAULTS.catalog });
  const where = region ?? (io.env.AWS_REGION || io.env.AWS_DEFAULT_REGION || undefined);
  const estate: Estate = {
    account: account === undefined ? undefined : checkAccount(account),
    region: where === undefined ? undefined : checkRegion(where),
    workgroup: checkWorkgroup(workgroup),
    database,
    logs: location === undefined ? undefined : parseLocation(location),
    results: managedResults ? null : outputLocation === undefined ? undefined : parseLocation(outputLocation),
    kmsKey: kmsKey === undefined ? undefined : checkKey(kmsKey),
  };
  const absent = missing(tasks, estate);
  if (absent.length > 0) {
    throw new UsageError(
      `The policy needs to know more: ${absent.map((name) => SAID_BY[name]).join(', ')}.`,
      'Give these options, or set them in flowlog.toml.',
    );
  }
  return leastPrivilege(tasks, estate);
}

const SAID_BY: Readonly<Partial<Record<keyof Estate, string>>> = {
  account: '--account',
  region: '--region',
  logs: '--location',
  results: '--output-location (or --managed-results)',
};

function checkWorkgroup(name: string): string {
  if (/^[\w.-]{1,128}$/.test(name)) return name;
  throw new UsageError(
    `'${name}' is not the name of a workgroup.`,
    'It has letters, digits, _, - and dots, 128 at most.',
  );
}

function checkKey(arn: string): string {
  if (/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:(?:key|alias)\/\S+$/.test(arn)) return arn;
  throw new UsageError(
    `'${arn}' is not the ARN of a key.`,
    'Write it as arn:aws:kms:ap-northeast-1:123456789012:key/ID.',
  );
}

function remoteAccess({ allowIp = [], networks }: PolicyOptions): Policy {
  const blocks = parseBlocks(allowIp, networks);
  if (blocks.length > 0) return onlyFrom(blocks);
  throw new UsageError(
    'No address is named that may still get in.',
    'Give --allow-ip with the public address of your network, such as 131.248.10.10/32, once or more often.',
  );
}
