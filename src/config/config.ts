import { UsageError } from '../errors.js';
import { type Cidr, parseCidr } from '../net/cidr.js';
import { isNetworkName, Networks } from '../net/networks.js';
import type { ConfigFile } from './find-config.js';

/** Settings by key, as the file has them. */
export type Section = ReadonlyMap<string, unknown>;

/** A configuration file, taken apart. The settings in it are not checked: only commands know them. */
export interface Config {
  /** Absolute. */
  readonly path: string;
  readonly settings: Section;
  /** Settings that go before the others, by the name they are chosen with. */
  readonly profiles: ReadonlyMap<string, Section>;
  readonly networks: Networks;
}

/** @throws UsageError that names file and key, where a part has not the shape it must have */
export function parseConfig({ path, content }: ConfigFile): Config {
  const { profiles = {}, networks = {}, ...settings } = content;
  return {
    path,
    settings: new Map(Object.entries(settings)),
    profiles: new Map(
      Object.entries(table(profiles, 'profiles', path)).map(([name, profile]) => [
        name,
        new Map(Object.entries(table(profile, `profiles.${name}`, path))),
      ]),
    ),
    networks: parseNetworks(table(networks, 'networks', path), path),
  };
}

function table(value: unknown, key: string, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)) {
    return value as Record<string, unknown>;
  }
  const example = key === 'networks' ? 'sagemaker = "10.10.24.0/24"' : 'tz = "UTC"';
  throw new UsageError(
    `${key} = ${JSON.stringify(value)} in ${path} is not a table.`,
    `Write [${key === 'profiles' ? 'profiles.NAME' : key}] and under it lines such as ${example}.`,
  );
}

function parseNetworks(entries: Record<string, unknown>, path: string): Networks {
  return new Networks(
    new Map(Object.entries(entries).map(([name, value]) => [name, blocksOf(name, value, path)])),
  );
}

function blocksOf(name: string, value: unknown, path: string): Cidr[] {
  if (!isNetworkName(name)) {
    throw new UsageError(
      `networks: '${name}' in ${path} cannot be the name of a network.`,
      'A name is no address, does not begin with - or a space, and has no comma, slash or colon.',
    );
  }
  const texts = Array.isArray(value) ? value : [value];
  if (texts.length === 0 || !texts.every((text) => typeof text === 'string')) {
    throw new UsageError(
      `networks.${name} = ${JSON.stringify(value)} in ${path} is not a block.`,
      `Write ${name} = "10.10.24.0/24", or several blocks as ${name} = ["10.10.24.0/24", "10.10.25.0/24"].`,
    );
  }
  return texts.map((text) => {
    try {
      return parseCidr(text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(error.message.replace(/\.$/, ` (networks.${name} in ${path}).`), error.hint);
    }
  });
}
