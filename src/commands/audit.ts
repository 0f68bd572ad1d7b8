import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { Audited, AuditRequest } from '../audit/audit.js';
import type { AuditFacts, Exception, ExceptionKind, Verdict } from '../audit/facts.js';
import { EXIT, UsageError } from '../errors.js';
import { protocolName } from '../flowlog/protocols.js';
import { visibleLines } from '../output/text.js';
import { rangeOf } from '../questions/filters.js';
import { type Column, givenRows, type Row } from '../result.js';
import { progressLine } from '../terminal/progress.js';
import { type Io, wantsColor } from '../terminal/streams.js';
import { humanBytes, plural } from '../terminal/units.js';
import { isoTime } from '../time/zone.js';
import { renderResult } from './answer.js';
import { asnOption, dnsOption, inventoryOption, type NamesOptions, openNames } from './names-options.js';
import { addAuditOptions, type CommonOptions, list } from './options.js';
import { withSession } from './session.js';
import { openTarget } from './target.js';

type AuditFormat = 'text' | 'json' | 'csv';

interface AuditOptions extends Omit<CommonOptions, 'format'>, NamesOptions {
  readonly allow: string;
  readonly assume?: readonly string[];
  readonly flowLogConfig?: string;
  readonly format?: AuditFormat;
}

/** Exit codes of a verdict, for scripts and cron. */
const VERDICT_EXIT: Readonly<Record<Verdict, number>> = {
  closed: EXIT.done,
  'not closed': 3,
  'cannot be said': 4,
};

const EXAMPLES = `
Exit codes: 0 closed, 3 not closed, 4 cannot be said; 1 failed, 2 usage.

Examples:
  Was the network closed last month?
    $ flowlog audit --allow allow.toml --since 2026-06-01 --until 2026-06-02 --logs ./my-logs

  With what EC2 says of interfaces and flow logs, saved before:
    $ flowlog audit --allow allow.toml --since 2026-06-01 --until 2026-06-02 --logs ./my-logs --inventory ./inventory --assume flow-log-config

  What nobody allowed, for a spreadsheet:
    $ flowlog audit --allow allow.toml --since 2026-06-01 --until 2026-06-02 --logs ./my-logs --format csv -o exceptions.csv
`;

export function auditCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('audit').description(
    'Was the network closed? A verdict by an allow-list of what may leave',
  );
  const add = (made: Option) => command.addOption(made.helpGroup('Audit:'));
  add(new Option('--allow <file>', 'allow-list: what may leave (allow.toml)').makeOptionMandatory());
  add(
    new Option(
      '--assume <what>',
      'accept without evidence: flow-log-config, inventory, interface-lifetimes (repeatable)',
    ).argParser(list),
  );
  add(new Option('--flow-log-config <file>', "saved output of 'aws ec2 describe-flow-logs'"));
  for (const made of [inventoryOption(), dnsOption(), asnOption()]) add(made);
  addAuditOptions(command);
  return command.addHelpText('after', EXAMPLES).action(async (options: AuditOptions) => {
    done(await runAudit(options, io));
  });
}

async function runAudit(options: AuditOptions, io: Io): Promise<number> {
  const { quiet = false } = options;
  const say = async (line: string) => void (quiet || (await io.stderr.write(`${visibleLines(line)}\n`)));
  const { request, notes } = await requestOf(options, io);
  for (const note of notes) await say(note);
  const { since, until } = request.period;
  const { audit } = await import('../audit/audit.js');
  const progress = progressLine(io.stderr);
  const audited = await withSession(options, { since, until }, io, (session) =>
    audit(session, request, {
      onProgress: quiet ? () => {} : progress.show,
      onNote: quiet ? () => {} : (note) => progress.note(note),
    }).finally(progress.clear),
  );
  await write(audited, options, io);
  const told = new Set(audited.runs.flatMap((run) => run.notes));
  for (const note of told) await say(note);
  return VERDICT_EXIT[audited.facts.verdict];
}

async function requestOf(options: AuditOptions, io: Io): Promise<{ request: AuditRequest; notes: string[] }> {
  const { allow, networks, flowLogConfig } = options;
  const heard: string[] = [];
  const { range, zone } = await rangeOf(options, { now: io.now, note: (sentence) => heard.push(sentence) });
  const { since, until } = range;
  if (since === undefined || until === undefined) {
    throw new UsageError(
      'An audit is of a period: --since and --until are required.',
      'For June of 2026: --since 2026-06-01 --until 2026-07-01.',
    );
  }
  const { ASSUMPTIONS } = await import('../audit/facts.js');
  const unknown = options.assume?.find((each) => !ASSUMPTIONS.some((known) => known === each));
  if (unknown !== undefined) {
    throw new UsageError(`'${unknown}' cannot be assumed.`, `What can be: ${ASSUMPTIONS.join(', ')}.`);
  }
  const { parseAllowList } = await import('../audit/allow-file.js');
  const text = await readFile(allow, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `${allow}: ${error.code === 'ENOENT' ? 'no such file' : error.code}.`,
      "Name an allow-list; 'flowlog help audit' shows one.",
    );
  });
  const { readFlowLogConfigs } = await import('../audit/flow-log-config.js');
  const opened = await openNames(options, networks, io);
  const subset = (['account', 'awsRegion', 'flowLog'] as const).flatMap((name) =>
    (options[name] ?? []).map(
      (value) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${value}`,
    ),
  );
  const request: AuditRequest = {
    list: parseAllowList(text, allow, networks),
    period: { since, until, zone },
    names: opened.names,
    configs: flowLogConfig === undefined ? undefined : await readFlowLogConfigs(flowLogConfig),
    assumed: ASSUMPTIONS.filter((each) => options.assume?.includes(each)),
    subset,
    now: io.now(),
  };
  return { request, notes: [...heard, ...opened.notes] };
}

async function write({ facts, runs }: Audited, options: AuditOptions, io: Io): Promise<void> {
  const { format = 'text', output } = options;
  if (format === 'csv') {
    await renderResult(exceptionResult(facts), { ...options, format: 'csv' }, io);
    return;
  }
  const target = await openTarget(output, io);
  if (format === 'json') {
    const { reportJson } = await import('../audit/report-json.js');
    await target.finish(target.write(`${JSON.stringify(reportJson(facts), null, 2)}\n`));
    return;
  }
  await target.finish(
    target.write(
      await textReport(facts, runs, {
        width: target.width,
        color: wantsColor(target, io.env, !options.color),
      }),
    ),
  );
}

const KINDS: Readonly<Record<ExceptionKind, [one: string, title: string]>> = {
  leak: ['leak', 'Left, and nobody allowed it'],
  reply: ['reply', 'Answers to connections from outside, which nobody allowed'],
  undecided: ['undecided flow', 'Replies or connections of their own: the record does not tell'],
  attempt: ['attempt', 'Attempts: refused, or never answered'],
};

/** Exceptions of a kind that the text shows; the files have all of them. */
const SHOWN = 20;

async function textReport(
  facts: AuditFacts,
  runs: Audited['runs'],
  { width, color }: { width: number; color: boolean },
): Promise<string> {
  const { verdict, period, scope, exceptions, allowed, reasons, assumed, limits } = facts;
  const time = (seconds: number) => isoTime(seconds, period.zone).slice(0, 16).replace('T', ' ');
  const lines: string[] = [];
  const counts = (Object.keys(KINDS) as ExceptionKind[]).flatMap((kind) => {
    const count = exceptions.filter((each) => each.kind === kind).length;
    return count === 0 ? [] : [plural(count, KINDS[kind][0], kind === 'reply' ? 'replies' : undefined)];
  });
  lines.push(`Verdict: ${verdict.toUpperCase()}${counts.length > 0 ? ` (${counts.join(', ')})` : ''}`);
  lines.push(`Period:  ${time(period.since)} to ${time(period.until)} ${period.zone}`);
  lines.push(
    `Scope:   ${scope.subnets.join(', ')}; inside is ${scope.vpc.join(', ')}${scope.vpcAssumed ? ' (assumed)' : ''}`,
  );
  lines.push(`Read:    ${plural(facts.records, 'record')}; ${runs.at(-1)?.read ?? ''}`);
  if (assumed.length > 0) lines.push(`Assumed: ${assumed.join(', ')}`);
  if (reasons.length > 0) {
    lines.push(
      '',
      verdict === 'cannot be said' ? 'Why it cannot be said:' : 'The record is incomplete as well:',
    );
    for (const { what, settle } of reasons) lines.push(`- ${what}`, `  ${settle}`);
  }
  const { renderTable } = await import('../output/table.js');
  for (const kind of Object.keys(KINDS) as ExceptionKind[]) {
    const found = exceptions.filter((each) => each.kind === kind);
    if (found.length === 0) continue;
    lines.push('', `${KINDS[kind][1]}:`);
    const parts: string[] = [];
    const shown = givenRows(
      TEXT_COLUMNS,
      found.slice(0, SHOWN).map((each) => textRow(each, period.zone)),
    );
    await renderTable(shown, async (text) => void parts.push(String(text)), {
      ...{ width, color, terminal: false, limit: undefined, excel: false },
    });
    lines.push(parts.join('').trimEnd());
    if (found.length > SHOWN) lines.push(`and ${found.length - SHOWN} more (--format csv has all).`);
  }
  const { entryText } = await import('../audit/allow-file.js');
  if (allowed.length > 0) lines.push('', 'Allow-list:');
  for (const { entry, pending, flows, bytes } of allowed) {
    const used = pending
      ? 'pending: not approved, allows nothing'
      : flows === 0
        ? 'not used'
        : `${plural(flows, 'flow')}, ${humanBytes(bytes)}`;
    lines.push(`- line ${entry.line}: ${entryText(entry, protocolName)} (${used})`);
  }
  if (limits.length > 0) lines.push('', ...limits);
  return `${visibleLines(lines.join('\n'))}\n`;
}

const text = (name: string, more: Partial<Column> = {}): Column => ({ name, type: 'text', ...more });
const TEXT_COLUMNS: readonly Column[] = [
  ...[text('srcaddr'), text('dstaddr'), text('name'), text('service'), text('way')],
  ...[{ name: 'flows', type: 'integer' } as const, { name: 'bytes', type: 'bytes' } as const],
  ...[text('first_seen'), text('nearly')],
];

function textRow(each: Exception, zone: string): Row {
  const service =
    each.protocol === null
      ? null
      : `${protocolName(each.protocol)}${each.port === null ? '' : ` ${each.port}`}`;
  const first = isoTime(each.first, zone).slice(0, 16).replace('T', ' ');
  return [
    each.srcaddr,
    each.dstaddr,
    each.dstName ?? null,
    service,
    each.way,
    each.flows,
    each.bytes,
    first,
    each.nearly ?? null,
  ];
}

/** The exceptions as rows: what `exceptions.csv` has. */
export function exceptionResult({ exceptions, period: { zone } }: AuditFacts) {
  const columns: Column[] = [
    ...['kind', 'srcaddr', 'src_name', 'dstaddr', 'dst_name', 'dst_kind'].map((name) => text(name)),
    { name: 'protocol', type: 'integer' },
    { name: 'port', type: 'integer' },
    ...['action', 'way', 'leaves'].map((name) => text(name)),
    { name: 'flows', type: 'integer' },
    { name: 'packets', type: 'integer' },
    { name: 'bytes', type: 'bytes' },
    { name: 'first_seen', type: 'time', zone },
    { name: 'last_seen', type: 'time', zone },
    text('nearly'),
  ];
  const rows = exceptions.map(
    (each): Row => [
      ...[
        each.kind,
        each.srcaddr,
        each.srcName ?? null,
        each.dstaddr,
        each.dstName ?? null,
        each.dstKind ?? null,
      ],
      ...[each.protocol, each.port, each.action, each.way, each.leaves],
      ...[
        each.flows,
        each.packets,
        each.bytes,
        isoTime(each.first, zone),
        isoTime(each.last, zone),
        each.nearly ?? null,
      ],
    ],
  );
  return givenRows(columns, rows);
}
