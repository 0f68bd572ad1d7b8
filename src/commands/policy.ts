import { Argument, Command, Option } from 'commander';
import { ATHENA_DEFAULTS } from '../athena/settings.js';
import { type Estate, leastPrivilege, missing, type Policy, TASKS, type Task } from '../aws/policies.js';
import { notesOn, type Origins, onlyFrom } from '../aws/remote-access.js';
import { EXIT, UsageError } from '../errors.js';
import { isLogGroup, parseLogGroup } from '../flowlog/log-group.js';
import { checkAccount, checkRegion, parseLocation } from '../flowlog/table.js';
import { namesOf } from '../flowlog/table-name.js';
import { type Networks, parseBlocks } from '../net/networks.js';
import type { Io } from '../terminal/streams.js';
import { isQuestion } from './configuration.js';
import { type AthenaOptions, athenaOptions, blocksOption } from './options.js';
import { list, Setting } from './settings.js';
import { openTarget } from './target.js';

interface PolicyOptions
  extends Pick<AthenaOptions, 'region' | 'workgroup' | 'catalog' | 'database' | 'table' | 'outputLocation'> {
  readonly account?: string;
  readonly location?: string;
  readonly flat?: boolean;
  readonly logs?: string;
  readonly managedResults?: boolean;
  readonly kmsKey?: string[];
  readonly lakeFormation?: boolean;
  readonly allowIp?: string[];
  readonly allowVpc?: string[];
  readonly allowVpce?: string[];
  readonly allowVpcIp?: string[];
  readonly output?: string;
  readonly quiet?: boolean;
  readonly networks: Networks;
}

/** The options of Athena that name what a policy is about. */
const NAMED = new Set(['region', 'workgroup', 'database', 'table', 'output-location', 'catalog']);

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

  Deny everything that does not come from these addresses, of a NAT gateway say:
    $ flowlog policy remote-access --allow-ip 131.248.10.10/32 --allow-ip 131.248.20.0/28

  The same, and let a notebook in that reaches AWS through the endpoints of its VPC:
    $ flowlog policy remote-access --allow-ip 131.248.10.10/32 --allow-vpc vpc-0a1b2c3d4e5f67890

  What it needs of logs in CloudWatch:
    $ flowlog policy read-logs --account 123456789012 --region ap-northeast-1 --logs cloudwatch:/vpc/flow-logs
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
        'command to allow, read-logs, inventory, or remote-access (default: all commands)',
      ).choices([...questions, ...others, REMOTE_ACCESS]),
    );
  const add = (made: Option, heading: string) => command.addOption(made.helpGroup(heading));
  const what = 'On what:';
  add(new Setting('--account <id>', 'account that asks, twelve digits'), what);
  add(new Setting('--location <uri>', 's3://bucket/prefix/ that contains AWSLogs/'), what);
  add(new Option('--flat', 'the logs lie in --location itself, without AWSLogs/'), what);
  add(new Option('--logs <place>', 'for read-logs: cloudwatch:LOG-GROUP'), what);
  add(new Option('--managed-results', 'Athena keeps the results, in no bucket of yours'), what);
  add(
    new Option(
      '--kms-key <arn>',
      'key of logs and results; logs=ARN or results=ARN for one (repeatable)',
    ).argParser(list),
    what,
  );
  add(new Option('--lake-formation', 'Lake Formation governs the tables, as with Identity Center'), what);
  for (const made of athenaOptions(['table', 'workgroup', 'statement', 'who'])) {
    if (NAMED.has(made.name())) add(made, what);
  }
  const where = 'From where (remote-access):';
  add(blocksOption('--allow-ip <cidr>', 'allow calls from this public address or block (repeatable)'), where);
  add(
    new Option('--allow-vpc <id>', 'allow calls through endpoints of this VPC (repeatable)').argParser(list),
    where,
  );
  add(
    new Option('--allow-vpce <id>', 'allow calls through this VPC endpoint (repeatable)').argParser(list),
    where,
  );
  add(
    blocksOption('--allow-vpc-ip <cidr>', 'of these, only private addresses in this block (repeatable)'),
    where,
  );
  add(new Option('-o, --output <file>', 'write to a file instead of standard output'), 'Output:');
  add(new Setting('-q, --quiet', 'say nothing on standard error but errors'), 'Output:');
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (asked: string | undefined, options: PolicyOptions) => {
      const origins = asked === REMOTE_ACCESS ? originsOf(options) : undefined;
      const policy = origins ? onlyFrom(origins) : least(tasksOf(asked, questions), options, io);
      const target = await openTarget(options.output, io);
      await target.finish(target.write(`${JSON.stringify(policy, null, 2)}\n`));
      const notes = origins ? notesOn(origins) : notesOnCatalog(options);
      if (!options.quiet) for (const note of notes) await io.stderr.write(`${note}\n`);
      done(EXIT.done);
    });
}

function tasksOf(asked: string | undefined, questions: readonly string[]): readonly Task[] {
  if (asked === undefined) return TASKS;
  return questions.includes(asked) ? ['question'] : [asked as Task];
}

function least(tasks: readonly Task[], options: PolicyOptions, io: Io): Policy {
  const { account, region, workgroup, outputLocation, managedResults, kmsKey = [] } = options;
  const { catalog, database } = namesOf(options);
  const keys = kmsKey.map(readKey);
  const keysOf = (use: string) => keys.filter((key) => key.use !== use).map(({ arn }) => arn);
  const where = region ?? (io.env.AWS_REGION || io.env.AWS_DEFAULT_REGION || undefined);
  const estate: Estate = {
    account: account === undefined ? undefined : checkAccount(account),
    region: where === undefined ? undefined : checkRegion(where),
    workgroup: checkWorkgroup(workgroup),
    catalog,
    database,
    ...logsOf(options),
    flat: options.flat,
    results: managedResults ? null : outputLocation === undefined ? undefined : parseLocation(outputLocation),
    logsKeys: keysOf('results'),
    resultsKeys: keysOf('logs'),
    lakeFormation: options.lakeFormation,
  };
  const absent = missing(tasks, estate);
  if (absent.length > 0) {
    throw new UsageError(
      `Missing required options: ${absent.map((name) => SAID_BY[name]).join(', ')}.`,
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

/** The logs that the policy is for. */
function logsOf({
  logs,
  location,
}: PolicyOptions): Pick<Estate, 'logs' | 'logGroups' | 'account' | 'region'> {
  if (logs !== undefined && isLogGroup(logs)) {
    const { name, account, region } = parseLogGroup(logs);
    return {
      logs: undefined,
      logGroups: [name],
      ...(account === undefined ? {} : { account }),
      ...(region === undefined ? {} : { region }),
    };
  }
  const place = logs ?? location;
  return { logs: place === undefined ? undefined : parseLocation(place) };
}

/** A key, and what alone it is for. A policy cannot name a key by its alias (KMS Developer Guide, "Aliases"). */
function readKey(text: string): { use: string | undefined; arn: string } {
  const [, use, arn = ''] = /^(?:(logs|results)=)?(.*)$/s.exec(text) ?? [];
  if (/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/.test(arn)) return { use, arn };
  throw new UsageError(
    `'${arn}' is not the ARN of a key.`,
    /:alias\//.test(arn)
      ? "A policy cannot name a key by its alias: 'aws kms describe-key --key-id ALIAS' shows the ARN."
      : 'Write it as arn:aws:kms:ap-northeast-1:123456789012:key/ID.',
  );
}

function notesOnCatalog(options: PolicyOptions): string[] {
  const { catalog } = namesOf(options);
  if (catalog === ATHENA_DEFAULTS.catalog) return [];
  return [
    `Catalog ${catalog}: where it is the catalog of another account, put that account's id into the ARNs of Glue, and have it grant the same in its resource policy.`,
  ];
}

function originsOf({ allowIp, allowVpc, allowVpce, allowVpcIp, networks }: PolicyOptions): Origins {
  return {
    blocks: parseBlocks(allowIp ?? [], networks),
    vpcs: checkIds('--allow-vpc', allowVpc, 'vpc'),
    endpoints: checkIds('--allow-vpce', allowVpce, 'vpce'),
    vpcBlocks: parseBlocks(allowVpcIp ?? [], networks),
  };
}

function checkIds(option: string, ids: readonly string[] = [], kind: string): readonly string[] {
  const wrong = ids.find((id) => !new RegExp(`^${kind}-[0-9a-f]{8,17}$`).test(id));
  if (wrong === undefined) return ids;
  throw new UsageError(`${option}: '${wrong}' is not valid.`, `Write it as ${kind}-0a1b2c3d4e5f67890.`);
}
