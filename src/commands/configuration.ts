import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { closestMatch } from 'leven';
import { type Config, parseConfig, type Section } from '../config/config.js';
import { findConfig, userConfigPath } from '../config/find-config.js';
import { ENGINE_NAMES, ENGINES } from '../engines/index.js';
import { FlowlogError, UsageError } from '../errors.js';
import { NO_NETWORKS } from '../net/networks.js';
import { UnfitValue } from '../option.js';
import type { EffectiveQuestion } from '../output/renderer.js';
import { visible } from '../output/text.js';
import type { Io } from '../terminal/streams.js';
import { Setting } from './settings.js';

/** Who says a setting, the later ones going before the earlier. */
const SOURCES = ['default', 'config', 'profile', 'env', 'cli'] as const;
type SourceKind = (typeof SOURCES)[number];

/** A setting as it is for a run. */
export interface EffectiveSetting {
  readonly setting: Setting;
  /** Each value as written; none where nobody says it and there is no default. */
  readonly texts: readonly string[];
  readonly kind: SourceKind;
  /** `--tz`, `FLOWLOG_TZ`, `/home/me/flowlog.toml`, `profile prod of /home/me/flowlog.toml`, `default`. */
  readonly source: string;
}

/** What a command runs with. */
export interface Configuration {
  readonly config: Config | undefined;
  readonly settings: readonly EffectiveSetting[];
}

const settled = new WeakMap<Command, Configuration>();

/** What a command runs with, once {@link settle} has found it out. */
export const configurationOf = (command: Command): Configuration | undefined => settled.get(command);

export const settingsOf = (command: Command): Setting[] =>
  command.options.filter((option) => option instanceof Setting);

const byKey = (commands: readonly Command[]): ReadonlyMap<string, Setting> =>
  new Map(commands.flatMap(settingsOf).map((setting) => [setting.key, setting]));

/** Adds what chooses the configuration to a command that has settings. */
export function addConfigurationOptions(command: Command): void {
  if (settingsOf(command).length === 0) return;
  for (const made of [
    new Option('--use <profile>', 'profile of the configuration file to use'),
    new Option('--config <file>', 'configuration file (default: the nearest flowlog.toml)'),
    new Option('--no-config', 'do not read a configuration file'),
  ]) {
    command.addOption(made.helpGroup('Configuration:'));
  }
}

/**
 * Gives a command, once its flags are read, what environment and configuration file say of the other settings, and the
 * names of networks. Run before every command; one without settings reads no file.
 *
 * @param all makes all the commands there are: a file may hold the settings of any
 * @throws UsageError when the file is wrong anywhere, or a value is none of its setting
 */
export async function settle(
  command: Command,
  all: () => Promise<readonly Command[]>,
  io: Io,
): Promise<void> {
  const settings = settingsOf(command);
  if (settings.length === 0) return;
  const { config: file } = command.opts<{ config?: string | boolean }>();
  // The file must not decide that nobody hears what it does.
  const silent = command.getOptionValueSource('quiet') === 'cli';
  const say = async (line: string) => void (silent || (await io.stderr.write(`${line}\n`)));
  const config = await loadConfig(file === true ? undefined : file, io, (path) =>
    say(`Not reading ${path}: another user owns it (--config ${path} reads it).`),
  );
  if (config) await checkSettings(config, command, all);
  const profile = profileName(command, config, io);
  const found = settings.map((setting) => effective(command, setting, config, profile, io));
  settled.set(command, { config, settings: found });
  command.setOptionValueWithSource('networks', config?.networks ?? NO_NETWORKS, 'config');
  chooseEngine(command);
  for (const { setting, texts } of found) {
    if (setting.needed && texts.length === 0) {
      command.error(`error: required option '${setting.flags}' not specified`);
    }
  }
  command.setOptionValueWithSource('effective', effectiveQuestion(command, found), 'config');
  if (asksSomething(command)) {
    for (const line of notTyped(found, io)) await say(line);
  }
}

/** Whether the command asks the logs something, rather than showing or making something. */
export const isQuestion = (command: Command): boolean =>
  command.options.some((option) => option.attributeName() === 'sql');

/** Whether it asks the logs something, or asks Athena for what was asked before. */
const asksSomething = (command: Command) => isQuestion(command) || ASKING.has(command.name());
const ASKING: ReadonlySet<string> = new Set([
  'result',
  'import',
  'create-table',
  'fields',
  'inventory',
  'dns',
  'allow',
  'audit',
]);

/** What decides which records an answer is about. */
const NARROWING: ReadonlySet<string> = new Set([
  ...['subnet', 'vpc', 'to', 'exclude', 'since', 'until', 'limit', 'where', 'hours', 'action', 'account'],
  ...['aws-region', 'protocol', 'dst-port', 'interface'],
]);

/** What decides who answers, as whom, and where the answer is kept. */
const DIVERTING: ReadonlySet<string> = new Set([
  ...['output-location', 'workgroup', 'catalog', 'role-arn', 'profile', 'endpoint', 'expected-bucket-owner'],
  ...['kms-key', 'external-id', 'mfa-serial'],
]);

/** What was not typed, and changes what an answer says or where it comes from: whoever reads the answer must know. */
function notTyped(settings: readonly EffectiveSetting[], io: Io): string[] {
  const own = userConfigPath(io.env);
  return settings
    .filter(({ setting, kind, source }) => {
      if (kind === 'cli' || kind === 'default') return false;
      if (NARROWING.has(setting.key)) return true;
      // The user's own file, and environment, send questions where the user wants them.
      return DIVERTING.has(setting.key) && kind !== 'env' && !source.endsWith(own);
    })
    .map(
      ({ setting, texts, source }) =>
        `Using --${setting.key} ${visible(texts.join(','))} from ${visible(source)}.`,
    );
}

/** Options that say how an answer looks, and nothing of what it says. */
const LOOKS: ReadonlySet<string> = new Set([
  'format',
  'output',
  'color',
  'pager',
  'quiet',
  'verbose',
  'config',
  'with-question',
  'with-notes',
  'notes',
  'evidence',
  'sign-key',
]);

function effectiveQuestion(command: Command, found: readonly EffectiveSetting[]): EffectiveQuestion {
  const typed = command.options
    .filter(
      (option) =>
        !(option instanceof Setting) && command.getOptionValueSource(option.attributeName()) === 'cli',
    )
    .map((option) => ({
      option: option.long!.slice(2),
      value: textsOf(command.getOptionValue(option.attributeName())).join(','),
      source: option.long!,
    }));
  const set = found
    .filter(({ texts }) => texts.length > 0)
    .map(({ setting, texts, source }) => ({ option: setting.key, value: texts.join(','), source }));
  const given = command.args.map((value) => ({ option: 'argument', value, source: 'command line' }));
  const options = [...given, ...typed, ...set].filter(({ option }) => !LOOKS.has(option));
  return { command: command.name(), options };
}

/** The configuration file, taken apart. @param file as `--config` has it; false for none */
export async function loadConfig(
  file: string | false | undefined,
  io: Io,
  onOther?: (path: string) => Promise<void>,
): Promise<Config | undefined> {
  const found = await findConfig({ file, env: io.env, ...(onOther && { onOther }) });
  return found && parseConfig(found);
}

const sectionName = (path: string, profile: string | undefined) =>
  profile === undefined ? path : `profile ${profile} of ${path}`;

/** Every key and value of the file is looked at, in use or not: what is wrong shows when it is written. */
async function checkSettings(
  { path, settings, profiles }: Config,
  command: Command,
  all: () => Promise<readonly Command[]>,
): Promise<void> {
  // A key means the same to each command that has it, and few files hold one that a question has not.
  const own = byKey([command]);
  let made: ReadonlyMap<string, Setting> | undefined;
  const known = async () => {
    made ??= byKey(await all());
    return made;
  };
  const check = async (section: Section, profile?: string) => {
    for (const [key, value] of section) {
      const setting = own.get(key) ?? (await known()).get(key);
      if (!setting) throw unknownKey(key, sectionName(path, profile), [...(await known()).keys()]);
      valueFromFile(setting, value, path, profile);
    }
  };
  await check(settings);
  for (const [name, section] of profiles) await check(section, name);
}

function unknownKey(key: string, where: string, known: readonly string[]): UsageError {
  const near = closestMatch(key, known, { maxDistance: 3 });
  return new UsageError(
    `'${key}' in ${where} is not a setting.`,
    `${near ? `Did you mean ${near}? ` : ''}'flowlog config --no-config' lists the settings there are.`,
  );
}

function valueFromFile(setting: Setting, value: unknown, path: string, profile: string | undefined): unknown {
  try {
    return setting.fromFile(value, dirname(path));
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    const text = `${setting.key} = ${JSON.stringify(value)}`;
    throw new UsageError(`${text} in ${sectionName(path, profile)} is not valid.`, error.message);
  }
}

function profileName(command: Command, config: Config | undefined, io: Io): string | undefined {
  const { use } = command.opts<{ use?: string }>();
  const name = use ?? (io.env.FLOWLOG_USE || undefined);
  if (name === undefined || config?.profiles.has(name)) return name;
  const from = use === undefined ? ' (FLOWLOG_USE)' : '';
  if (!config) {
    throw new UsageError(
      `There is no profile ${name}${from}: no configuration file is read.`,
      "'flowlog init' writes one; --config names one that is elsewhere.",
    );
  }
  const known = [...config.profiles.keys()];
  const near = closestMatch(name, known, { maxDistance: 3 });
  throw new UsageError(
    `There is no profile ${name}${from} in ${config.path}.`,
    known.length === 0
      ? `Add it to the file: [profiles.${name}], and its settings below.`
      : `${near ? `Did you mean ${near}? ` : ''}The profiles are ${known.join(', ')}.`,
  );
}

/** Asks each who may say a setting, in their order, and gives the command what is said. */
function effective(
  command: Command,
  setting: Setting,
  config: Config | undefined,
  profile: string | undefined,
  io: Io,
): EffectiveSetting {
  const attribute = setting.attributeName();
  const said = (value: unknown, kind: SourceKind, source: string, written: unknown): EffectiveSetting => {
    command.setOptionValueWithSource(attribute, value, kind);
    // As written, `10GB`, rather than as understood; but each of a list, and paths as they were found.
    const texts = textsOf(Array.isArray(value) || typeof value === 'boolean' ? value : written);
    return { setting, texts, kind, source };
  };
  const now = command.getOptionValue(attribute);
  if (command.getOptionValueSource(attribute) === 'cli') {
    return { setting, texts: textsOf(now), kind: 'cli', source: setting.long! };
  }
  const text = io.env[setting.variable];
  if (text) return said(fromEnvironment(setting, text), 'env', setting.variable, text);
  for (const [section, name] of [
    [profile === undefined ? undefined : config?.profiles.get(profile), profile],
    [config?.settings, undefined],
  ] as const) {
    if (!section?.has(setting.key)) continue;
    const written = section.get(setting.key);
    const value = valueFromFile(setting, written, config!.path, name);
    return said(value, name === undefined ? 'config' : 'profile', sectionName(config!.path, name), written);
  }
  return { setting, texts: textsOf(now), kind: 'default', source: 'default' };
}

function textsOf(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function fromEnvironment(setting: Setting, text: string): unknown {
  try {
    return setting.fromText(text);
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    throw new UsageError(`${setting.variable} '${text}' is not valid.`, error.message);
  }
}

/**
 * Logs or a table that are named nearer than the engine decide which engine is asked: `--table` on the command line goes
 * before `logs` and `engine` in the file.
 */
function chooseEngine(command: Command): void {
  if (!command.options.some((option) => option.attributeName() === 'engine')) return;
  const rank = (...names: string[]) =>
    Math.max(...names.map((name) => SOURCES.indexOf(command.getOptionValueSource(name) as SourceKind)));
  const ranks = ENGINE_NAMES.map((name) => ({ name, rank: rank(...ENGINES[name].namedBy) }));
  const nearest = ranks.reduce((best, each) => (each.rank > best.rank ? each : best));
  if (nearest.rank <= Math.max(rank('engine'), 0)) return;
  if (SOURCES[nearest.rank] === 'cli') refuseSeveral(command);
  command.setOptionValueWithSource('engine', nearest.name, SOURCES[nearest.rank]);
}

/** @throws UsageError where the command line names what two engines ask: an answer could be of either */
function refuseSeveral(command: Command): void {
  const typed = ENGINE_NAMES.flatMap(
    (name) => ENGINES[name].namedBy.find((option) => command.getOptionValueSource(option) === 'cli') ?? [],
  );
  if (typed.length < 2) return;
  const [first, second] = typed.map((option) => `--${option}`);
  throw new UsageError(
    `${first} and ${second} cannot be given together: they name different records.`,
    'Leave one of them out.',
  );
}

/**
 * The error, which says as well where a value that it names comes from, when that is not the command line: who did not type
 * it would look for it in vain.
 */
export function withOrigin(error: unknown, command: Command | undefined): unknown {
  const settings = (command && settled.get(command)?.settings) ?? [];
  if (!(error instanceof FlowlogError)) return error;
  const named = settings.find(
    ({ kind, texts }) =>
      kind !== 'default' && kind !== 'cli' && texts.some((text) => names(error.message, text)),
  );
  if (!named || error.message.includes(named.source)) return error;
  const { setting, source, kind } = named;
  const origin = kind === 'env' ? source : `${setting.key} in ${source}`;
  const message = error.message.replace(/\.?$/, ` (${origin}).`);
  return new FlowlogError(message, error.hint, error.exitCode, { cause: error });
}

/** Whether a message has the text as a word of its own. */
function names(message: string, text: string): boolean {
  const at = message.indexOf(text);
  const edge = (character: string | undefined) => character === undefined || !/[\w-]/.test(character);
  return text !== '' && at >= 0 && edge(message[at - 1]) && edge(message[at + text.length]);
}
