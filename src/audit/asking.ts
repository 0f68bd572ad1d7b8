import type { Execution, Run, RunOptions, Session } from '../engines/engine.js';
import type { Flaw } from '../logs/flaws.js';
import type { Names } from '../names/names.js';
import type { Cidr } from '../net/cidr.js';
import { assumedVpc } from '../questions/filters.js';
import { queryOf } from '../questions/query-of.js';
import type { Query, Source } from '../sql/query.js';
import { parameterComments } from '../sql/sql.js';
import type { TimeRange } from '../time/range.js';
import type { AllowScope } from './allow-file.js';
import { Answers, type FlowGroup, groupOf } from './flow-group.js';
import { inward, type Named, namedRows, outward, type TrafficRequest } from './traffic.js';

/** A statement that was run, and what its run says for itself. */
export interface AuditRun {
  readonly purpose: string;
  readonly statement: string;
  readonly read: string;
  readonly notes: readonly string[];
  readonly execution: Execution | undefined;
}

/** The queries of one audit, and what their runs say. */
export class Asking {
  private readonly runs: Array<{ readonly purpose: string; readonly statement: string; readonly run: Run }> =
    [];

  constructor(
    private readonly session: Session,
    private readonly options: RunOptions,
  ) {}

  async *rows(purpose: string, query: Query): AsyncGenerator<Named> {
    const run = await this.session.run(query, this.options);
    this.runs.push({ purpose, statement: statementText(query), run });
    yield* namedRows(run.result.columns, run.result.rows());
  }

  async all(purpose: string, query: Query): Promise<Named[]> {
    const rows: Named[] = [];
    for await (const row of this.rows(purpose, query)) rows.push(row);
    return rows;
  }

  /**
   * What the runs say, once all rows are read, and how many SKIPDATA records they met. Each reads the same input: what is wrong
   * with it is told once.
   */
  async ended(): Promise<{ runs: AuditRun[]; flaws: readonly Flaw[]; skipped: number }> {
    const runs: AuditRun[] = [];
    let skipped = 0;
    const flaws = new Map<string, Flaw>();
    for (const { purpose, statement, run } of this.runs) {
      const { asides } = await run.result.totals();
      skipped = Math.max(skipped, asides.get('skipdata') ?? 0);
      const summary = await run.summary();
      const { read, notes, execution } = summary;
      runs.push({ purpose, statement, read, notes, execution });
      for (const flaw of summary.flaws) flaws.set(flaw.summary, flaw);
    }
    return { runs, flaws: [...flaws.values()], skipped };
  }
}

/** The blocks inside: those that are given, else the largest VPCs that the subnets can be of. */
export function insideOf(scope: AllowScope): readonly Cidr[] {
  return scope.vpc ?? assumedVpc(scope.subnets);
}

/** The traffic of a scope over the edge of its VPC. */
export function trafficOf(
  scope: AllowScope,
  { zone, since, until }: TimeRange & { readonly zone: string },
): TrafficRequest {
  const { subnets, exclude } = scope;
  return {
    range: { since, until },
    zone,
    action: undefined,
    protocols: [],
    dstPorts: [],
    keepRepeats: false,
    limit: undefined,
    ...{ subnets, vpc: insideOf(scope), exclude },
  };
}

/** Asks what left, and reads it with what came back. */
export async function* outwardGroups(
  asking: Asking,
  request: TrafficRequest,
  source: Source,
  names: Names,
): AsyncGenerator<FlowGroup> {
  const answers = new Answers();
  for await (const row of asking.rows('what was answered', queryOf(inward, request, source).query))
    answers.add(row);
  const context = { names, answers, flags: source.fields.has('tcp_flags') };
  for await (const row of asking.rows('what left', queryOf(outward, request, source).query))
    yield groupOf(row, context);
}

/** The statement, with its parameters as comments. */
function statementText({ sql: { sql: text, values } }: Query): string {
  return `${text};\n${parameterComments(values, (value) => JSON.stringify(String(value)))}`;
}
