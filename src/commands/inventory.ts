import { stat } from 'node:fs/promises';
import { Argument, Command, Option } from 'commander';
import { EXIT, FlowlogError, UsageError } from '../errors.js';
import { parseAwsRanges } from '../names/aws-ranges.js';
import { readInventory, saveRanges, saveSnapshot } from '../names/inventory-folder.js';
import { SECTIONS, type Snapshot, takenAt } from '../names/snapshot.js';
import { type Column, givenRows, type Row } from '../result.js';
import type { Io } from '../terminal/streams.js';
import { plural } from '../terminal/units.js';
import { isoTime, parseZone, utcTime } from '../time/zone.js';
import { renderResult } from './answer.js';
import { awsOf } from './aws.js';
import {
  asnOption,
  dnsOption,
  inventoryFolders,
  inventoryOption,
  type NamesOptions,
} from './names-options.js';
import { openNames } from './open-names.js';
import { type AwsAsked, addAthenaOptions, addOutputOptions, type OutputOptions } from './options.js';

interface InventoryOptions extends OutputOptions, AwsAsked, NamesOptions {
  readonly from?: string;
  readonly taken?: string;
}

const ACTIONS = ['update', 'import', 'ranges', 'show'] as const;
type Action = (typeof ACTIONS)[number];

const EXAMPLES = `
Examples:
  Read interfaces, endpoints, prefix lists, subnets, VPCs, NAT gateways and instances from EC2:
    $ flowlog inventory update --region ap-northeast-1

  The same from saved output of the AWS CLI, without asking AWS:
    $ flowlog inventory import enis.json endpoints.json

  Add AWS's published address ranges, from a file or from a URL:
    $ flowlog inventory ranges --from ip-ranges.json

  What is known of an address or an interface, and from where:
    $ flowlog inventory show 10.10.24.17
    $ flowlog inventory show eni-0a1b2c3d4e5f67890

Snapshots are dated JSON files in one folder: ~/.local/share/flowlog/inventory, or where XDG_DATA_HOME or --inventory say.
The folder can be committed or shared. No command but 'update', and 'ranges' with a URL, contacts anybody.
`;

export function inventoryCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('inventory')
    .description('Keep snapshots of who has which address, to name addresses')
    .addArgument(new Argument('[action]', 'list the snapshots when left out').choices(ACTIONS))
    .addArgument(new Argument('[what...]', 'files to import; address, interface or endpoint to show'))
    .addOption(inventoryOption().helpGroup('Inventory:'))
    .addOption(
      new Option('--from <file>', "of ranges: AWS's ip-ranges.json, or its URL").helpGroup('Inventory:'),
    )
    .addOption(
      new Option(
        '--taken <time>',
        "of import: when the output was saved (default: the file's time)",
      ).helpGroup('Inventory:'),
    )
    .addOption(dnsOption().helpGroup('Inventory:'))
    .addOption(asnOption().helpGroup('Inventory:'));
  addOutputOptions(command);
  addAthenaOptions(command, []);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (action: Action | undefined, what: string[], options: InventoryOptions) => {
      check(action, what, options);
      await ACTION[action ?? 'list'](what, options, io);
      done(EXIT.done);
    });
}

function check(action: Action | undefined, what: readonly string[], { from, taken }: InventoryOptions): void {
  const expected = { update: 0, ranges: 0, list: 0, show: 1, import: Number.POSITIVE_INFINITY }[
    action ?? 'list'
  ];
  if (what.length > expected) {
    throw new UsageError(
      `Unexpected argument '${what[expected]}'.`,
      "See 'flowlog inventory --help' for usage.",
    );
  }
  if (what.length === 0 && expected > 0) {
    throw new UsageError(
      action === 'show' ? 'No address, interface or endpoint given.' : 'No files given.',
      action === 'show'
        ? 'Write one: flowlog inventory show 10.10.24.17'
        : 'Save them first: aws ec2 describe-network-interfaces --output json > enis.json',
    );
  }
  if (from !== undefined && action !== 'ranges') throw only('--from', 'ranges');
  if (taken !== undefined && action !== 'import') throw only('--taken', 'import');
}

const only = (flag: string, action: Action) =>
  new UsageError(`${flag} requires 'flowlog inventory ${action}'.`, 'Leave it out.');

type Run = (what: readonly string[], options: InventoryOptions, io: Io) => Promise<void>;

const say = async (text: string, { quiet }: InventoryOptions, io: Io) => {
  if (!quiet) await io.stderr.write(`${text}\n`);
};

const counts = (snapshot: Snapshot) =>
  SECTIONS.flatMap((section) => {
    const items = snapshot[section];
    return items === undefined ? [] : [plural(items.length, ...WORDS[section])];
  }).join(', ');

const WORDS: Readonly<Record<(typeof SECTIONS)[number], [one: string]>> = {
  interfaces: ['interface'],
  endpoints: ['endpoint'],
  prefixLists: ['prefix list'],
  subnets: ['subnet'],
  vpcs: ['VPC'],
  natGateways: ['NAT gateway'],
  instances: ['instance'],
};

async function saved(snapshot: Snapshot, options: InventoryOptions, io: Io): Promise<void> {
  const path = await saveSnapshot(inventoryFolders(options, io)[0]!, snapshot);
  await io.stdout.write(`${path}\n`);
  await say(`${counts(snapshot)}; taken ${snapshot.taken}.`, options, io);
}

const update: Run = async (_what, options, io) => {
  const { describeInventory } = await import('../names/update.js');
  const { snapshotOf } = await import('../names/described.js');
  const aws = await awsOf(options, io);
  const taken = utcTime(io.now());
  const described = await describeInventory(aws, io.signal);
  const region = await (await aws.ec2()).config.region();
  await saved(snapshotOf(described, { taken, region }), options, io);
};

const importFiles: Run = async (files, options, io) => {
  const { readDescribed } = await import('../names/read-described.js');
  const { snapshotOf } = await import('../names/described.js');
  const { described, notes } = await readDescribed(files);
  const { taken } = options;
  const { parseTime } = await import('../time/range.js');
  const time =
    taken === undefined
      ? Math.max(
          ...(await Promise.all(files.map(async (file) => Math.floor((await stat(file)).mtimeMs / 1000)))),
        )
      : parseTime(taken, parseZone(options.tz), io.now());
  for (const note of notes) await say(note, options, io);
  await saved(snapshotOf(described, { taken: utcTime(time), region: options.region }), options, io);
};

const ranges: Run = async (_what, options, io) => {
  const { from } = options;
  if (from === undefined) {
    throw new UsageError(
      "--from is required: AWS's address ranges are not part of flowlog.",
      'Download https://ip-ranges.amazonaws.com/ip-ranges.json, or give this URL to have it downloaded now.',
    );
  }
  const { readJson } = await import('../names/read-described.js');
  const json = /^https?:\/\//i.test(from) ? await download(from, io) : await readJson(from);
  const parsed = parseAwsRanges(json, from);
  await io.stdout.write(`${await saveRanges(inventoryFolders(options, io)[0]!, parsed, json)}\n`);
  await say(`${plural(parsed.prefixes, 'prefix', 'prefixes')} of ${utcTime(parsed.time)}.`, options, io);
};

async function download(url: string, io: Io): Promise<unknown> {
  const failed = (why: string) =>
    new FlowlogError(
      `${url} cannot be downloaded (${why}).`,
      'Download it in another way, and give --from the file.',
    );
  try {
    const response = await fetch(url, { signal: AbortSignal.any([io.signal, AbortSignal.timeout(60_000)]) });
    if (!response.ok) throw failed(`HTTP ${response.status}`);
    return await response.json();
  } catch (error) {
    if (error instanceof FlowlogError || io.signal.aborted) throw error;
    const { cause, message } = error as Error & { cause?: Error & { code?: string } };
    throw failed(cause?.code ?? cause?.message ?? message);
  }
}

const listSnapshots: Run = async (_what, options, io) => {
  const zone = parseZone(options.tz);
  const columns: Column[] = [
    { name: 'what', type: 'text' },
    { name: 'taken', type: 'time', zone },
    { name: 'account', type: 'text' },
    { name: 'region', type: 'text' },
    { name: 'content', type: 'text' },
  ];
  const rows: Row[] = [];
  const folders = inventoryFolders(options, io);
  for (const folder of folders) {
    const stored = await readInventory(folder);
    for (const each of stored.snapshots) {
      const { account = null, region = null } = each;
      rows.push(['inventory', isoTime(takenAt(each), zone), account, region, counts(each)]);
    }
    for (const { time, prefixes } of stored.ranges) {
      rows.push(['AWS ranges', isoTime(time, zone), null, null, plural(prefixes, 'prefix', 'prefixes')]);
    }
  }
  await renderResult(givenRows(columns, rows), options, io);
  if (rows.length > 0) return;
  await say(
    `No snapshots in ${folders.join(', ')}. Add one with 'flowlog inventory update' or 'flowlog inventory import FILE'.`,
    options,
    io,
  );
};

const show: Run = async ([what], options, io) => {
  const opened = await openNames(options, options.networks, io);
  for (const note of opened.notes) await say(note, options, io);
  const zone = parseZone(options.tz);
  const { explainEntity } = await import('../names/explain.js');
  const facts = explainEntity(what!, opened.names);
  if (facts === undefined) {
    throw new UsageError(
      `'${what}' is not an address, nor an id known to the inventory.`,
      "Write an address, eni-… or vpce-…; 'flowlog inventory' lists the snapshots.",
    );
  }
  const columns: Column[] = [
    ...['source', 'kind', 'name', 'detail'].map((name): Column => ({ name, type: 'text' })),
    { name: 'time', type: 'time', zone },
  ];
  const rows = facts.map(
    ({ source, kind, name, detail, time }): Row => [
      source,
      kind,
      name,
      detail ?? null,
      time === undefined ? null : isoTime(time, zone),
    ],
  );
  await renderResult(givenRows(columns, rows), options, io);
  if (facts.some(({ kind }) => kind === 'aws-service')) {
    await say(
      'An address of an AWS service serves any customer of AWS: it is no proof that the traffic is harmless.',
      options,
      io,
    );
  }
};

const ACTION: Readonly<Record<Action | 'list', Run>> = {
  update,
  import: importFiles,
  ranges,
  show,
  list: listSnapshots,
};
