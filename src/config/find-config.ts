import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { UsageError } from '../errors.js';

/** A TOML file as it is: nothing in it has been looked at. */
export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Which file to read, where it is not the one that is found. */
export interface WhichConfig {
  /** A path, or false for none. */
  readonly file: string | false | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told of each file that is found and not read, because it is another user's. */
  readonly onOther?: (path: string) => Promise<void> | void;
}

/** In each folder, in this order. */
export const CONFIG_NAMES = ['flowlog.toml', '.flowlog.toml'];

/** The file of the user's own, read where no folder from here upwards has one: `~/.config/flowlog/config.toml`. */
export function userConfigPath(env: WhichConfig['env']): string {
  return join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'flowlog', 'config.toml');
}

/**
 * Finds and reads the configuration file: the one named, else the nearest from the working folder upwards (as far as the
 * home folder), else the user's own. What another user owns is read only when it is named: whoever may write to a folder above
 * would choose what this user asks, and of whom.
 *
 * @returns undefined where there is none
 * @throws UsageError when the file named does not exist, or the one found cannot be read or is no TOML
 */
export async function findConfig({
  file,
  env,
  onOther = () => {},
}: WhichConfig): Promise<ConfigFile | undefined> {
  if (file === false) return undefined;
  const named = file ?? env.FLOWLOG_CONFIG;
  if (named) return read(resolve(named));
  for (const path of candidates(env)) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found || found.isDirectory()) continue;
    if (isOwned(found.uid, env)) return read(path);
    await onOther(path);
  }
  return undefined;
}

/** Where a file may be, the nearest first. */
function* candidates(env: WhichConfig['env']): Generator<string> {
  const home = homedir();
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    for (const name of CONFIG_NAMES) yield join(folder, name);
    if (folder === home || folder === dirname(folder)) break;
  }
  yield userConfigPath(env);
}

/** Whether a file is this user's: under sudo, also that of whoever called it. Windows does not say. */
function isOwned(owner: number, env: WhichConfig['env']): boolean {
  const user = process.getuid?.();
  return user === undefined || owner === user || (user === 0 && String(owner) === env.SUDO_UID);
}

async function read(path: string): Promise<ConfigFile> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw unreadable(error, path);
  });
  return { path, content: parsed(path, text) };
}

function parsed(path: string, text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [problem = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw new UsageError(
      `${path} is not valid TOML: line ${error.line}, column ${error.column}: ${problem}.`,
      'Fix that line, or run with --no-config to leave the file out.',
    );
  }
}

function unreadable(error: NodeJS.ErrnoException, reading: string): Error {
  const { code, path = reading } = error;
  if (code === undefined) return error;
  if (code === 'ENOENT') {
    return new UsageError(
      `There is no configuration file ${path}.`,
      "Name one that is there with --config or FLOWLOG_CONFIG; 'flowlog init' writes one.",
    );
  }
  return new UsageError(
    `The configuration file ${path} cannot be read (${code}).`,
    'Make it a file that you may read, or run with --no-config to leave it out.',
  );
}
