import type { Option } from 'commander';
import { inventoryFolder } from '../names/inventory-folder.js';
import type { Io } from '../terminal/streams.js';
import { paths, Setting } from './settings.js';

/** What names addresses, as typed. */
export interface NamesOptions {
  readonly inventory?: string[];
  readonly dns?: string[];
  readonly asn?: string;
}

const setting = (flags: string, description: string) => new Setting(flags, description);

export const inventoryOption = (): Option =>
  setting('--inventory <dir>', 'folder of inventory snapshots (repeatable)').argParser(paths);
export const dnsOption = (): Option =>
  setting('--dns <path>', 'Resolver query logs: file or folder (repeatable)').argParser(paths);
export const asnOption = (): Option =>
  setting('--asn <file>', 'autonomous systems: iptoasn TSV, CSV or .mmdb');

/** What names addresses, for a group of options. */
export const namesOptions = (): Option[] => [inventoryOption(), dnsOption(), asnOption()];

/** The folders that snapshots are read from; new ones are written to the first. */
export const inventoryFolders = ({ inventory = [] }: NamesOptions, io: Io): readonly string[] =>
  (inventory.length === 0 ? [undefined] : inventory).map((folder) => inventoryFolder(folder, io.env));
