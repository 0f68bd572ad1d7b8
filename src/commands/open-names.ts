import { DnsNames } from '../names/dns-names.js';
import { Inventory } from '../names/inventory.js';
import { readInventory } from '../names/inventory-folder.js';
import { Names } from '../names/names.js';
import type { Networks } from '../net/networks.js';
import type { Io } from '../terminal/streams.js';
import { plural } from '../terminal/units.js';
import { inventoryFolders, type NamesOptions } from './names-options.js';

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
