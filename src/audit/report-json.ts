import { protocolName } from '../flowlog/protocols.js';
import { isoTime, utcTime } from '../time/zone.js';
import { entryText, portText } from './allow-file.js';
import type { AuditFacts } from './facts.js';
import { targetText } from './target.js';

/** Both instants, in the zone and in UTC. */
export const periodJson = ({ since, until, zone }: AuditFacts['period']) => ({
  since: isoTime(since, zone),
  until: isoTime(until, zone),
  since_utc: utcTime(since),
  until_utc: utcTime(until),
  zone,
});

/** The facts as `report.json` has them: `docs/audit.md` describes it. Times are ISO 8601 in the zone of the period. */
export function reportJson(facts: AuditFacts): Record<string, unknown> {
  const {
    verdict,
    period,
    scope,
    reasons,
    assumed,
    exceptions,
    allowed,
    coverage,
    days,
    destinations,
    limits,
    records,
  } = facts;
  const { zone } = period;
  const time = (seconds: number | undefined) => (seconds === undefined ? null : isoTime(seconds, zone));
  return {
    flowlog: 'audit',
    version: 1,
    verdict,
    period: periodJson(period),
    scope: { subnets: scope.subnets, vpc: scope.vpc, vpc_assumed: scope.vpcAssumed, exclude: scope.exclude },
    records,
    reasons,
    assumed,
    limits,
    exceptions: exceptions.map((each) => ({
      kind: each.kind,
      srcaddr: each.srcaddr,
      src_name: each.srcName ?? null,
      dstaddr: each.dstaddr,
      dst_name: each.dstName ?? null,
      dst_kind: each.dstKind ?? null,
      protocol: each.protocol,
      port: each.port,
      action: each.action,
      way: each.way,
      leaves: each.leaves,
      flows: each.flows,
      packets: each.packets,
      bytes: each.bytes,
      first_seen: time(each.first),
      last_seen: time(each.last),
      nearly: each.nearly ?? null,
    })),
    allowed: allowed.map(({ entry, ...use }) => ({
      line: entry.line,
      entry: entryText(entry),
      from: entry.from.map(targetText),
      to: entry.to.map(targetText),
      ports: entry.ports.map(portText),
      protocol: entry.protocols.map(protocolName),
      way: entry.ways,
      reason: entry.reason ?? null,
      owner: entry.owner ?? null,
      approved: entry.approved ?? null,
      expires: entry.expires ?? null,
      max_bytes_per_day: entry.maxBytesPerDay ?? null,
      pending: use.pending,
      flows: use.flows,
      packets: use.packets,
      bytes: use.bytes,
      attempts: use.attempts,
      sources: use.sources,
      destinations: use.destinations,
      first_seen: time(use.first),
      last_seen: time(use.last),
    })),
    coverage: coverage.map((each) => ({
      interface_id: each.interfaceId,
      name: each.name ?? null,
      in_scope: each.inScope,
      records: each.records,
      skipdata: each.skipped,
      gaps: each.gaps ?? null,
      gap_seconds: each.gapSeconds ?? null,
      first_seen: time(each.first),
      last_seen: time(each.last),
      hours: each.hours.size,
    })),
    days: days.map(({ day, allowedBytes, leakedBytes, attempts }) => ({
      day,
      allowed_bytes: allowedBytes,
      leaked_bytes: leakedBytes,
      attempts,
    })),
    destinations: destinations.map(({ address, name, allowedBytes, leakedBytes }) => ({
      address,
      name: name ?? null,
      allowed_bytes: allowedBytes,
      leaked_bytes: leakedBytes,
    })),
  };
}
