import { Command, Option } from 'commander';
import { parseAllowList } from '../audit/allow-file.js';
import { publicKey } from '../audit/envelope.js';
import { ASSUMPTIONS } from '../audit/facts.js';
import type { HashedInput } from '../audit/manifest.js';
import { checkPack, type PackFiles, readPack } from '../audit/pack.js';
import { reportJson } from '../audit/report-json.js';
import { EXIT, FlowlogError } from '../errors.js';
import { visibleLines } from '../output/text.js';
import type { Io } from '../terminal/streams.js';
import { plural } from '../terminal/units.js';
import { type AuditOptions, knownBeside, performAudit } from './audit.js';
import { readKey } from './evidence.js';
import { namesOptions } from './names-options.js';
import { addVerifyOptions } from './options.js';

interface VerifyOptions extends AuditOptions {
  readonly key?: string;
  readonly again?: boolean;
}

const EXAMPLES = `
Exit codes: 0 nothing was changed, 1 something was, 2 usage.

Examples:
  Was anything in the pack changed, and did we sign it?
    $ flowlog verify ./evidence --key audit.pub.pem

  Do the logs still say the same?
    $ flowlog verify ./evidence --again --logs ./my-logs
`;

export function verifyCommand(io: Io, done: (code: number) => void): Command {
  const command = new Command('verify')
    .description("Check an audit's evidence pack: its files, its signature, and again its logs")
    .argument('<pack>', 'folder or .zip that audit --evidence wrote');
  const add = (made: Option) => command.addOption(made.helpGroup('Pack:'));
  add(new Option('--key <file>', 'public key in PEM that must have signed the pack'));
  add(new Option('--again', 'repeat the audit on --logs or --table and compare'));
  add(new Option('--flow-log-config <file>', "with --again: output of 'aws ec2 describe-flow-logs'"));
  for (const made of namesOptions()) add(made);
  addVerifyOptions(command);
  return command.addHelpText('after', EXAMPLES).action(async (pack: string, options: VerifyOptions) => {
    done(await verifyPack(pack, options, io));
  });
}

async function verifyPack(path: string, options: VerifyOptions, io: Io): Promise<number> {
  const files = await readPack(path);
  const key = options.key === undefined ? undefined : publicKey(await readKey(options.key), options.key);
  const { problems, signed, notes } = checkPack(files, key);
  const different = options.again && problems.length === 0 ? await differences(files, options, io) : [];
  const all = [...problems, ...different];
  const lines =
    all.length > 0
      ? all
      : [
          `${plural(files.size, 'file')} unchanged${signed ? `, signed by key ${key!.id.slice(0, 16)}` : ''}.`,
          ...(options.again ? ['The audit, repeated, says the same.'] : []),
        ];
  await io.stdout.write(`${visibleLines(lines.join('\n'))}\n`);
  if (!options.quiet) for (const note of notes) await io.stderr.write(`${visibleLines(note)}\n`);
  return all.length > 0 ? EXIT.failed : EXIT.done;
}

/** Repeats the audit of a pack, and says what differs. */
async function differences(files: PackFiles, options: VerifyOptions, io: Io): Promise<string[]> {
  const text = (name: string) => Buffer.from(files.get(name)!).toString();
  const report = JSON.parse(text('report.json')) as Record<string, unknown>;
  const manifest = JSON.parse(text('manifest.json')) as {
    readonly inputs: readonly HashedInput[];
    readonly run: { readonly at: string };
  };
  const { period, assumed } = report as {
    period: { since_utc: string; until_utc: string; zone: string };
    assumed: readonly string[];
  };
  const [since, until] = [period.since_utc, period.until_utc].map((utc) => Date.parse(utc) / 1000);
  if (since === undefined || until === undefined || Number.isNaN(since + until)) {
    throw new FlowlogError(
      'report.json says no period.',
      'The pack was written by another version of flowlog.',
    );
  }
  const beside = await knownBeside(options, io);
  const { audited, inputs } = await performAudit(
    {
      ...beside,
      list: parseAllowList(text('allow.toml'), 'allow.toml', options.networks),
      period: { since, until, zone: period.zone },
      assumed: ASSUMPTIONS.filter((each) => assumed.includes(each)),
      // As it was judged then: what has become old since must not change the answer.
      now: Date.parse(manifest.run.at) / 1000,
    },
    { ...options, hash: true },
    io,
  );
  const now = JSON.parse(JSON.stringify(reportJson(audited.facts))) as Record<string, unknown>;
  const changed = Object.keys({ ...report, ...now }).filter(
    (name) => JSON.stringify(report[name]) !== JSON.stringify(now[name]),
  );
  return [
    ...inputDifferences(manifest.inputs, inputs),
    ...changed.map((name) => `Repeated, the audit says something else: ${name} of report.json differs.`),
  ];
}

function inputDifferences(before: readonly HashedInput[], now: readonly HashedInput[]): string[] {
  // By content: a copy of the logs may lie elsewhere.
  const [had, has] = [before, now].map((list) => new Set(list.map(({ sha256 }) => sha256)));
  const lost = before.filter(({ sha256 }) => !has!.has(sha256));
  const more = now.filter(({ sha256 }) => !had!.has(sha256));
  return [
    ...lost.map(({ name }) => `Input ${name} is missing, or has another content.`),
    ...more.map(({ name }) => `Input ${name} was not read before, or had another content.`),
  ];
}
