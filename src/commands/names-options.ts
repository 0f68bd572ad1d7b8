import type { Option } from 'commander';
import { DnsNames } from '../names/dns-names.js';
import { Inventory } from '../names/inventory.js';
import { inventoryFolder, readInventory } from '../names/inventory-folder.js';
import { Names } from '../names/names.js';
import type { Networks } from '../net/networks.js';
import type { Io } from '../terminal/streams.js';
import { plural } from '../terminal/units.js';
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

/** The folders that snapshots are read from; new ones are written to the first. */
export const inventoryFolders = ({ inventory = [] }: NamesOptions, io: Io): readonly string[] =>
  (inventory.length === 0 ? [undefined] : inventory).map((folder) => inventoryFolder(folder, io.env));

export interface OpenedNames {
  readonly names: Names;
  readonly dns: DnsNames | undefined;
  /** What had to be skipped, a sentence each. */
  readonly notes: readonly string[];
}

/** Reads what the options name. Contacts nobody. */
export async function openNames(options: NamesOptions, networks: Networks, io: Io): Promise<OpenedNames> {
  const notes: string[] = [];
  const stored = await Promise.all(inventoryFolders(options, io).map(readInventory));
  const dns = options.dns && options.dns.length > 0 ? new DnsNames() : undefined;
  if (dns) {
    const { readResolverLogs } = await import('../names/resolver-logs.js');
    const read = await readResolverLogs(options.dns!, (query) => dns.add(query), io.signal);
    if (read.skipped > 0) notes.push(skippedLines(read));
  }
  const asn =
    options.asn === undefined ? undefined : await (await import('../names/asn.js')).readAsnFile(options.asn);
  if (asn && asn.skipped > 0)
    notes.push(`Skipped ${plural(asn.skipped, 'line')} of ${options.asn} that are not ranges.`);
  const names = new Names({
    networks,
    inventory: new Inventory(stored.flatMap(({ snapshots }) => snapshots)),
    ranges: stored.flatMap(({ ranges }) => ranges),
    dns,
    asn,
  });
  return { names, dns, notes };
}

export const skippedLines = ({
  skipped,
  firstSkipped,
}: {
  skipped: number;
  firstSkipped: string | undefined;
}) =>
  `Skipped ${plural(skipped, 'line')} that ${skipped === 1 ? 'is' : 'are'} not Resolver query log records (first: ${firstSkipped}).`;
