import { getDomain } from 'tldts';
import type { DnsQuery } from './resolver-logs.js';

export const DNS_GROUPS = ['domain', 'host', 'vpc', 'name', 'type', 'rcode'] as const;
export type DnsGroup = (typeof DNS_GROUPS)[number];

/** What was asked, of one group. */
export interface DnsRow {
  readonly group: readonly string[];
  readonly queries: number;
  readonly hosts: number;
  /** Distinct names asked for. */
  readonly names: number;
  /** Characters of the longest label below the registered domain. */
  readonly longestLabel: number;
  /** Characters of all distinct names, below their registered domains: what can have been carried out. */
  readonly labelBytes: number;
  readonly txtNull: number;
  readonly nxdomain: number;
  /** Unix seconds. */
  readonly first: number;
  readonly last: number;
  /** What tunnels have in common with it. */
  readonly signs: readonly string[];
}

/** Names below this length are common in content delivery and in AWS itself. */
const LONG_LABEL = 40;
/** Of fewer queries a share says little. */
const MANY = 20;

interface Group {
  readonly group: readonly string[];
  queries: number;
  readonly hosts: Set<string>;
  readonly names: Set<string>;
  longestLabel: number;
  labelBytes: number;
  txtNull: number;
  nxdomain: number;
  first: number;
  last: number;
}

/**
 * The domain that somebody registered, by the public suffix list, its private part too: a bucket of S3 or a page of a hoster
 * is somebody's own. A name that is a public suffix itself stands for itself.
 */
export function registeredDomain(name: string): string {
  return getDomain(name, NAMES_AS_THEY_ARE) ?? name;
}

const NAMES_AS_THEY_ARE = {
  allowPrivateDomains: true,
  detectIp: false,
  extractHostname: false,
  validateHostname: false,
};

/** Sums queries by what is chosen. */
export class DnsReport {
  private readonly groups = new Map<string, Group>();

  constructor(private readonly by: readonly DnsGroup[]) {}

  add(query: DnsQuery): void {
    const { name, time, type, rcode, host = '-' } = query;
    const domain = registeredDomain(name);
    const group = this.by.map((each) => groupValue(each, query, domain));
    const key = group.join('\n');
    let sums = this.groups.get(key);
    if (!sums) {
      sums = {
        group,
        ...{ queries: 0, longestLabel: 0, labelBytes: 0, txtNull: 0, nxdomain: 0, first: time, last: time },
        ...{ hosts: new Set(), names: new Set() },
      };
      this.groups.set(key, sums);
    }
    sums.queries++;
    sums.hosts.add(host);
    if (type === 'TXT' || type === 'NULL') sums.txtNull++;
    if (rcode === 'NXDOMAIN') sums.nxdomain++;
    sums.first = Math.min(sums.first, time);
    sums.last = Math.max(sums.last, time);
    if (sums.names.has(name)) return;
    sums.names.add(name);
    const labels = name === domain ? [] : name.slice(0, -domain.length - 1).split('.');
    for (const label of labels) {
      sums.labelBytes += label.length;
      sums.longestLabel = Math.max(sums.longestLabel, label.length);
    }
  }

  /** The groups, those with most characters in their labels first. */
  rows(): DnsRow[] {
    return [...this.groups.values()]
      .map((sums) => ({ ...sums, hosts: sums.hosts.size, names: sums.names.size, signs: signsOf(sums) }))
      .sort(
        (a, b) =>
          b.labelBytes - a.labelBytes ||
          b.queries - a.queries ||
          (a.group.join('\n') < b.group.join('\n') ? -1 : 1),
      );
  }
}

function groupValue(by: DnsGroup, { name, type, rcode, host, vpc }: DnsQuery, domain: string): string {
  switch (by) {
    case 'domain':
      return domain;
    case 'host':
      return host ?? '-';
    case 'vpc':
      return vpc ?? '-';
    case 'name':
      return name;
    case 'type':
      return type;
    case 'rcode':
      return rcode;
  }
}

function signsOf({ queries, names, longestLabel, txtNull, nxdomain }: Group): string[] {
  const signs: string[] = [];
  if (longestLabel >= LONG_LABEL) signs.push('long labels');
  if (queries < MANY) return signs;
  if (names.size >= 0.9 * queries) signs.push('unique names');
  if (txtNull >= 0.5 * queries) signs.push('TXT or NULL');
  if (nxdomain >= 0.5 * queries) signs.push('NXDOMAIN');
  return signs;
}
