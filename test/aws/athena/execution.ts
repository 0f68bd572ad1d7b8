import { type StatementKind, shownQuery } from './statements.js';

/** What a statement answers. Values are text, as Athena gives all; null is NULL. */
export interface Rows {
  readonly columns: ReadonlyArray<{ readonly Name: string; readonly Type: string }>;
  readonly rows: ReadonlyArray<readonly (string | null)[]>;
}

/** How an execution goes. */
export interface Script {
  /** Milliseconds. */
  readonly queued?: number;
  readonly running?: number;
  readonly state?: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly reason?: string;
  readonly error?: {
    readonly ErrorCategory: number;
    readonly ErrorType: number;
    readonly Retryable: boolean;
    readonly ErrorMessage?: string;
  };
  /** It failed in Hive: its reason is its result file. */
  readonly hive?: boolean;
  readonly scanned?: number;
  readonly result?: Rows;
  readonly reused?: boolean;
}

export interface StartInput {
  readonly QueryString: string;
  readonly ClientRequestToken?: string;
  readonly ExecutionParameters?: readonly string[];
  readonly QueryExecutionContext?: { readonly Catalog?: string; readonly Database?: string };
  readonly ResultConfiguration?: {
    readonly OutputLocation?: string;
    readonly EncryptionConfiguration?: { readonly EncryptionOption?: string };
  };
  readonly ResultReuseConfiguration?: unknown;
  readonly WorkGroup?: string;
}

export interface Execution {
  readonly id: string;
  readonly input: StartInput;
  readonly kind: StatementKind;
  readonly script: Script;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** `s3://…`; undefined where the workgroup keeps results itself. */
  readonly output: string | undefined;
  stopped: number | undefined;
  /** Its result's file. */
  written: Promise<void> | undefined;
}

export function stateOf({ script, started, stopped }: Execution): string {
  const { queued = 0, running = 0, state = 'SUCCEEDED' } = script;
  const end = started + queued + running;
  if (stopped !== undefined && stopped < end) return 'CANCELLED';
  const now = Date.now();
  if (now < started + queued) return 'QUEUED';
  return now < end ? 'RUNNING' : state;
}

/** What GetQueryExecution answers (members: measured, client-request-token.md). */
export function described(execution: Execution): unknown {
  const { id, input, kind, script, started, stopped, output } = execution;
  const state = stateOf(execution);
  const cancelled = stopped !== undefined && state === 'CANCELLED';
  const ended = !['QUEUED', 'RUNNING'].includes(state);
  const { Catalog, ...context } = input.QueryExecutionContext ?? {};
  return {
    QueryExecutionId: id,
    Query: shownQuery(input.QueryString),
    StatementType: kind.type,
    SubstatementType: kind.subtype,
    ResultConfiguration: {
      ...input.ResultConfiguration,
      ...(output === undefined ? {} : { OutputLocation: output }),
    },
    ...(output === undefined ? { ManagedQueryResultsConfiguration: { Enabled: true } } : {}),
    ResultReuseConfiguration: input.ResultReuseConfiguration ?? {
      ResultReuseByAgeConfiguration: { Enabled: false },
    },
    // The catalog in lower case, the database as sent, what was left out left out (measured, issue note 157).
    QueryExecutionContext: {
      ...context,
      ...(Catalog === undefined ? {} : { Catalog: Catalog.toLowerCase() }),
    },
    EngineVersion: {
      SelectedEngineVersion: 'AUTO',
      EffectiveEngineVersion: 'Athena engine version 3',
    },
    WorkGroup: input.WorkGroup ?? 'primary',
    Status: {
      State: state,
      SubmissionDateTime: started / 1000,
      ...(ended ? { CompletionDateTime: Date.now() / 1000 } : {}),
      // Measured, result-files.md.
      ...(cancelled ? { StateChangeReason: 'Query cancelled by user' } : {}),
      ...(!cancelled && ended && script.reason ? { StateChangeReason: script.reason } : {}),
      ...(!cancelled && ended && script.error
        ? { AthenaError: { ErrorMessage: script.reason, ...script.error } }
        : {}),
    },
    Statistics: {
      DataScannedInBytes: script.scanned ?? 0,
      TotalExecutionTimeInMillis: Math.min(
        Date.now() - started,
        (script.queued ?? 0) + (script.running ?? 0),
      ),
      QueryQueueTimeInMillis: Math.min(Date.now() - started, script.queued ?? 0),
      ResultReuseInformation: { ReusedPreviousResult: script.reused ?? false },
    },
  };
}
