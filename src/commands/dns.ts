import { Command, Option } from 'commander';
import { EXIT, FlowlogError, UsageError } from '../errors.js';
import { DNS_GROUPS, type DnsGroup, type DnsRow } from '../names/dns-report.js';
import { inBlocks } from '../net/cidr.js';
import { parseBlocks } from '../net/networks.js';
import { type Column, givenRows, type Row } from '../result.js';
import type { Io } from '../terminal/streams.js';
import { plural } from '../terminal/units.js';
import { isoTime, parseZone } from '../time/zone.js';
import { renderResult } from './answer.js';
import { dnsOption, type NamesOptions } from './names-options.js';
import { skippedLines } from './open-names.js';
import { addOutputOptions, blocksOption, list, type OutputOptions } from './options.js';
import { Setting } from './settings.js';

interface DnsOptions extends OutputOptions, NamesOptions {
  readonly by?: string[];
  readonly host?: string[];
  readonly domain?: string[];
  readonly suspicious?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly strict?: boolean;
}

const EXAMPLES = `
Examples:
  Which domains were asked for, those that carry most in their labels first:
    $ flowlog dns --dns ./my-names/dns

  Who asked for what looks like a tunnel:
    $ flowlog dns --dns ./my-names/dns --by host,domain --suspicious

  The names that one host asked for:
    $ flowlog dns --dns ./my-names/dns --host 10.10.24.0/24 --by name

Signs of a tunnel: a label of 40 characters or more; of 20 queries or more, nine of ten for different names, half for TXT or
NULL, half answered NXDOMAIN. label_bytes counts the characters of all distinct names below the registered domain.
`;

export function dnsCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('dns').description(
    'Show which names hosts asked for, and what looks like a tunnel',
  );
  for (const option of [
    dnsOption(),
    new Option('--by <columns>', `sum by ${DNS_GROUPS.join(', ')} (default: domain)`).argParser(list),
    blocksOption('--host <cidr>', 'only queries from these addresses (repeatable)'),
    new Option('--domain <name>', 'only names in this domain (repeatable)').argParser(list),
    new Option('--suspicious', 'only rows with a sign of a tunnel'),
    new Setting('--since <time>', 'start of the range, on the time of the query'),
    new Setting('--until <time>', 'end of the range (exclusive)'),
    new Setting('--strict', 'exit with 1 if any line had to be skipped'),
  ]) {
    command.addOption(option.helpGroup('Queries:'));
  }
  addOutputOptions(command);
  return command.addHelpText('after', EXAMPLES).action(async (options: DnsOptions) => {
    await runDns(options, io);
    done(EXIT.done);
  });
}

async function runDns(options: DnsOptions, io: Io): Promise<void> {
  const { dns = [], quiet } = options;
  if (dns.length === 0) {
    throw new UsageError(
      '--dns is required: flow logs do not record DNS queries.',
      'Name the Route 53 Resolver query logs: --dns FILE or --dns FOLDER.',
    );
  }
  const by = groupsOf(options.by ?? ['domain']);
  const hosts = parseBlocks(options.host ?? [], options.networks);
  const domains = (options.domain ?? []).map((name) => name.toLowerCase().replace(/^\*?\.|\.$/g, ''));
  const zone = parseZone(options.tz);
  const { parseRange } = await import('../time/range.js');
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = parseRange(
    options,
    zone,
    io.now(),
  );
  const { DnsReport } = await import('../names/dns-report.js');
  const { readResolverLogs } = await import('../names/resolver-logs.js');
  const report = new DnsReport(by);
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const read = await readResolverLogs(
    dns,
    (query) => {
      first = Math.min(first, query.time);
      last = Math.max(last, query.time);
      if (query.time < since || query.time >= until) return;
      if (hosts.length > 0 && !inBlocks(query.host ?? '', hosts)) return;
      if (
        domains.length > 0 &&
        !domains.some((each) => query.name === each || query.name.endsWith(`.${each}`))
      )
        return;
      report.add(query);
    },
    io.signal,
  );
  const found = report.rows();
  const rows = options.suspicious ? found.filter(({ signs }) => signs.length > 0) : found;
  await renderResult(
    givenRows(
      columnsOf(by, zone),
      rows.map((row) => cells(row, zone)),
    ),
    options,
    io,
  );
  if (!quiet) {
    const covered = `${isoTime(first, zone)} to ${isoTime(last, zone)}`;
    await io.stderr.write(
      `${plural(read.queries, 'query', 'queries')} in ${plural(read.files, 'file')}, ${covered}.\n` +
        (rows.length === 0 ? 'Nothing found in these queries.\n' : '') +
        "Answers from the resolver's cache are not logged: these counts are not all queries, but a new name always shows.\n" +
        (read.skipped > 0 ? `${skippedLines(read)}\n` : ''),
    );
  }
  if (options.strict && read.skipped > 0) {
    throw new FlowlogError(skippedLines(read), 'Run without --strict to have the rest answered.');
  }
}

function groupsOf(names: readonly string[]): DnsGroup[] {
  const unknown = names.find((name) => !DNS_GROUPS.includes(name as DnsGroup));
  if (unknown === undefined) return [...new Set(names as DnsGroup[])];
  throw new UsageError(`--by '${unknown}' is not a column of DNS queries.`, `Use ${DNS_GROUPS.join(', ')}.`);
}

const columnsOf = (by: readonly DnsGroup[], zone: string): Column[] => [
  ...by.map((name): Column => ({ name, type: 'text', ...(name === 'host' ? { address: true } : {}) })),
  ...['queries', 'hosts', 'names', 'longest_label', 'label_bytes', 'txt_null'].map(
    (name): Column => ({ name, type: 'integer' }),
  ),
  { name: 'nxdomain', type: 'percent' },
  { name: 'first_seen', type: 'time', zone },
  { name: 'last_seen', type: 'time', zone },
  { name: 'signs', type: 'text' },
];

const cells = (row: DnsRow, zone: string): Row => [
  ...row.group,
  ...[row.queries, row.hosts, row.names, row.longestLabel, row.labelBytes, row.txtNull],
  Math.round((row.nxdomain / row.queries) * 10_000),
  isoTime(row.first, zone),
  isoTime(row.last, zone),
  row.signs.length === 0 ? null : row.signs.join(', '),
];
