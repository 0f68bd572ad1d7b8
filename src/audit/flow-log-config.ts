import { FlowlogError } from '../errors.js';
import { readJson } from '../names/read-described.js';
import { isoTime } from '../time/zone.js';
import type { Reason } from './facts.js';

/** What DescribeFlowLogs says of a flow log, as far as an audit looks at it. */
export interface FlowLogConfig {
  readonly id: string;
  /** Unix seconds; undefined where the answer does not say. */
  readonly created: number | undefined;
  /** VPC, subnet or interface whose traffic is recorded. */
  readonly resource: string | undefined;
  readonly trafficType: string | undefined;
  readonly active: boolean;
  /** Why it does not deliver. */
  readonly trouble: string | undefined;
}

interface Described {
  readonly FlowLogId?: string;
  readonly CreationTime?: string | Date;
  readonly ResourceId?: string;
  readonly TrafficType?: string;
  readonly FlowLogStatus?: string;
  readonly DeliverLogsStatus?: string;
  readonly DeliverLogsErrorMessage?: string;
}

/** The flow logs of an answer of DescribeFlowLogs (Amazon EC2 API Reference, FlowLog). */
const flowLogConfigs = (flowLogs: readonly Described[]): FlowLogConfig[] =>
  flowLogs.map((each) => {
    const created =
      each.CreationTime === undefined ? Number.NaN : new Date(each.CreationTime).getTime() / 1000;
    const failed = each.DeliverLogsStatus === 'FAILED' ? 'delivery failed' : undefined;
    return {
      id: each.FlowLogId ?? '',
      created: Number.isNaN(created) ? undefined : created,
      resource: each.ResourceId,
      trafficType: each.TrafficType,
      active: each.FlowLogStatus === undefined || each.FlowLogStatus === 'ACTIVE',
      trouble: each.DeliverLogsErrorMessage || failed,
    };
  });

/**
 * Reads saved output of `aws ec2 describe-flow-logs`.
 *
 * @throws FlowlogError for a file that is none
 */
export async function readFlowLogConfigs(path: string): Promise<FlowLogConfig[]> {
  const json = (await readJson(path)) as { FlowLogs?: unknown } | null;
  const list = Array.isArray(json) ? json : json?.FlowLogs;
  const isFlowLog = (each: unknown) =>
    typeof each === 'object' && each !== null && typeof (each as Described).FlowLogId === 'string';
  if (!Array.isArray(list) || !list.every(isFlowLog)) {
    throw new FlowlogError(
      `${path} is not the output of 'aws ec2 describe-flow-logs'.`,
      'Save it: aws ec2 describe-flow-logs --output json > flow-logs.json',
    );
  }
  return flowLogConfigs(list as Described[]);
}

/** Which resources the audited addresses belong to: `vpc-…`, `subnet-…`, `eni-…`; empty where that is not known. */
export type Resources = ReadonlySet<string>;

/** What speaks against a complete record in how the flow logs are set up. */
export function configReasons(
  configs: readonly FlowLogConfig[],
  {
    since,
    zone,
    resources,
  }: { readonly since: number; readonly zone: string; readonly resources: Resources },
): Reason[] {
  const concerned = configs.filter(
    ({ resource }) => resource === undefined || resources.size === 0 || resources.has(resource),
  );
  const settleBy = 'Audit a period that a flow log of all traffic covers as a whole.';
  if (concerned.length === 0) {
    return [
      {
        code: 'flow-log-config',
        what: `None of the ${configs.length} flow logs records the audited addresses (${[...resources].join(', ') || 'no resource is known'}).`,
        settle:
          'Create a flow log of all traffic for their VPC, or give the description of the one that exists.',
      },
    ];
  }
  const all = concerned.filter(({ trafficType }) => trafficType === undefined || trafficType === 'ALL');
  if (all.length === 0) {
    const types = concerned
      .map(({ id, trafficType }) => `${id} records only ${trafficType} traffic`)
      .join(', ');
    return [{ code: 'traffic-type', what: `No flow log records all traffic: ${types}.`, settle: settleBy }];
  }
  const early = all.filter(({ created }) => created === undefined || created <= since);
  if (early.length === 0) {
    const first = all.reduce((a, b) => (a.created! <= b.created! ? a : b));
    return [
      {
        code: 'flow-log-created',
        what: `Flow log ${first.id} was created on ${isoTime(first.created!, zone)}, after the period began.`,
        settle:
          'Audit a period that begins later, or add the logs of the flow log before it and its description.',
      },
    ];
  }
  const working = early.filter(({ trouble, active }) => trouble === undefined && active);
  if (working.length > 0) return [];
  const { id, trouble = 'not active' } = early[0]!;
  return [
    {
      code: 'delivery',
      what: `Flow log ${id} has trouble delivering: ${trouble.replace(/\.$/, '')}.`,
      settle: 'Repair the delivery; what was lost meanwhile cannot be had again.',
    },
  ];
}
