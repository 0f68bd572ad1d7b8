import type { FieldSet } from '../flowlog/fields.js';
import { isTransitGateway } from '../flowlog/transit-gateway.js';
import type { Flaw } from '../logs/flaws.js';
import type { Inventory } from '../names/inventory.js';
import { takenAt } from '../names/snapshot.js';
import { type Cidr, inBlocks } from '../net/cidr.js';
import { grouped, humanSeconds, plural } from '../terminal/units.js';
import { isoTime, minuteTime } from '../time/zone.js';
import type { HourState, InterfaceCoverage, Reason } from './facts.js';
import type { Named } from './traffic.js';

/** How long after the end of a period files may still come (seconds): the interval of ten minutes, and the delivery. */
const LATE_DELIVERY = 70 * 60;
const HOUR = 3_600;

export interface Period {
  /** Unix seconds; `until` does not belong to it. */
  readonly since: number;
  readonly until: number;
  readonly zone: string;
}

/** What {@link hourly} and the question coverage say of the record. */
export class Recorded {
  private readonly interfaces = new Map<
    string,
    { hours: Map<number, HourState>; records: number; skipped: number; inScope: number; other: number }
  >();
  private readonly seen = new Set<number>();
  records = 0;
  /** SKIPDATA records without an interface. */
  skippedUnnamed = 0;

  constructor(private readonly period: Period) {}

  addHour(row: Named): void {
    const hour = Math.floor((Number(row.hour) - floorHour(this.period.since)) / HOUR);
    const [flows, skipped] = [Number(row.flows), Number(row.skipped)];
    this.records += flows;
    if (flows > skipped) this.seen.add(hour);
    if (row.interface_id === null) {
      this.skippedUnnamed += skipped;
      return;
    }
    const id = String(row.interface_id);
    const known = this.interfaces.get(id) ?? {
      hours: new Map(),
      records: 0,
      skipped: 0,
      inScope: 0,
      other: 0,
    };
    this.interfaces.set(id, known);
    known.hours.set(hour, skipped > 0 ? 'skipped' : 'recorded');
    known.records += flows;
    known.skipped += skipped;
    known.inScope += Number(row.in_scope);
    known.other += Number(row.other);
  }

  /** The hours of the period without a record of any interface, counted from its start. */
  missingHours(): number[] {
    const { since, until } = this.period;
    const hours = Math.ceil((until - floorHour(since)) / HOUR);
    return Array.from({ length: hours }, (_, hour) => hour).filter((hour) => !this.seen.has(hour));
  }

  /** The interfaces with audited addresses, as far as inventory or records tell. */
  inScope(subnets: readonly Cidr[], inventory: Inventory): string[] {
    return [...this.interfaces]
      .filter(([id, { inScope, other }]) => {
        const known = inventory.interface(id)?.seen.item;
        if (known) return known.addresses.some((each) => inBlocks(each, subnets));
        // A gateway or load balancer has records of the audited addresses too, but more of others. One without any address
        // could be of anybody.
        return inScope >= other;
      })
      .map(([id]) => id);
  }

  /** Each interface, with the gaps that coverage found in the record of those in scope. */
  coverage(gapRows: readonly Named[], inScope: readonly string[], inventory: Inventory): InterfaceCoverage[] {
    const gaps = new Map(gapRows.map((row) => [String(row.interface_id), row]));
    const scope = new Set(inScope);
    return [...this.interfaces]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([interfaceId, { hours, records, skipped }]) => {
        const row = gaps.get(interfaceId);
        return {
          interfaceId,
          name: inventory.interface(interfaceId)?.seen.owner?.name,
          inScope: scope.has(interfaceId),
          records,
          skipped,
          gaps: row && Number(row.gaps),
          gapSeconds: row && Number(row.gap_s),
          first: secondsOf(row?.first_seen),
          last: secondsOf(row?.last_seen),
          hours,
        };
      });
  }
}

const floorHour = (time: number) => time - (time % HOUR);
const secondsOf = (iso: Named[string] | undefined) =>
  iso === null || iso === undefined ? undefined : Math.floor(Date.parse(String(iso)) / 1000);

export interface RecordCheck {
  readonly period: Period;
  /** Unix seconds. */
  readonly now: number;
  readonly fields: FieldSet;
  readonly recorded: Recorded;
  readonly coverage: readonly InterfaceCoverage[];
  readonly subnets: readonly Cidr[];
  readonly inventory: Inventory;
  readonly flaws: readonly Flaw[];
  /** Options that leave out part of the logs, as typed: `--account 123456789012`. */
  readonly subset: readonly string[];
}

/** Without these, silence or skipped records cannot be seen. */
const NEEDED = ['interface_id', 'log_status'] as const;

/** Why the record cannot carry the claim that nothing left; empty where it can. */
export function recordReasons(check: RecordCheck): Reason[] {
  const { fields, recorded, period, subset } = check;
  const reasons: Reason[] = [];
  const add = (code: Reason['code'], what: string, settle: string) => reasons.push({ code, what, settle });
  if (isTransitGateway(fields.values())) {
    add(
      'transit-gateway',
      'These are records of a transit gateway, which sees only what is routed through it.',
      'Audit flow logs of the VPC.',
    );
  }
  if (subset.length > 0) {
    add('subset', `Only part of the logs was asked for: ${subset.join(', ')}.`, 'Leave these options out.');
  }
  const lacking = NEEDED.filter((name) => !fields.has(name)).map((name) => name.replaceAll('_', '-'));
  if (lacking.length > 0) {
    add(
      'missing-fields',
      `The logs do not record ${lacking.join(', ')}: gaps and skipped records cannot be seen.`,
      'Record the default fields at least, in a new flow log.',
    );
  }
  reasons.push(...inputReasons(check));
  if (check.now < period.until + LATE_DELIVERY) {
    add(
      'too-recent',
      `The period ends at ${isoTime(period.until, period.zone)}; files may still be delivered until ${isoTime(period.until + LATE_DELIVERY, period.zone)}.`,
      'Run the audit again after that time.',
    );
  }
  if (recorded.records === 0) {
    add('no-records', 'The logs have no record in this period.', 'Check --logs or --table, and the period.');
    return reasons;
  }
  return [...reasons, ...silenceReasons(check)];
}

function inputReasons({ flaws }: RecordCheck): Reason[] {
  if (flaws.length === 0) return [];
  const what = `Part of the input could not be used: ${flaws.map(({ summary }) => summary).join(', ')}.`;
  const first = flaws.flatMap(({ details }) => details)[0];
  return [
    {
      code: 'input',
      what,
      settle: `Repair or replace it, or name only the logs${first === undefined ? '' : ` (first: ${first})`}.`,
    },
  ];
}

function silenceReasons({ period, recorded, coverage, subnets, inventory }: RecordCheck): Reason[] {
  const reasons: Reason[] = [];
  const { since, until, zone } = period;
  const missing = recorded.missingHours();
  if (missing.length > 0) {
    const first = floorHour(since) + missing[0]! * HOUR;
    reasons.push({
      code: 'missing-hours',
      what: `${plural(missing.length, 'hour')} without a record of any interface, the first from ${minuteTime(first, zone)}.`,
      settle: 'Find the files of these hours; if there are none, the flow log did not record.',
    });
  }
  const scope = coverage.filter(({ inScope }) => inScope);
  const names = (list: readonly InterfaceCoverage[]) => {
    const shown = list.slice(0, 3).map(({ interfaceId }) => interfaceId);
    return `${shown.join(', ')}${list.length > shown.length ? ` and ${grouped(list.length - shown.length)} more` : ''}`;
  };
  const skipped = scope.filter((each) => each.skipped > 0);
  const count = skipped.reduce((sum, each) => sum + each.skipped, recorded.skippedUnnamed);
  if (count > 0) {
    reasons.push({
      code: 'skipdata',
      what: `${plural(count, 'SKIPDATA record')}: AWS could not record some flows${skipped.length > 0 ? ` of ${names(skipped)}` : ''}.`,
      settle:
        'What AWS skipped cannot be had again: look at other evidence for these times, such as DNS or proxy logs.',
    });
  }
  // From when to when an interface existed, its records do not tell: silence at the edges is a matter of its own.
  const edge = (each: InterfaceCoverage) => (each.first ?? until) - since + until - (each.last ?? until);
  const inside = scope.filter((each) => (each.gaps ?? 0) > edgeGaps(each, period));
  if (inside.length > 0) {
    const seconds = inside.reduce(
      (sum, each) =>
        sum + Math.max(0, (each.gapSeconds ?? 0) - (edgeGaps(each, period) > 0 ? edge(each) : 0)),
      0,
    );
    reasons.push({
      code: 'gaps',
      what: `${plural(inside.length, 'interface')} with gaps in between, ${humanSeconds(seconds)} in all: ${names(inside)}.`,
      settle: "Find the missing files ('flowlog coverage --by gap' lists the times).",
    });
  }
  const brief = scope.filter((each) => edgeGaps(each, period) > 0);
  if (brief.length > 0) {
    reasons.push({
      code: 'interface-lifetimes',
      what: `${plural(brief.length, 'interface')} without records at the beginning or the end of the period: ${names(brief)}.`,
      settle:
        'Show that they did not exist then (CloudTrail: CreateNetworkInterface, DeleteNetworkInterface), and accept it with --assume interface-lifetimes.',
    });
  }
  const heard = new Set(coverage.map(({ interfaceId }) => interfaceId));
  const silent = new Set(
    inventory.snapshots
      .filter((snapshot) => takenAt(snapshot) < until + 86_400 && takenAt(snapshot) >= since - 31 * 86_400)
      .flatMap(({ interfaces = [] }) => interfaces)
      .filter(({ id, addresses }) => !heard.has(id) && addresses.some((each) => inBlocks(each, subnets)))
      .map(({ id }) => id),
  );
  if (silent.size > 0) {
    reasons.push({
      code: 'silent-interfaces',
      what: `${plural(silent.size, 'interface')} of the inventory without any record: ${[...silent].sort().slice(0, 3).join(', ')}${silent.size > 3 ? ' and more' : ''}.`,
      settle:
        'Find out whether the flow log covers them: even without traffic an interface has NODATA records.',
    });
  }
  return reasons;
}

/** How many of the gaps of an interface are before its first record or after its last one. */
function edgeGaps({ first, last, gaps = 0 }: InterfaceCoverage, { since, until }: Period): number {
  // As coverage counts them: two intervals of at most ten minutes.
  const edges = [(first ?? until) - since, until - (last ?? until)].filter((seconds) => seconds >= 2 * 600);
  return Math.min(gaps, edges.length);
}
