import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { lilconfig } from 'lilconfig';
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
}

/** In each folder, in this order. */
export const CONFIG_NAMES = ['flowlog.toml', '.flowlog.toml'];

/** The file of the user's own, read where no folder from here upwards has one: `~/.config/flowlog/config.toml`. */
export function userConfigPath(env: WhichConfig['env']): string {
  return join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'flowlog', 'config.toml');
}

/**
 * Finds and reads the configuration file: the one named, else the nearest from the working folder upwards (as far as the
 * home folder), else the user's own.
 *
 * @returns undefined where there is none
 * @throws UsageError when the file named is not there, or the one found cannot be read or is no TOML
 */
export async function findConfig({ file, env }: WhichConfig): Promise<ConfigFile | undefined> {
  if (file === false) return undefined;
  const named = file ?? env.FLOWLOG_CONFIG;
  if (named) return read(resolve(named));
  const searcher = lilconfig('flowlog', {
    searchPlaces: CONFIG_NAMES,
    loaders: { '.toml': parsed },
    ignoreEmptySearchPlaces: false,
    cache: false,
  });
  const found = await searcher.search().catch((error) => {
    throw unreadable(error, CONFIG_NAMES[0]!);
  });
  if (found) return { path: found.filepath, content: found.config ?? {} };
  const own = userConfigPath(env);
  return existsSync(own) ? read(own) : undefined;
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
      'Mend that line, or run with --no-config to leave the file out.',
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
