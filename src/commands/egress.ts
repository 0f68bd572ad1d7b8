import { Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import { parseProtocol } from '../flowlog/protocols.js';
import { checkInside, type EgressRequest, egress, type PortRange } from '../investigations/egress.js';
import { type Cidr, enclosingVpc } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import type { Io } from '../terminal/streams.js';
import { answer } from './answer.js';
import { addCommonOptions, blocksOption, type CommonOptions, list } from './options.js';
import { askedOf, withEngine } from './session.js';

interface EgressOptions extends CommonOptions {
  readonly subnet: string[];
  readonly vpc?: string[];
  readonly exclude?: string[];
  readonly action?: string;
  readonly protocol?: string[];
  readonly dstPort?: string[];
  readonly by?: string[];
  readonly columns?: string[];
}

const EXAMPLES = `
Examples:
  What left the subnet for somewhere outside its VPC:
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs

  On one day of Tokyo time, as CSV for a spreadsheet:
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs --since 2026-06-01 --until 2026-06-02 --excel -o egress.csv

  Where to, largest first:
    $ flowlog egress --subnet 10.10.24.0/24 --logs ./my-logs --by dstaddr,dstport

  Only what got through, to anywhere but the peered network:
    $ flowlog egress --subnet 10.10.24.0/24 --exclude 10.20.0.0/16 --action accept --logs './my-logs/**/*.log.gz'

  The same question to Athena, of the table that create-table made:
    $ flowlog egress --subnet 10.10.24.0/24 --table network.vpc_flow_logs --since yesterday --max-scan 10GB
`;

export function egressCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('egress')
    .description('What left a subnet for somewhere outside the VPC, when, and to where')
    .addOption(
      blocksOption('--subnet <cidr>', 'source addresses: IPv4 or IPv6 block, or named network (repeatable)')
        .makeOptionMandatory()
        .helpGroup('Question:'),
    )
    .addOption(
      blocksOption(
        '--vpc <cidr>',
        'what is inside (repeatable; default: the enclosing /16, IPv6 /56)',
      ).helpGroup('Question:'),
    )
    .addOption(
      blocksOption('--exclude <cidr>', 'destinations to leave out as well (repeatable)').helpGroup(
        'Question:',
      ),
    );
  const question = (flags: string, description: string) =>
    command.addOption(new Option(flags, description).argParser(list).helpGroup('Question:'));
  command.addOption(
    new Option('--action <action>', 'accept or reject (default: both)').helpGroup('Question:'),
  );
  question('--protocol <name>', 'tcp, udp, icmp, … or a number (repeatable)');
  question('--dst-port <port>', 'destination port or range, 443 or 1024-65535 (repeatable)');
  question('--by <columns>', 'sum up by these columns, largest first: dstaddr,dstport');
  question('--columns <names>', 'columns to show instead of the usual ones');
  addCommonOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (options: EgressOptions) => done(await runEgress(options, io)));
}

async function runEgress(options: EgressOptions, io: Io): Promise<number> {
  const request = requestOf(options, io);
  return withEngine(options, io, async (engine) => {
    const source = await engine.source(request.range);
    const query = egress(request, source);
    if (!options.vpc && !options.quiet) {
      const inside = request.vpc.map((block) => block.text).join(', ');
      await io.stderr.write(`Taking ${inside} as the VPC; --vpc says otherwise.\n`);
    }
    return answer(engine, query, options, io);
  });
}

/** From what was typed to what is meant. */
function requestOf(options: EgressOptions, io: Io): EgressRequest {
  const { zone, range } = askedOf(options, io);
  const { networks } = options;
  const subnets = parseBlocks(options.subnet, networks);
  const vpc = options.vpc ? parseBlocks(options.vpc, networks) : unique(subnets.map(enclosingVpc));
  checkInside(subnets, vpc);
  const by = options.by ?? [];
  const columns = options.columns ?? [];
  if (by.length > 0 && columns.length > 0) {
    throw new UsageError(
      '--by and --columns cannot be given together.',
      '--by names the columns to sum up by; flows, packets, bytes and times follow by themselves.',
    );
  }
  return {
    subnets,
    vpc,
    exclude: parseBlocks(options.exclude ?? [], networks),
    range,
    action: actionOf(options.action),
    protocols: (options.protocol ?? []).map(protocolOf),
    dstPorts: (options.dstPort ?? []).map(portsOf),
    by: [...new Set(by)],
    columns: [...new Set(columns)],
    zone,
    limit: options.limit,
  };
}

function unique(blocks: readonly Cidr[]): Cidr[] {
  return [...new Map(blocks.map((block) => [block.text, block])).values()];
}

function actionOf(text: string | undefined): EgressRequest['action'] {
  if (text === undefined) return undefined;
  const action = text.toUpperCase();
  if (action === 'ACCEPT' || action === 'REJECT') return action;
  throw new UsageError(`'${text}' is not an action.`, 'The actions are accept and reject.');
}

function protocolOf(text: string): number {
  const number = parseProtocol(text);
  if (number !== undefined) return number;
  throw new UsageError(
    `'${text}' is not a protocol.`,
    'Write a name, such as tcp, udp or icmp, or a number from 0 to 255.',
  );
}

function portsOf(text: string): PortRange {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || last > 65_535 || first > last) {
    throw new UsageError(
      `'${text}' is not a port.`,
      'Write a port from 0 to 65535, or a range such as 1024-65535.',
    );
  }
  return { first, last };
}
