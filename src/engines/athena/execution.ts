import type { AthenaClient, QueryExecution, StartQueryExecutionCommandInput } from '@aws-sdk/client-athena';
import { explain, explained, isAccessDenied, sentence } from '../../aws/errors.js';
import { FlowlogError, Interrupted } from '../../errors.js';
import type { QueryProgress } from '../../terminal/progress.js';
import { humanSeconds } from '../../terminal/units.js';
import type { AthenaSettings } from './settings.js';

export interface Statement {
  readonly text: string;
  /** As {@link literal} writes them. */
  readonly parameters?: readonly string[];
  /** The database it is asked in; none for the statement that makes the database. */
  readonly database?: string | undefined;
}

export interface Watching {
  readonly onProgress: (progress: QueryProgress) => void;
  readonly onNote: (note: string) => void;
}

/**
 * Runs one statement to its end: starts it, looks at it in growing intervals, and stops it at Athena when the user or the
 * time limit says so. One that failed for a reason that Athena calls passing is tried once more.
 *
 * @returns the execution, SUCCEEDED
 */
export async function execute(
  settings: AthenaSettings,
  statement: Statement,
  watching: Watching,
): Promise<QueryExecution> {
  for (let attempt = 1; ; attempt++) {
    const id = await start(settings, statement);
    const execution = await watch(settings, id, watching);
    const status = execution.Status;
    if (status?.State === 'SUCCEEDED') return execution;
    if (attempt === 1 && status?.State === 'FAILED' && status.AthenaError?.Retryable === true) {
      watching.onNote(
        `Athena could not finish query ${id} (${sentence(reasonOf(execution))}) It says to try again.`,
      );
      continue;
    }
    throw unsuccessful(execution, settings);
  }
}

async function start(settings: AthenaSettings, statement: Statement): Promise<string> {
  const { aws, workgroup, catalog, reuse, signal } = settings;
  const client = await aws.athena();
  const { StartQueryExecutionCommand } = await import('@aws-sdk/client-athena');
  const { parameters = [], database, text } = statement;
  const results = await resultConfiguration(client, settings);
  const input: StartQueryExecutionCommandInput = {
    QueryString: text,
    WorkGroup: workgroup,
    QueryExecutionContext: { Catalog: catalog, ...(database === undefined ? {} : { Database: database }) },
    ...(parameters.length > 0 ? { ExecutionParameters: [...parameters] } : {}),
    ...(results.configuration ? { ResultConfiguration: results.configuration } : {}),
    ...(reuse !== undefined && !results.managed
      ? {
          ResultReuseConfiguration: {
            ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: reuse },
          },
        }
      : {}),
  };
  if (signal.aborted) throw new Interrupted();
  // Not aborted by Ctrl-C once it is sent: a query whose id is not known could not be stopped.
  const { QueryExecutionId } = await client
    .send(new StartQueryExecutionCommand(input))
    .catch((error: Error) => {
      throw refused(error, settings);
    });
  return QueryExecutionId!;
}

type ResultConfiguration = NonNullable<StartQueryExecutionCommandInput['ResultConfiguration']>;

/**
 * Where the result goes. A workgroup that keeps results itself, or enforces its own place, is told nothing; where its settings
 * may not be read, what the user gave is sent.
 */
async function resultConfiguration(
  client: AthenaClient,
  settings: AthenaSettings,
): Promise<{ managed: boolean; configuration: ResultConfiguration | undefined }> {
  const { workgroup, outputLocation, expectedBucketOwner, encryption, kmsKey, signal } = settings;
  const { GetWorkGroupCommand } = await import('@aws-sdk/client-athena');
  const configuration = await client
    .send(new GetWorkGroupCommand({ WorkGroup: workgroup }), { abortSignal: signal })
    .then(
      ({ WorkGroup }) => WorkGroup?.Configuration,
      (error: Error) => {
        if (signal.aborted) throw new Interrupted();
        const name = error.name;
        if (name === 'AccessDeniedException' || name === 'InvalidRequestException') return undefined;
        throw explain(error, doing('athena:GetWorkGroup', settings));
      },
    );
  const managed = configuration?.ManagedQueryResultsConfiguration?.Enabled === true;
  if (managed || configuration?.EnforceWorkGroupConfiguration) return { managed, configuration: undefined };
  const own: ResultConfiguration = {
    ...(outputLocation === undefined ? {} : { OutputLocation: outputLocation }),
    ...(expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: expectedBucketOwner }),
    ...(encryption === undefined
      ? {}
      : {
          EncryptionConfiguration: {
            EncryptionOption: encryption,
            ...(kmsKey === undefined ? {} : { KmsKey: kmsKey }),
          },
        }),
  };
  return { managed: false, configuration: Object.keys(own).length > 0 ? own : undefined };
}

const doing = (action: string, { workgroup, aws }: AthenaSettings) => ({
  action,
  resource: `workgroup ${workgroup}`,
  profile: aws.options.profile,
});

/** A statement that Athena did not take. */
function refused(error: Error, settings: AthenaSettings, action = 'athena:StartQueryExecution'): unknown {
  const message = error.message ?? '';
  const made = (what: string, hint: string) => new FlowlogError(what, hint, 1, { cause: error });
  if (/output location/i.test(message)) {
    return made(
      `Workgroup ${settings.workgroup} has no place for results.`,
      'Name one with --output-location s3://bucket/prefix/, or set it in the workgroup.',
    );
  }
  if (/WorkGroup .*not found|WorkGroup is not found/i.test(message)) {
    return made(
      `There is no workgroup ${settings.workgroup}.`,
      "Name another with --workgroup; 'aws athena list-work-groups' lists them. Check the region too.",
    );
  }
  if (/disabled/i.test(message) && /workgroup/i.test(message)) {
    return made(`Workgroup ${settings.workgroup} is disabled.`, 'Name another with --workgroup.');
  }
  return explain(error, doing(action, settings));
}

/**
 * How long to wait before the next look, in seconds: a part of the time gone, so that the waiting adds little to a query of
 * any length, with a jitter that keeps many callers from looking all at once.
 */
export function interval(elapsed: number, random: () => number = Math.random): number {
  return Math.min(Math.max(0.08 * elapsed, 0.2), 4) * (0.85 + 0.3 * random());
}

/** Looks at an execution until it has ended. */
async function watch(
  settings: AthenaSettings,
  id: string,
  { onProgress, onNote }: Watching,
): Promise<QueryExecution> {
  const { signal, timeout } = settings;
  const started = performance.now();
  for (;;) {
    const elapsed = (performance.now() - started) / 1000;
    const left = timeout === undefined ? Number.POSITIVE_INFINITY : timeout - elapsed;
    await pause(Math.min(interval(elapsed), Math.max(left, 0)), signal);
    if (signal.aborted) {
      onNote(await stop(settings, id));
      throw new Interrupted();
    }
    const execution = await describe(settings, id).catch(async (error) => {
      if (!(error instanceof Interrupted)) throw error;
      onNote(await stop(settings, id));
      throw error;
    });
    const { Status, Statistics } = execution;
    if (ENDED.has(Status?.State ?? '')) return execution;
    onProgress({
      state: Status?.State ?? 'QUEUED',
      scanned: Statistics?.DataScannedInBytes,
      queued:
        Statistics?.QueryQueueTimeInMillis === undefined
          ? undefined
          : Statistics.QueryQueueTimeInMillis / 1000,
    });
    if (timeout !== undefined && (performance.now() - started) / 1000 >= timeout) {
      const stopped = await stop(settings, id);
      throw new FlowlogError(
        `Athena did not finish within --timeout ${humanSeconds(timeout)}. ${stopped}`,
        'Allow more time, or ask for a shorter range of time.',
      );
    }
  }
}

const ENDED = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);

/** Waits, or until interrupted. */
function pause(seconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    signal.addEventListener('abort', end);
  });
}

/** Where an execution stands. */
export async function describe(settings: AthenaSettings, id: string): Promise<QueryExecution> {
  const { aws, signal } = settings;
  const client = await aws.athena();
  const { GetQueryExecutionCommand } = await import('@aws-sdk/client-athena');
  return explained(
    doing('athena:GetQueryExecution', settings),
    async () => {
      const { QueryExecution } = await client
        .send(new GetQueryExecutionCommand({ QueryExecutionId: id }), { abortSignal: signal })
        .catch((error: Error) => {
          throw unknownExecution(error, id) ?? error;
        });
      return QueryExecution!;
    },
    signal,
  );
}

function unknownExecution(error: Error, id: string): FlowlogError | undefined {
  if (error.name !== 'InvalidRequestException' || !/not found|not exist|was not/i.test(error.message))
    return undefined;
  return new FlowlogError(
    `Athena knows no query execution ${id}.`,
    "'flowlog history' lists recent ones; they are kept for 45 days, each in its own region.",
    1,
    { cause: error },
  );
}

/** Stops an execution and says how that went. Never fails: it is what is done when something else has. */
async function stop(settings: AthenaSettings, id: string): Promise<string> {
  try {
    await cancel(settings, id);
    return `Query ${id} was stopped at Athena; what it had read so far is billed.`;
  } catch (error) {
    return `Query ${id} could not be stopped (${(error as Error).message}) Stop it with: flowlog cancel ${id}`;
  }
}

/** Asks Athena to stop an execution. */
export async function cancel(settings: AthenaSettings, id: string): Promise<void> {
  const client = await settings.aws.athena();
  const { StopQueryExecutionCommand } = await import('@aws-sdk/client-athena');
  await explained(doing('athena:StopQueryExecution', settings), () =>
    client.send(new StopQueryExecutionCommand({ QueryExecutionId: id })).catch((error: Error) => {
      throw unknownExecution(error, id) ?? error;
    }),
  );
}

const reasonOf = ({ Status }: QueryExecution) =>
  Status?.StateChangeReason ?? Status?.AthenaError?.ErrorMessage ?? 'no reason given';

/** The error for an execution that has ended without success. */
export function unsuccessful(execution: QueryExecution, settings: AthenaSettings): FlowlogError {
  const { workgroup } = settings;
  const id = execution.QueryExecutionId!;
  const reason = sentence(reasonOf(execution));
  const error = execution.Status?.AthenaError;
  if (execution.Status?.State === 'CANCELLED') {
    if (/bytes scanned|data (?:usage|scanned)|limit/i.test(reason)) {
      return new FlowlogError(
        `Workgroup ${workgroup} limits the bytes a query may read, and this one reached the limit: ${reason}`,
        'Ask for a shorter range of time with --since and --until, or have the limit of the workgroup raised.',
      );
    }
    return new FlowlogError(
      `Query ${id} was cancelled: ${reason}`,
      'Run it again; it was not flowlog that stopped it.',
    );
  }
  return new FlowlogError(
    `Athena could not answer: ${reason}`,
    `${hintFor(error?.ErrorType, reason)} (Query ${id}.)`,
  );
}

/** What to do about a failure. Types: Athena User Guide, "Athena error catalog". */
function hintFor(type: number | undefined, reason: string): string {
  if (type === 1501 || /access denied|status code: 403|not authorized/i.test(reason)) {
    return 'The role or user in use needs s3:GetObject and s3:ListBucket on the logs (and kms:Decrypt, where they are encrypted), and s3:PutObject on the place of results.';
  }
  if (type === 1306 || /NoSuchBucket/.test(reason))
    return 'Check the bucket of --output-location and that of the table.';
  if (type === 1110 || /TABLE_NOT_FOUND|does not exist/i.test(reason)) {
    return 'Check --database and --table, or create the table with flowlog create-table.';
  }
  if (type !== undefined && type >= 1400 && type <= 1406)
    return 'AWS was asked too much at once: run it again in a while.';
  if (/HIVE_BAD_DATA|HIVE_CANNOT_OPEN_SPLIT|HIVE_CURSOR_ERROR/.test(reason)) {
    return "The table does not fit the files it reads: 'flowlog create-table --if-exists skip' says what differs.";
  }
  if (/exhausted|EXCEEDED_/i.test(reason))
    return 'Ask for a shorter range of time, or less with --by or --limit.';
  if (type === undefined ? false : type >= 100 && type < 1000)
    return 'The fault is on the side of AWS: run it again.';
  return 'Run it with --sql to see the statement.';
}

/** Whether the database is there; taken for granted where that may not be asked. */
export async function databaseExists(settings: AthenaSettings): Promise<boolean> {
  const client = await settings.aws.athena();
  const { GetDatabaseCommand } = await import('@aws-sdk/client-athena');
  const { catalog, database, signal } = settings;
  try {
    await client.send(new GetDatabaseCommand({ CatalogName: catalog, DatabaseName: database }), {
      abortSignal: signal,
    });
    return true;
  } catch (error) {
    if (isAccessDenied(error)) return true;
    if (/EntityNotFound|not found/i.test(`${(error as Error).name} ${(error as Error).message}`))
      return false;
    throw explain(error, doing('athena:GetDatabase', settings));
  }
}

/** The executions of a workgroup, newest first. */
export async function* recentExecutions(settings: AthenaSettings): AsyncGenerator<QueryExecution> {
  const { workgroup, signal } = settings;
  const client = await settings.aws.athena();
  const { paginateListQueryExecutions, BatchGetQueryExecutionCommand } = await import(
    '@aws-sdk/client-athena'
  );
  try {
    // Fifty are as many as can be described at once.
    const pages = paginateListQueryExecutions(
      { client, pageSize: 50 },
      { WorkGroup: workgroup },
      { abortSignal: signal },
    );
    for await (const { QueryExecutionIds = [] } of pages) {
      if (QueryExecutionIds.length === 0) continue;
      const { QueryExecutions = [] } = await client.send(
        new BatchGetQueryExecutionCommand({ QueryExecutionIds }),
        {
          abortSignal: signal,
        },
      );
      const byId = new Map(QueryExecutions.map((execution) => [execution.QueryExecutionId, execution]));
      for (const id of QueryExecutionIds) {
        const execution = byId.get(id);
        if (execution) yield execution;
      }
    }
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw refused(error as Error, settings, 'athena:ListQueryExecutions');
  }
}
