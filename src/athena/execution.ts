import type { AthenaClient, QueryExecution, StartQueryExecutionCommandInput } from '@aws-sdk/client-athena';
import { explain, explained, sentence } from '../aws/errors.js';
import { pagesOf } from '../aws/pages.js';
import { FlowlogError, Interrupted } from '../errors.js';
import type { QueryProgress } from '../terminal/progress.js';
import { humanSeconds } from '../terminal/units.js';
import { doing, isThrottledFailure, reasonOf, refused, unsuccessful } from './failures.js';
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
    const passing = status?.AthenaError?.Retryable === true || isThrottledFailure(execution);
    if (attempt === 1 && status?.State === 'FAILED' && passing) {
      watching.onNote(
        `Athena could not finish query ${id} (${sentence(reasonOf(execution))}) Trying once more.`,
      );
      continue;
    }
    throw unsuccessful(execution, settings);
  }
}

/** Bytes of a statement: Athena API Reference, StartQueryExecution, QueryString. */
const LONGEST_STATEMENT = 262_144;

function checkLength(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= LONGEST_STATEMENT) return;
  const count = (number: number) => number.toLocaleString('en-US');
  throw new FlowlogError(
    `The statement has ${count(bytes)} bytes; Athena accepts at most ${count(LONGEST_STATEMENT)}.`,
    'Give fewer or larger address blocks, or run the question on the files with --logs.',
  );
}

async function start(settings: AthenaSettings, statement: Statement): Promise<string> {
  const { aws, workgroup, catalog, reuse, signal } = settings;
  const client = await aws.athena();
  const { StartQueryExecutionCommand } = await import('@aws-sdk/client-athena');
  const { parameters = [], database, text } = statement;
  checkLength(text);
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
      throw refused(error, settings, 'athena:StartQueryExecution', text);
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
    for await (const { QueryExecutionIds = [] } of pagesOf(pages, 'NextToken', 'query executions')) {
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
