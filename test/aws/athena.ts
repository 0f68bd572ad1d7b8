import { randomUUID } from 'node:crypto';
import { TrinoSQL } from 'dt-sql-parser';
import { type Ddl, parseDdl } from './hive-ddl.js';
import { AwsError, type FakeAws } from './server.js';

/** What a SELECT comes to. Values are text, as Athena gives all; null is NULL. */
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
  };
  readonly scanned?: number;
  readonly result?: Rows;
  readonly reused?: boolean;
}

export interface TableFixture {
  readonly Columns: ReadonlyArray<{ Name: string; Type: string }>;
  readonly PartitionKeys?: ReadonlyArray<{ Name: string; Type: string }>;
  readonly Parameters?: Readonly<Record<string, string>>;
}

export interface WorkGroupFixture {
  OutputLocation?: string | undefined;
  enforced?: boolean;
  managed?: boolean;
  disabled?: boolean;
}

/** A SELECT as it came. */
export interface Asked {
  readonly text: string;
  readonly parameters: readonly string[];
}

interface Execution {
  readonly id: string;
  readonly input: StartInput;
  readonly script: Script;
  readonly started: number;
  readonly output: string | undefined;
  stopped: number | undefined;
  /** Its result's file. */
  written: Promise<void> | undefined;
}

interface StartInput {
  readonly QueryString: string;
  readonly ClientRequestToken?: string;
  readonly ExecutionParameters?: readonly string[];
  readonly QueryExecutionContext?: { readonly Catalog?: string; readonly Database?: string };
  readonly ResultConfiguration?: { readonly OutputLocation?: string };
  readonly ResultReuseConfiguration?: unknown;
  readonly WorkGroup?: string;
}

/** What each call may be given, and what it must be. */
const INPUTS: Readonly<
  Record<string, { readonly required: readonly string[]; readonly optional: readonly string[] }>
> = {
  StartQueryExecution: {
    required: ['QueryString'],
    optional: [
      ...['ClientRequestToken', 'ExecutionParameters', 'QueryExecutionContext', 'ResultConfiguration'],
      ...['ResultReuseConfiguration', 'WorkGroup', 'EngineConfiguration'],
    ],
  },
  GetQueryExecution: { required: ['QueryExecutionId'], optional: [] },
  BatchGetQueryExecution: { required: ['QueryExecutionIds'], optional: [] },
  StopQueryExecution: { required: ['QueryExecutionId'], optional: [] },
  GetQueryResults: {
    required: ['QueryExecutionId'],
    optional: ['MaxResults', 'NextToken', 'QueryResultType'],
  },
  GetWorkGroup: { required: ['WorkGroup'], optional: [] },
  ListQueryExecutions: { required: [], optional: ['MaxResults', 'NextToken', 'WorkGroup'] },
  GetTableMetadata: { required: ['CatalogName', 'DatabaseName', 'TableName'], optional: ['WorkGroup'] },
  GetDatabase: { required: ['CatalogName', 'DatabaseName'], optional: ['WorkGroup'] },
  GetDataCatalog: { required: ['Name'], optional: ['WorkGroup'] },
};

const invalid = (message: string, code = 'INVALID_INPUT') =>
  new AwsError('InvalidRequestException', message, 400, { AthenaErrorCode: code });

/**
 * What the catalog says, as Athena wraps it. A missing table: DyfanJones/noctua#205; a missing database:
 * open-metadata/OpenMetadata#16476.
 */
export const wrapped = (text: string, code = 'EntityNotFoundException') =>
  `${text} (Service: AmazonDataCatalog; Status Code: 400; Error Code: ${code}; Request ID: ${randomUUID()}; Proxy: null)`;

/** Athena's control calls. Statements are checked by grammars and answered by script. */
export class AthenaService {
  readonly databases = new Set(['default']);
  /** Catalogs beside the default one. */
  readonly catalogs = new Set<string>();
  readonly tables = new Map<string, TableFixture>();
  readonly workgroups = new Map<string, WorkGroupFixture>([
    ['primary', { OutputLocation: 's3://results/athena/' }],
  ]);
  readonly executions = new Map<string, Execution>();
  /** How the next SELECT goes; told the statement as it would run, its parameters in their places, and as it came. */
  script: (statement: string, asked: Asked) => Script | Promise<Script> = () => ({
    result: { columns: [], rows: [] },
  });
  /** Does elsewhere what a statement of DDL does here. */
  define: (ddl: Ddl) => void | Promise<void> = () => {};
  /** Where files of results go. */
  store: (bucket: string, key: string, text: string) => void | Promise<void> = (bucket, key, text) => {
    this.aws.buckets.get(bucket)?.put(key, text);
  };
  private readonly tokens = new Map<string, { input: string; id: string }>();
  private readonly trino = new TrinoSQL();

  constructor(private readonly aws: FakeAws) {}

  async call(operation: string, input: Record<string, unknown>): Promise<unknown> {
    const shape = INPUTS[operation];
    if (!shape) throw new AwsError('UnknownOperationException', operation);
    for (const name of Object.keys(input)) {
      if (![...shape.required, ...shape.optional].includes(name)) {
        throw new AwsError('SerializationException', `${operation} has no member ${name}`);
      }
    }
    for (const name of shape.required) {
      if (input[name] === undefined) throw invalid(`${name} is required`);
    }
    this.aws.enter(operation, `athena:${operation}`, input, this.resource(operation, input));
    switch (operation) {
      case 'StartQueryExecution':
        return { QueryExecutionId: await this.start(input as unknown as StartInput) };
      case 'GetQueryExecution':
        return { QueryExecution: await this.describe(this.execution(input.QueryExecutionId as string)) };
      case 'BatchGetQueryExecution': {
        const ids = input.QueryExecutionIds as string[];
        if (ids.length < 1 || ids.length > 50) throw invalid('1 to 50 ids');
        return {
          QueryExecutions: await Promise.all(ids.map((id) => this.describe(this.execution(id)))),
          UnprocessedQueryExecutionIds: [],
        };
      }
      case 'StopQueryExecution':
        this.execution(input.QueryExecutionId as string).stopped ??= Date.now();
        return {};
      case 'GetQueryResults':
        return this.results(input as { QueryExecutionId: string; MaxResults?: number; NextToken?: string });
      case 'GetWorkGroup':
        return { WorkGroup: this.workGroup(input.WorkGroup as string) };
      case 'ListQueryExecutions': {
        const ids = [...this.executions.values()]
          .filter(({ input: { WorkGroup = 'primary' } }) => WorkGroup === input.WorkGroup)
          .map(({ id }) => id)
          .reverse();
        const from = Number(input.NextToken ?? 0);
        const size = (input.MaxResults as number | undefined) ?? 50;
        if (size > 50) throw invalid('MaxResults is at most 50');
        const next = from + size < ids.length ? { NextToken: String(from + size) } : {};
        return { QueryExecutionIds: ids.slice(from, from + size), ...next };
      }
      case 'GetDataCatalog':
        if (!this.catalogs.has(input.Name as string)) {
          // mondoohq/mql#10109, word for word; so it is for the default catalog too.
          throw invalid(`DataCatalog ${input.Name} was not found. Please check your account settings`);
        }
        return { DataCatalog: { Name: input.Name, Type: 'GLUE' } };
      case 'GetDatabase':
        this.checkDatabase(input.DatabaseName as string);
        return { Database: { Name: input.DatabaseName } };
      default:
        return { TableMetadata: this.table(input.DatabaseName as string, input.TableName as string) };
    }
  }

  /** What a call acts on, as IAM names it: a workgroup, or for tables anything. */
  private resource(operation: string, input: Record<string, unknown>): string {
    if (/^(?:GetTableMetadata|GetDatabase|GetDataCatalog)$/.test(operation)) return '*';
    const [id] = (input.QueryExecutionIds as string[] | undefined) ?? [input.QueryExecutionId as string];
    const group = input.WorkGroup ?? this.executions.get(id!)?.input.WorkGroup ?? 'primary';
    return `arn:aws:athena:ap-northeast-1:123456789012:workgroup/${group}`;
  }

  /** Lets a query have run before, under an id that a test knows. */
  remember(id: string, question: string, result: Rows): void {
    const output = `${this.workgroups.get('primary')!.OutputLocation}${id}.csv`;
    const input = { QueryString: `-- flowlog: ${question}\nSELECT 1` };
    const past = { id, input, script: { result }, started: Date.now() - 60_000, output };
    this.executions.set(id, { ...past, stopped: undefined, written: undefined });
  }

  private checkDatabase(name: string): void {
    if (!this.databases.has(name)) {
      throw new AwsError('MetadataException', wrapped(`Database ${name} not found.`));
    }
  }

  private table(database: string, table: string): unknown {
    this.checkDatabase(database);
    const found = this.tables.get(`${database}.${table}`);
    if (!found) throw new AwsError('MetadataException', wrapped('Entity Not Found'));
    return { Name: table, TableType: 'EXTERNAL_TABLE', ...found };
  }

  private workGroup(name: string): unknown {
    const group = this.workgroups.get(name);
    if (!group) throw invalid('WorkGroup is not found.');
    return {
      Name: name,
      State: group.disabled ? 'DISABLED' : 'ENABLED',
      Configuration: {
        EnforceWorkGroupConfiguration: group.enforced ?? false,
        ...(group.managed ? { ManagedQueryResultsConfiguration: { Enabled: true } } : {}),
        ...(group.OutputLocation === undefined
          ? {}
          : { ResultConfiguration: { OutputLocation: group.OutputLocation } }),
      },
    };
  }

  private async start(input: StartInput): Promise<string> {
    const { QueryString, ClientRequestToken: token = '', ExecutionParameters: parameters } = input;
    if (token.length < 32 || token.length > 128) throw invalid('ClientRequestToken has 32 to 128 characters');
    const { ClientRequestToken: _, ...rest } = input;
    const same = this.tokens.get(token);
    if (same) {
      if (same.input !== JSON.stringify(rest)) {
        throw invalid('Idempotent parameters do not match', 'IDEMPOTENT_PARAMETER_MISMATCH');
      }
      return same.id;
    }
    if (Buffer.byteLength(QueryString) > 262_144) throw invalid('QueryString is too long');
    const groupName = input.WorkGroup ?? 'primary';
    const group = this.workgroups.get(groupName);
    if (!group) throw invalid('WorkGroup is not found.');
    if (group.disabled) throw invalid(`WorkGroup ${groupName} is disabled.`);
    if (group.managed && input.ResultConfiguration)
      throw invalid('a workgroup with managed results takes no ResultConfiguration');
    const place = group.enforced
      ? group.OutputLocation
      : (input.ResultConfiguration?.OutputLocation ?? group.OutputLocation);
    if (place === undefined && !group.managed) {
      throw invalid(
        'No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
      );
    }
    const id = randomUUID();
    const dml = /^(?:--[^\n]*\n)*\s*(?:SELECT|WITH)\b/i.test(QueryString);
    const script = dml
      ? await this.script(this.checkDml(QueryString, parameters), {
          text: QueryString,
          parameters: parameters ?? [],
        })
      : await this.runDdl(QueryString, parameters);
    this.executions.set(id, {
      id,
      input,
      script,
      started: Date.now(),
      output: group.managed ? undefined : `${place!.replace(/\/$/, '')}/${id}.${dml ? 'csv' : 'txt'}`,
      stopped: undefined,
      written: undefined,
    });
    this.tokens.set(token, { input: JSON.stringify(rest), id });
    return id;
  }

  /** Refuses what Athena would not run, and returns the statement with the parameters in their places. */
  private checkDml(text: string, parameters: readonly string[] | undefined): string {
    if (parameters?.length === 0) throw invalid('ExecutionParameters has at least one item');
    for (const parameter of parameters ?? []) {
      if (parameter.length < 1 || parameter.length > 1024)
        throw invalid('a parameter has 1 to 1024 characters');
      if (!/^(?:-?\d+|(?:IPADDRESS )?'(?:[^']|'')*')$/.test(parameter)) {
        throw invalid(
          `a parameter that is neither a number nor a quoted text: ${parameter}`,
          'INVALID_PARAMETER_USAGE',
        );
      }
    }
    const errors = this.trino.validate(text);
    if (errors.length > 0)
      throw invalid(`line ${errors[0]!.startLine}: ${errors[0]!.message}`, 'MALFORMED_QUERY');
    const where = text.search(/\bWHERE\b/);
    let count = 0;
    const filled = text.replace(/--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g, (part, at: number) => {
      if (part !== '?') return part;
      if (where < 0 || at < where) throw invalid('a ? outside the WHERE clause', 'INVALID_PARAMETER_USAGE');
      return parameters?.[count++] ?? '?';
    });
    if (count !== (parameters?.length ?? 0)) {
      throw invalid(
        `${count} question marks, ${parameters?.length ?? 0} parameters`,
        'INVALID_PARAMETER_USAGE',
      );
    }
    return filled;
  }

  private async runDdl(text: string, parameters: readonly string[] | undefined): Promise<Script> {
    if (parameters) throw invalid('DDL takes no parameters', 'INVALID_PARAMETER_USAGE');
    const ddl = parseDdl(text);
    await this.define(ddl);
    switch (ddl.kind) {
      case 'create database':
        this.databases.add(ddl.database);
        break;
      case 'drop table':
        this.tables.delete(`${ddl.name.database}.${ddl.name.table}`);
        break;
      case 'repair table':
        break;
      case 'set properties': {
        const name = `${ddl.name.database}.${ddl.name.table}`;
        const table = this.tables.get(name);
        // Seen of DROP TABLE; of ALTER TABLE it was not measured.
        if (!table) {
          return {
            state: 'FAILED',
            reason: `FAILED: SemanticException [Error 10001]: Table not found ${name}`,
          };
        }
        this.tables.set(name, { ...table, Parameters: { ...table.Parameters, ...ddl.properties } });
        break;
      }
      case 'create table': {
        const { name, columns, partitionKeys, location, properties, format } = ddl;
        const key = `${name.database}.${name.table}`;
        if (!this.databases.has(name.database)) {
          return {
            state: 'FAILED',
            reason: `FAILED: SemanticException [Error 10072]: Database does not exist: ${name.database}`,
          };
        }
        if (this.tables.has(key)) break;
        const serde =
          format === 'parquet'
            ? 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
            : 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe';
        const own = {
          EXTERNAL: 'TRUE',
          location: location.replace(/\/$/, ''),
          'serde.serialization.lib': serde,
        };
        this.tables.set(key, {
          Columns: columns,
          PartitionKeys: partitionKeys,
          Parameters: { ...properties, ...own },
        });
      }
    }
    return {};
  }

  private execution(id: string): Execution {
    const execution = this.executions.get(id);
    if (!execution) throw invalid(`QueryExecution ${id} was not found`, 'QUERY_EXECUTION_NOT_FOUND');
    return execution;
  }

  private state({ script, started, stopped }: Execution): string {
    const { queued = 0, running = 0, state = 'SUCCEEDED' } = script;
    const end = started + queued + running;
    if (stopped !== undefined && stopped < end) return 'CANCELLED';
    const now = Date.now();
    if (now < started + queued) return 'QUEUED';
    return now < end ? 'RUNNING' : state;
  }

  private async describe(execution: Execution): Promise<unknown> {
    const { id, input, script, started, stopped, output } = execution;
    const state = this.state(execution);
    if (state === 'SUCCEEDED') await this.write(execution);
    const cancelled = stopped !== undefined && state === 'CANCELLED';
    const ended = !['QUEUED', 'RUNNING'].includes(state);
    return {
      QueryExecutionId: id,
      Query: input.QueryString,
      StatementType: output?.endsWith('.txt') ? 'DDL' : 'DML',
      QueryExecutionContext: input.QueryExecutionContext,
      WorkGroup: input.WorkGroup ?? 'primary',
      ResultConfiguration: output === undefined ? {} : { OutputLocation: output },
      ...(output === undefined ? { ManagedQueryResultsConfiguration: { Enabled: true } } : {}),
      Status: {
        State: state,
        SubmissionDateTime: started / 1000,
        ...(cancelled ? { StateChangeReason: 'Query cancelled by user' } : {}),
        ...(!cancelled && ended && script.reason ? { StateChangeReason: script.reason } : {}),
        ...(!cancelled && ended && script.error ? { AthenaError: script.error } : {}),
      },
      Statistics: {
        DataScannedInBytes: script.scanned ?? 0,
        TotalExecutionTimeInMillis: Math.min(
          Date.now() - started,
          (script.queued ?? 0) + (script.running ?? 0),
        ),
        QueryQueueTimeInMillis: Math.min(Date.now() - started, script.queued ?? 0),
        ...(script.reused ? { ResultReuseInformation: { ReusedPreviousResult: true } } : {}),
      },
    };
  }

  /** The result's file, byte for byte as Athena writes it: NULL is nothing, all else is quoted. */
  private async write(execution: Execution): Promise<void> {
    const { script, output } = execution;
    if (!output?.endsWith('.csv')) return;
    const { columns, rows } = script.result!;
    const field = (value: string | null) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`);
    const lines = [columns.map(({ Name }) => Name), ...rows].map((row) => `${row.map(field).join(',')}\n`);
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(output)!;
    execution.written ??= Promise.resolve(this.store(bucket!, key!, lines.join('')));
    try {
      await execution.written;
    } catch (error) {
      execution.written = undefined;
      throw error;
    }
  }

  private results(input: { QueryExecutionId: string; MaxResults?: number; NextToken?: string }): unknown {
    const { QueryExecutionId, MaxResults = 1000, NextToken } = input;
    if (MaxResults < 1 || MaxResults > 1000) throw invalid('MaxResults is 1 to 1000');
    const execution = this.execution(QueryExecutionId);
    const state = this.state(execution);
    if (state !== 'SUCCEEDED') throw invalid(`Query has not yet finished. Current state: ${state}`);
    const { columns = [], rows = [] } = execution.script.result ?? {};
    const all = [columns.map(({ Name }) => Name), ...rows];
    const from = Number(NextToken ?? 0);
    const page = all.slice(from, from + MaxResults);
    return {
      ResultSet: {
        Rows: page.map((row) => ({
          Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
        })),
        ResultSetMetadata: {
          ColumnInfo: columns.map((column) => ({ ...column, Label: column.Name, CatalogName: 'hive' })),
        },
      },
      ...(from + MaxResults < all.length ? { NextToken: String(from + MaxResults) } : {}),
    };
  }
}
