import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { DescribedNetwork, NetworkDescription } from '../aws/describe-network.js';
import { userConfigPath } from '../config/find-config.js';
import { configText } from '../config/write-config.js';
import { EXIT, FlowlogError, UsageError } from '../errors.js';
import { isLocalPath } from '../flowlog/local-path.js';
import { checkRegion, parseLocation } from '../flowlog/table.js';
import { parseDatabaseName, parseTableName } from '../flowlog/table-name.js';
import { parseCidr } from '../net/cidr.js';
import { isNetworkName } from '../net/networks.js';
import { canAsk, openPrompts, type Prompts } from '../terminal/prompts.js';
import type { Io } from '../terminal/streams.js';
import { plural } from '../terminal/units.js';
import { parseZone } from '../time/zone.js';
import { awsOf } from './aws.js';
import { type AwsAsked, athenaOptions, DEFAULT_ZONE } from './options.js';
import { list, paths } from './settings.js';

/** The settings a file may be begun with, as typed or answered. */
interface Answers extends AwsAsked {
  readonly logs?: string[];
  readonly table?: string;
  readonly database?: string;
  readonly workgroup?: string;
  readonly outputLocation?: string;
  readonly location?: string;
  readonly tz?: string;
  readonly vpcId?: string[];
  readonly vpc?: string[];
  /** `name=block` each. */
  readonly network?: string[];
}

interface InitOptions extends Answers {
  readonly file?: string;
  readonly user?: boolean;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  On a terminal, with questions; here, for logs in a folder:
    $ flowlog init --logs ./my-logs --tz Asia/Tokyo --force

  With the VPC's blocks, and names for its subnets:
    $ flowlog init --logs ./my-logs --vpc 10.10.0.0/16 --network sagemaker=10.10.24.0/24 --network desks=10.10.2.0/23 --force

  For Athena, with the blocks and names of a VPC and its subnets, read from EC2:
    $ flowlog init --table network.vpc_flow_logs --region ap-northeast-1 --vpc-id vpc-0a1b2c3d4e5f67890 --file prod.toml

  For every folder of yours:
    $ flowlog init --user --table network.vpc_flow_logs --workgroup security
`;

/** Settings of Athena that a new file may hold, and what asking AWS for the VPC takes. */
const ATHENA = [
  'table',
  'database',
  'workgroup',
  'output-location',
  'region',
  'profile',
  'role-arn',
  'external-id',
  'mfa-serial',
  'mfa-code',
];

export function initCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('init').description(
    'Write flowlog.toml: from options, from answers on a terminal, from the blocks of a VPC',
  );
  const add = (heading: string, flags: string, description: string, change = (made: Option) => made) =>
    command.addOption(change(new Option(flags, description)).helpGroup(heading));
  add('The file:', '--file <path>', 'where to write (default: flowlog.toml in this folder)');
  add('The file:', '--user', 'write the file that is read where no folder has one');
  add('The file:', '--force', 'write over a file that is there');
  add('Its settings:', '--logs <path>', 'where logs are (repeatable)', (made) => made.argParser(paths));
  add('Its settings:', '--location <uri>', 's3://bucket/prefix/ that AWSLogs/ lies in');
  add('Its settings:', '--tz <zone>', 'time zone for input and output');
  // No defaults here: a file says only what it was told.
  for (const { name, flags, description } of athenaOptions(['table', 'workgroup', 'statement', 'who']).map(
    (made) => ({
      name: made.name(),
      flags: made.flags,
      description: made.description,
    }),
  )) {
    if (ATHENA.includes(name)) add('Its settings:', flags, description);
  }
  add(
    'Its networks:',
    '--vpc-id <id>',
    'read the blocks of this VPC and its subnets from EC2 (repeatable)',
    (made) => made.argParser(list),
  );
  add('Its networks:', '--vpc <cidr>', 'what is inside: a block of the VPC (repeatable)', (made) =>
    made.argParser(list),
  );
  add(
    'Its networks:',
    '--network <name=cidr>',
    'a name for a block, sagemaker=10.10.24.0/24 (repeatable)',
    (made) => made.argParser(list),
  );
  add('Notes:', '-q, --quiet', 'say nothing on standard error but errors');
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (options: InitOptions) => done(await runInit(options, io)));
}

async function runInit(options: InitOptions, io: Io): Promise<number> {
  const path = resolve(options.user ? userConfigPath(io.env) : (options.file ?? 'flowlog.toml'));
  if (options.user && options.file !== undefined) {
    throw new UsageError('--user and --file both say where to write.', 'Give one of them.');
  }
  if (!options.force && existsSync(path)) throw exists(path);
  const answers = checked(await completed(options, io));
  const network = answers.vpcId && (await readNetwork(answers, answers.vpcId, io));
  const { networks, vpc } = network ? named(network) : { networks: new Map<string, string[]>(), vpc: [] };
  for (const [name, block] of givenNetworks(answers))
    networks.set(name, [...(networks.get(name) ?? []), block]);
  const from = network && `${answers.vpcId!.join(', ')}, as EC2 has them today`;
  const text = configText({
    settings: settingsOf(answers, [...(answers.vpc ?? []), ...vpc], path),
    networks,
    from,
  });
  await write(path, text, options.force === true);
  if (!options.quiet) {
    for (const note of network?.notes ?? []) await io.stderr.write(`${note}\n`);
    if (network) await io.stderr.write(`${plural(networks.size, 'network')} named.\n`);
    await io.stderr.write("Written; 'flowlog config' shows what is in force.\n");
  }
  await io.stdout.write(`${path}\n`);
  return EXIT.done;
}

/** The answers there are, and where they do not even say where logs are, those of who sits at the terminal. */
async function completed(options: InitOptions, io: Io): Promise<Answers> {
  const { logs, table, vpcId, location, vpc, network } = options;
  if (logs || table || vpcId || location || vpc || network) return options;
  if (!canAsk(io)) {
    throw new UsageError(
      'Nothing says where the logs are, and there is no terminal to ask at.',
      'Give --logs PATH for files, --table DATABASE.TABLE for Athena, or --vpc-id vpc-… for the networks of a VPC.',
    );
  }
  return { ...options, ...(await ask(await openPrompts(io), options, io)) };
}

const problem = (check: (text: string) => unknown) => (text: string) => {
  try {
    check(text);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return `${error.message} ${error.hint}`;
    throw error;
  }
};
const optional = (check: (text: string) => unknown) =>
  problem((text) => (text === '' ? undefined : check(text)));

async function ask(prompts: Prompts, given: Answers, io: Io): Promise<Answers> {
  const where = await prompts.choose('Where are the flow logs?', [
    ['files', 'in files on this machine'],
    ['athena', 'in S3, and Athena is asked'],
  ]);
  const logs =
    where === 'athena'
      ? undefined
      : await prompts.text({
          message: 'Which folder, file or pattern?',
          placeholder: './my-logs',
          check: (text) => (text.trim() === '' ? 'Name where the logs are.' : undefined),
        });
  const table =
    where === 'files'
      ? undefined
      : await prompts.text({
          message: "Which table? ('flowlog create-table' makes one)",
          initial: 'default.vpc_flow_logs',
          check: problem(parseTableName),
        });
  const tz =
    given.tz ??
    (await prompts.text({
      message: 'Times of which zone?',
      initial: DEFAULT_ZONE,
      check: problem(parseZone),
    }));
  const vpcId = await prompts.text({
    message: 'Which VPC to read names and blocks of from EC2? (empty: none)',
    placeholder: 'vpc-0a1b2c3d4e5f67890',
    check: optional((text) => text.split(',').forEach(checkVpcId)),
  });
  const known = io.env.AWS_REGION || io.env.AWS_DEFAULT_REGION || undefined;
  const region =
    given.region ??
    (where === 'files' && (vpcId === '' || known !== undefined)
      ? undefined
      : await prompts.text({
          message: 'In which AWS region?',
          initial: known ?? 'ap-northeast-1',
          check: problem(checkRegion),
        }));
  return {
    ...(logs ? { logs: [logs] } : {}),
    ...(table ? { table } : {}),
    ...(region ? { region } : {}),
    tz,
    ...(vpcId ? { vpcId: vpcId.split(',') } : {}),
  };
}

function checkVpcId(id: string): void {
  if (/^vpc-[0-9a-f]+$/.test(id)) return;
  throw new UsageError(`'${id}' is not the id of a VPC.`, 'It looks like vpc-0a1b2c3d4e5f67890.');
}

function checked(answers: Answers): Answers {
  const { table, database, outputLocation, location, region, tz, vpcId } = answers;
  if (table !== undefined) parseTableName(table);
  if (database !== undefined) parseDatabaseName(database);
  if (outputLocation !== undefined) parseLocation(outputLocation);
  if (location !== undefined) parseLocation(location);
  if (region !== undefined) checkRegion(region);
  vpcId?.forEach(checkVpcId);
  for (const block of answers.vpc ?? []) parseCidr(block);
  givenNetworks(answers);
  return tz === undefined ? answers : { ...answers, tz: parseZone(tz) };
}

/** `sagemaker=10.10.24.0/24` in two. */
function givenNetworks({ network = [] }: Answers): Array<[name: string, block: string]> {
  return network.map((text) => {
    const [, name = '', block] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    if (block === undefined || !isNetworkName(name)) {
      throw new UsageError(`'${text}' is not NAME=CIDR.`, 'Write it as sagemaker=10.10.24.0/24.');
    }
    return [name, parseCidr(block).text];
  });
}

async function readNetwork(answers: Answers, vpcIds: readonly string[], io: Io): Promise<NetworkDescription> {
  const { describeNetwork } = await import('../aws/describe-network.js');
  return describeNetwork(await awsOf(answers, io), vpcIds);
}

/**
 * Names for networks: their Name tags, and their ids where they have none, or one that cannot be typed. Subnets of one name
 * are one network of several blocks; a VPC is no subnet, so it has its id where they share a name.
 */
function named({ vpcs, subnets }: NetworkDescription): { networks: Map<string, string[]>; vpc: string[] } {
  const networks = new Map<string, string[]>();
  for (const subnet of subnets) {
    const name = nameOf(subnet);
    if (subnet.blocks.length > 0) networks.set(name, [...(networks.get(name) ?? []), ...subnet.blocks]);
  }
  const vpc = vpcs.map((each) => {
    const name = networks.has(nameOf(each)) ? each.id : nameOf(each);
    networks.set(name, [...each.blocks]);
    return name;
  });
  return { networks, vpc };
}

function nameOf({ id, name }: DescribedNetwork): string {
  const typed = name?.trim().replace(/[,/:\p{Cc}]+/gu, '-');
  return typed !== undefined && isNetworkName(typed) ? typed : id;
}

/** As the file has them: paths relative to it, since it is found from other folders too. */
function settingsOf(answers: Answers, vpc: readonly string[], file: string): Map<string, string | string[]> {
  const settings = new Map<string, string | string[]>();
  const put = (key: string, value: string | string[] | undefined) => {
    if (value !== undefined && value.length > 0) settings.set(key, value);
  };
  put(
    'logs',
    answers.logs?.map((path) => pathFrom(file, path)),
  );
  put('table', answers.table);
  put('database', answers.database);
  put('workgroup', answers.workgroup);
  put('output-location', answers.outputLocation);
  put('region', answers.region);
  put('profile', answers.profile);
  put('role-arn', answers.roleArn);
  put('external-id', answers.externalId);
  put('mfa-serial', answers.mfaSerial);
  put('location', answers.location);
  put('tz', answers.tz);
  put('vpc', [...vpc]);
  return settings;
}

function pathFrom(file: string, path: string): string {
  if (!isLocalPath(path)) return path;
  return relative(dirname(file), resolve(path)) || '.';
}

async function write(path: string, text: string, force: boolean): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const { code, path: where } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && where === path) throw exists(path);
    throw new FlowlogError(
      `${path} cannot be written (${code}).`,
      'Name a file in a folder you may write to.',
      1,
      {
        cause: error,
      },
    );
  }
}

const exists = (path: string) =>
  new FlowlogError(`${path} is there already.`, '--force writes over it, --file writes another.');
