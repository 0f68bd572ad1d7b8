import type { RunOptions, Session } from '../engines/engine.js';
import type { FieldSet } from '../flowlog/fields.js';
import type { Flaw } from '../logs/flaws.js';
import type { Names } from '../names/names.js';
import { wayAdvice } from '../names/ways.js';
import { inBlocks } from '../net/cidr.js';
import { coverage as coverageQuestion } from '../questions/coverage.js';
import type { CoverageRequest } from '../questions/coverage-query.js';
import { queryOf } from '../questions/query-of.js';
import type { Query } from '../sql/query.js';
import type { AllowList } from './allow-file.js';
import { Asking, type AuditRun, insideOf, outwardGroups, trafficOf } from './asking.js';
import { ASSUMPTIONS, type Assumption, type AuditFacts, type Exception, type Reason } from './facts.js';
import { configReasons, type FlowLogConfig } from './flow-log-config.js';
import { type Period, Recorded, recordReasons } from './record.js';
import { hourly, type TrafficRequest } from './traffic.js';
import { Judge, verdictOf } from './verdict.js';

/** Up to this number of interfaces are asked for by name. */
const MOST_LISTED = 200;

/** What is audited, and what is known beside the logs. */
export interface AuditRequest {
  readonly list: AllowList;
  readonly period: Period;
  readonly names: Names;
  /** Undefined where nobody said how the flow logs are set up. */
  readonly configs: readonly FlowLogConfig[] | undefined;
  readonly assumed: readonly Assumption[];
  /** Options that leave out part of the logs. */
  readonly subset: readonly string[];
  /** Unix seconds. */
  readonly now: number;
}

export interface Audited {
  readonly facts: AuditFacts;
  readonly runs: readonly AuditRun[];
  readonly flaws: readonly Flaw[];
}

/** Asks the logs what left, who answered, and whether the record is complete, and judges it by the allow-list. */
export async function audit(session: Session, request: AuditRequest, options: RunOptions): Promise<Audited> {
  const { list, period, names } = request;
  const { source } = session;
  const { fields } = source;
  const asked = trafficOf(list.scope, period);
  const asking = new Asking(session, options);
  const recorded = new Recorded(period);
  for await (const row of asking.rows(
    'records of each interface and hour',
    queryOf(hourly, asked, source).query,
  )) {
    recorded.addHour(row);
  }
  const { inventory } = names;
  const { subnets } = list.scope;
  const inScope = recorded.inScope(subnets, inventory);
  const gaps =
    fields.has('interface_id') && inScope.length > 0
      ? await asking.all('gaps of each interface', coverageOf(asked, inScope, session))
      : [];
  const judge = new Judge({ list, names, zone: period.zone });
  for await (const group of outwardGroups(asking, asked, source, names)) judge.add(group);
  const { exceptions, allowed, days, destinations } = judge.finish();
  const { runs, flaws } = await asking.ended();
  const coverage = recorded.coverage(gaps, inScope, inventory);
  const reasons = [
    ...recordReasons({
      period,
      recorded,
      coverage,
      subnets,
      inventory,
      flaws,
      fields,
      now: request.now,
      subset: request.subset,
    }),
    ...contextReasons(request),
    ...directionReasons(exceptions, fields),
  ].filter(({ code }) => !request.assumed.some((each) => each === code));
  const facts: AuditFacts = {
    verdict: verdictOf(exceptions, reasons),
    period,
    scope: {
      subnets: subnets.map(({ text }) => text),
      vpc: insideOf(list.scope).map(({ text }) => text),
      vpcAssumed: list.scope.vpc === undefined,
      exclude: list.scope.exclude.map(({ text }) => text),
    },
    reasons,
    assumed: ASSUMPTIONS.filter((each) => request.assumed.includes(each)),
    exceptions,
    allowed,
    coverage,
    days,
    destinations,
    limits: limitsOf(fields),
    records: recorded.records,
  };
  return { facts, runs, flaws };
}

function coverageOf(asked: TrafficRequest, inScope: readonly string[], { source }: Session): Query {
  const request: CoverageRequest = {
    ...asked,
    // A long list would be slower than all, or too long for a statement.
    interfaces: inScope.length > MOST_LISTED ? [] : inScope,
    interval: undefined,
    until: asked.range.until,
    by: undefined,
    lateAfter: 1200,
  };
  return queryOf(coverageQuestion, request, source).query;
}

/** What is not at hand beside the logs. */
function contextReasons({ names, configs, period, list }: AuditRequest): Reason[] {
  const { inventory } = names;
  const reasons: Reason[] = [];
  if (inventory.snapshots.every(({ interfaces }) => interfaces === undefined)) {
    reasons.push({
      code: 'inventory',
      what: 'There is no inventory of network interfaces: an interface without any record would not be missed.',
      settle:
        "Add one with 'flowlog inventory update' or 'flowlog inventory import', or accept it with --assume inventory.",
    });
  }
  if (configs === undefined) {
    reasons.push({
      code: 'flow-log-config',
      what: 'How the flow logs are set up is not known: whether they record all traffic, and since when.',
      settle:
        "Give --flow-log-config the output of 'aws ec2 describe-flow-logs', or accept it with --assume flow-log-config.",
    });
    return reasons;
  }
  const resources = new Set(
    inventory.snapshots
      .flatMap(({ interfaces = [] }) => interfaces)
      .flatMap((each) => {
        const inScope = each.addresses.some((address) => inBlocks(address, list.scope.subnets));
        return inScope ? [each.id, each.subnet, each.vpc].filter((id) => id !== undefined) : [];
      }),
  );
  return [...reasons, ...configReasons(configs, { ...period, resources })];
}

function directionReasons(exceptions: readonly Exception[], fields: FieldSet): Reason[] {
  const undecided = exceptions.filter(({ kind }) => kind === 'undecided');
  if (undecided.length === 0) return [];
  const flows = undecided.reduce((sum, each) => sum + each.flows, 0);
  const [first] = undecided;
  return [
    {
      code: 'direction',
      what: `${flows} flows from service ports (the first from ${first!.srcaddr} port ${first!.port}) are replies to connections from outside, or new ones: the record does not tell.`,
      settle: fields.has('tcp_flags')
        ? 'Include the logs from before the period, in which these connections were opened, or allow them.'
        : 'Record tcp-flags (version 3) in the flow log, or allow these flows.',
    },
  ];
}

/** What the fields of these logs do not tell. */
function limitsOf(fields: FieldSet): string[] {
  const limits: string[] = [];
  if (!fields.has('action'))
    limits.push('The logs do not record action: what was refused counts as if it had left.');
  if (!fields.has('tcp_flags')) {
    limits.push(
      'The logs do not record tcp-flags: whether a connection was answered is told by records of the way back and by sizes.',
    );
  }
  const advice = wayAdvice((column) => fields.has(column));
  if (advice !== undefined) limits.push(advice);
  return limits;
}
