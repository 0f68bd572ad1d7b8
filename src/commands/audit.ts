import { writeFile } from 'node:fs/promises';
import { Argument, Command, Option } from 'commander';
import type { Audited, AuditRequest } from '../audit/audit.js';
import {
  ASSUMPTIONS,
  type AuditFacts,
  type Exception,
  type ExceptionKind,
  type Verdict,
} from '../audit/facts.js';
import type { HashedInput } from '../audit/manifest.js';
import type { KmsSigner } from '../aws/kms-signer.js';
import { EXIT, UsageError } from '../errors.js';
import { protocolName } from '../flowlog/protocols.js';
import { visibleLines } from '../output/text.js';
import { rangeOf } from '../questions/filters.js';
import { type Column, givenRows, type Row } from '../result.js';
import { type Io, wantsColor } from '../terminal/streams.js';
import { humanBytes, plural } from '../terminal/units.js';
import { minuteTime } from '../time/zone.js';
import { readAllowList } from './allow-list.js';
import { renderResult } from './answer.js';
import { awsOf } from './aws.js';
import { type NamesOptions, namesOptions } from './names-options.js';
import { openNames } from './open-names.js';
import { addAuditOptions, type CommonOptions, list } from './options.js';
import { runOptions, withSession } from './session.js';
import { Setting } from './settings.js';
import { openTarget } from './target.js';

type AuditFormat = 'text' | 'json' | 'csv' | 'html';

export interface AuditOptions extends Omit<CommonOptions, 'format'>, NamesOptions {
  readonly allow?: string;
  readonly evidence?: string;
  readonly signKey?: string;
  readonly signKms?: string;
  readonly securityHub?: string;
  readonly assume?: readonly string[];
  readonly flowLogConfig?: string;
  readonly lang?: 'en' | 'ja';
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

An allow-list ('flowlog allow suggest' learns one from traffic):

  [scope]
  subnets = ["10.10.24.0/24"]
  vpc = ["10.10.0.0/16"]

  [[allow]]
  to = "203.0.113.9/32"       # or a named network, pl-…, vpce-…, aws:S3@ap-northeast-1, domain:example.com
  ports = [443]
  protocol = "tcp"
  reason = "updates"
  owner = "platform"
  approved = "TICKET-1"       # without it, the entry allows nothing
  expires = 2027-03-31

Examples:
  Was the network closed last month?
    $ flowlog audit --allow allow.toml --since 2026-06-01 --until 2026-06-02 --logs ./my-logs

  With what EC2 says of interfaces and flow logs, saved before:
    $ flowlog audit --allow allow.toml --since 2026-06-01 --until 2026-06-02 --logs ./my-logs --inventory ./inventory --assume flow-log-config

  With a signed pack of evidence:
    $ flowlog audit keygen --output new-key
    $ flowlog audit --allow allow.toml --since 2026-06-01 --until 2026-06-02 --logs ./my-logs --evidence evidence --sign-key new-key.pem

  What nobody allowed, for a spreadsheet:
    $ flowlog audit --allow allow.toml --since 2026-06-01 --until 2026-06-02 --logs ./my-logs --format csv -o exceptions.csv
`;

export function auditCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('audit')
    .description('Was the network closed? A verdict by an allow-list of what may leave')
    .addArgument(new Argument('[action]', 'keygen makes keys that sign evidence').choices(['keygen']));
  const add = (made: Option) => command.addOption(made.helpGroup('Audit:'));
  add(new Setting('--allow <file>', 'allow-list: what may leave (allow.toml)'));
  add(
    new Option(
      '--assume <what>',
      'accept without evidence: flow-log-config, inventory, interface-lifetimes (repeatable)',
    ).argParser(list),
  );
  add(new Option('--flow-log-config <file>', "saved output of 'aws ec2 describe-flow-logs'"));
  for (const made of namesOptions()) add(made);
  add(new Option('--evidence <path>', 'write an evidence pack: a folder, or a file ending in .zip'));
  add(
    new Setting('--lang <language>', 'language of the report page (default: by locale)').choices([
      'en',
      'ja',
    ]),
  );
  add(new Setting('--sign-key <file>', 'private key that signs the evidence (audit keygen)'));
  add(new Setting('--sign-kms <arn>', 'asymmetric AWS KMS key that signs the evidence'));
  add(
    new Setting(
      '--security-hub <account:region>',
      'add findings for AWS Security Hub to the evidence (asff-1.json)',
    ),
  );
  addAuditOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (action: 'keygen' | undefined, options: AuditOptions) => {
      done(action === 'keygen' ? await keygen(options, io) : await runAudit(options, io));
    });
}

/** Writes a new pair of keys: `audit.pem`, for the owner only, and `audit.pub.pem`. */
async function keygen({ output = 'audit', quiet }: AuditOptions, io: Io): Promise<number> {
  const { newKeyPair } = await import('../audit/envelope.js');
  const { privatePem, publicPem, id } = newKeyPair();
  const name = output.replace(/\.pem$/, '');
  const files = [
    [`${name}.pem`, privatePem, 0o600],
    [`${name}.pub.pem`, publicPem, 0o644],
  ] as const;
  for (const [path, pem, mode] of files) {
    await writeFile(path, pem, { mode, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      const why = error.code === 'EEXIST' ? 'is already there' : `cannot be written (${error.code})`;
      throw new UsageError(`${path} ${why}.`, 'Name the new keys with --output.');
    });
    await io.stdout.write(`${path}\n`);
  }
  if (!quiet)
    await io.stderr.write(`Key ${id}. Keep ${name}.pem secret; whoever verifies needs ${name}.pub.pem.\n`);
  return EXIT.done;
}

async function runAudit(options: AuditOptions, io: Io): Promise<number> {
  const { quiet = false, allow, evidence, signKey, signKms, securityHub } = options;
  const say = async (line: string) => void (quiet || (await io.stderr.write(`${visibleLines(line)}\n`)));
  if (allow === undefined) {
    throw new UsageError(
      '--allow is required: the list of what may leave.',
      "'flowlog help audit' shows one.",
    );
  }
  const ofEvidence = ['--sign-key', '--sign-kms', '--security-hub'];
  const typed = options.effective?.options.find(({ source }) => ofEvidence.includes(source));
  if (evidence === undefined && typed !== undefined) {
    throw new UsageError(`${typed.source} requires --evidence.`, 'Add --evidence DIR.');
  }
  if (signKey !== undefined && signKms !== undefined) {
    throw new UsageError('--sign-key and --sign-kms exclude each other.', 'Give one of them.');
  }
  const { parseSecurityHub } = await import('../audit/asff.js');
  const hub = securityHub === undefined ? undefined : parseSecurityHub(securityHub);
  const { list: allowList, text: allowText } = await readAllowList(allow, options.networks);
  const period = await periodOf(options, io, say);
  const unknown = options.assume?.find((each) => !ASSUMPTIONS.some((known) => known === each));
  if (unknown !== undefined) {
    throw new UsageError(`'${unknown}' cannot be assumed.`, `What can be: ${ASSUMPTIONS.join(', ')}.`);
  }
  const request: AuditRequest = {
    ...(await knownBeside(options, io)),
    list: allowList,
    period,
    assumed: ASSUMPTIONS.filter((each) => options.assume?.includes(each)),
    now: io.now(),
  };
  // Before the logs are read: a key that cannot be used is said at once.
  const kms =
    evidence === undefined || signKms === undefined ? undefined : await signerAt(signKms, options, io);
  const { audited, inputs } = await performAudit(request, { ...options, hash: evidence !== undefined }, io);
  await write(audited, options, io);
  if (evidence !== undefined) {
    const { writeEvidence } = await import('./evidence.js');
    await writeEvidence(evidence, audited, inputs, { ...options, allowText, hub, kms }, io);
    await say(`Evidence: ${evidence}`);
  }
  const told = new Set(audited.runs.flatMap((run) => run.notes));
  for (const note of told) await say(note);
  return VERDICT_EXIT[audited.facts.verdict];
}

async function signerAt(arn: string, options: AuditOptions, io: Io): Promise<KmsSigner> {
  const { kmsSigner } = await import('../aws/kms-signer.js');
  return kmsSigner(await awsOf(options, io), arn, io.signal);
}

async function periodOf(
  options: AuditOptions,
  io: Io,
  say: (line: string) => Promise<void>,
): Promise<AuditRequest['period']> {
  const heard: string[] = [];
  const { range, zone } = await rangeOf(options, { now: io.now, note: (sentence) => heard.push(sentence) });
  const { since, until } = range;
  if (since === undefined || until === undefined) {
    throw new UsageError(
      'An audit is of a period: --since and --until are required.',
      'For June of 2026: --since 2026-06-01 --until 2026-07-01.',
    );
  }
  for (const note of heard) await say(note);
  return { since, until, zone };
}

/** What is known beside the logs, as the options say. */
export async function knownBeside(
  options: AuditOptions,
  io: Io,
): Promise<Pick<AuditRequest, 'names' | 'configs' | 'subset'>> {
  const { flowLogConfig, networks, quiet } = options;
  const opened = await openNames(options, networks, io);
  if (!quiet) for (const note of opened.notes) await io.stderr.write(`${visibleLines(note)}\n`);
  const { readFlowLogConfigs } = await import('../audit/flow-log-config.js');
  return {
    names: opened.names,
    configs: flowLogConfig === undefined ? undefined : await readFlowLogConfigs(flowLogConfig),
    subset: [
      ...(options.account ?? []).map((value) => `--account ${value}`),
      ...(options.awsRegion ?? []).map((value) => `--aws-region ${value}`),
      ...(options.flowLog ?? []).map((value) => `--flow-log ${value}`),
    ],
  };
}

/** Asks the logs. @returns with `hash`, also the digests of the files that were read */
export async function performAudit(
  request: AuditRequest,
  options: AuditOptions & { readonly hash: boolean },
  io: Io,
): Promise<{ audited: Audited; inputs: readonly HashedInput[] }> {
  const { audit } = await import('../audit/audit.js');
  const { hashInputs } = await import('../audit/manifest.js');
  const { quiet = false, hash } = options;
  const running = runOptions(quiet, io);
  const { since, until } = request.period;
  return withSession(options, { since, until }, io, async (session) => {
    const audited = await audit(session, request, running).finally(running.clear);
    return { audited, inputs: hash ? await hashInputs(session.inputs, io.signal) : [] };
  });
}

async function write({ facts, runs }: Audited, options: AuditOptions, io: Io): Promise<void> {
  const { format = 'text', output } = options;
  if (format === 'csv') {
    const { exceptionResult } = await import('./evidence.js');
    await renderResult(exceptionResult(facts), { ...options, format: 'csv' }, io);
    return;
  }
  const target = await openTarget(output, io);
  if (format === 'html') {
    const { auditReport } = await import('../report/audit-report.js');
    const { langOf } = await import('../report/words.js');
    await target.finish(target.write(auditReport(facts, langOf(options.lang, io.env))));
    return;
  }
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
  const lines: string[] = [];
  const counts = (Object.keys(KINDS) as ExceptionKind[]).flatMap((kind) => {
    const count = exceptions.filter((each) => each.kind === kind).length;
    return count === 0 ? [] : [plural(count, KINDS[kind][0], kind === 'reply' ? 'replies' : undefined)];
  });
  lines.push(`Verdict: ${verdict.toUpperCase()}${counts.length > 0 ? ` (${counts.join(', ')})` : ''}`);
  lines.push(
    `Period:  ${minuteTime(period.since, period.zone)} to ${minuteTime(period.until, period.zone)} ${period.zone}`,
  );
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
    lines.push(`- line ${entry.line}: ${entryText(entry)} (${used})`);
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
  return [
    each.srcaddr,
    each.dstaddr,
    each.dstName ?? null,
    service,
    each.way,
    each.flows,
    each.bytes,
    minuteTime(each.first, zone),
    each.nearly ?? null,
  ];
}
