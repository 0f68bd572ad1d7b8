import type { Leaves } from '../names/ways.js';
import type { AllowEntry } from './allow-file.js';

/**
 * `closed`: nothing left that the allow-list does not allow, and the record is complete. `not closed`: something did.
 * `cannot be said`: nothing was found, but the record could not have shown everything.
 */
export type Verdict = 'closed' | 'not closed' | 'cannot be said';

/**
 * - `leak`: data left, as far as the record tells
 * - `attempt`: it was refused, or nobody answered the request to open a connection
 * - `reply`: an answer in a connection that was opened from outside
 * - `undecided`: an answer or a connection of its own, the record does not tell
 */
export type ExceptionKind = 'leak' | 'attempt' | 'reply' | 'undecided';

/** Flows that no entry allows, of one source, destination, service and way. Times are Unix seconds. */
export interface Exception {
  readonly kind: ExceptionKind;
  readonly srcaddr: string;
  readonly srcName: string | undefined;
  readonly dstaddr: string;
  readonly dstName: string | undefined;
  readonly dstKind: string | undefined;
  /** IANA number; null where it is not recorded. */
  readonly protocol: number | null;
  /** Of the side that was opened to. */
  readonly port: number | null;
  readonly action: string | null;
  readonly way: string;
  readonly leaves: Leaves;
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  /** Why no entry allows it, where one nearly does. */
  readonly nearly: string | undefined;
}

/** An entry of the allow-list, and what it allowed. */
export interface AllowedUse {
  readonly entry: AllowEntry;
  /** Without approval it allows nothing. */
  readonly pending: boolean;
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
  /** Of these flows, those that were refused or not answered. */
  readonly attempts: number;
  readonly sources: number;
  readonly destinations: number;
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/** Why the record cannot carry the claim that nothing left. */
export interface Reason {
  /** `gaps`, `flow-log-config` … */
  readonly code: ReasonCode;
  /** What is missing, with figures: one sentence. */
  readonly what: string;
  /** What would settle it: one sentence. */
  readonly settle: string;
}

export type ReasonCode =
  | 'no-records'
  | 'missing-fields'
  | 'transit-gateway'
  | 'subset'
  | 'too-recent'
  | 'input'
  | 'missing-hours'
  | 'skipdata'
  | 'gaps'
  | 'interface-lifetimes'
  | 'silent-interfaces'
  | 'inventory'
  | 'flow-log-config'
  | 'flow-log-created'
  | 'traffic-type'
  | 'delivery'
  | 'direction';

/** What may be taken for granted on the command line, by name. */
export const ASSUMPTIONS = ['flow-log-config', 'inventory', 'interface-lifetimes'] as const;
export type Assumption = (typeof ASSUMPTIONS)[number];

/** What of an interface was recorded. Times are Unix seconds. */
export interface InterfaceCoverage {
  readonly interfaceId: string;
  readonly name: string | undefined;
  /** Whether it has audited addresses, as far as records or inventory tell. */
  readonly inScope: boolean;
  readonly records: number;
  readonly skipped: number;
  /** Of those out of scope, nothing is known of gaps, nor of the first and last record. */
  readonly gaps: number | undefined;
  readonly gapSeconds: number | undefined;
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** The hours of the range that have a record, as the number of hours since its start. */
  readonly hours: ReadonlyMap<number, HourState>;
}

/** `skipped` holds records that AWS skipped. */
export type HourState = 'recorded' | 'skipped';

/** A day of the audit's zone. */
export interface DayTotals {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly allowedBytes: number;
  readonly leakedBytes: number;
  readonly attempts: number;
}

/** What went to one destination. */
export interface DestinationTotals {
  readonly address: string;
  readonly name: string | undefined;
  readonly allowedBytes: number;
  readonly leakedBytes: number;
}

/** Everything an audit found. */
export interface AuditFacts {
  readonly verdict: Verdict;
  readonly period: { readonly since: number; readonly until: number; readonly zone: string };
  readonly scope: {
    readonly subnets: readonly string[];
    readonly vpc: readonly string[];
    readonly vpcAssumed: boolean;
    readonly exclude: readonly string[];
  };
  readonly reasons: readonly Reason[];
  readonly assumed: readonly Assumption[];
  readonly exceptions: readonly Exception[];
  readonly allowed: readonly AllowedUse[];
  readonly coverage: readonly InterfaceCoverage[];
  readonly days: readonly DayTotals[];
  /** Those that got the most, the most first. */
  readonly destinations: readonly DestinationTotals[];
  /** What the fields of these logs do not allow to tell apart, a sentence each. */
  readonly limits: readonly string[];
  /** Records and flows that were read, all interfaces together. */
  readonly records: number;
}
