import { randomUUID } from 'node:crypto';
import { invalid, malformedQuery, metadataError } from './athena/errors.js';
import {
  described,
  type Execution,
  type Rows,
  type Script,
  type StartInput,
  stateOf,
} from './athena/execution.js';
import { catalogNotFound } from './athena/failures.js';
import { readMembers } from './athena/members.js';
import { filled } from './athena/parameters.js';
import { checkPage, fileOf, type PageInput, pageOf } from './athena/results.js';
import { selectedColumns } from './athena/selected-columns.js';
import {
  checkOneStatement,
  type StatementKind,
  shownQuery,
  statementKind,
  withoutComments,
} from './athena/statements.js';
import { Tables } from './athena/tables.js';
import { grammarErrors } from './grammar.js';
import { type Ddl, parseDdl } from './hive-ddl.js';
import { AwsError, type FakeAws } from './server.js';

export { wrapped } from './athena/errors.js';
export type { Rows, Script } from './athena/execution.js';
export type { TableFixture } from './athena/tables.js';

export interface WorkGroupFixture {
  OutputLocation?: string | undefined;
  enforced?: boolean;
  managed?: boolean;
  disabled?: boolean;
}

/** A statement of DML as it came. */
export interface Asked {
  readonly text: string;
  readonly parameters: readonly string[];
}

/**
 * Athena's control calls, as the service answers them: the folder athena/ holds what it says, with the source of each text.
 * Statements are checked by grammars; DML is answered by script, the rest by what the catalog holds.
 */
export class AthenaService {
  private readonly catalog = new Tables();
  readonly databases = this.catalog.databases;
  readonly tables = this.catalog.tables;
  readonly partitions = this.catalog.partitions;
  /** Catalogs beside the default one. They show the databases and tables of the default one. */
  readonly catalogs = new Set<string>();
  readonly workgroups = new Map<string, WorkGroupFixture>([
    ['primary', { OutputLocation: 's3://results/athena/' }],
  ]);
  readonly executions = new Map<string, Execution>();
  /** How the next statement of DML goes; told the statement as it would run, its parameters in their places, and as it came. */
  script: (statement: string, asked: Asked) => Script | Promise<Script> = (statement) => ({
    result: { columns: selectedColumns(statement), rows: [] },
  });
  /** Does elsewhere what a statement of DDL does here; or makes it fail, with what it returns. */
  define: (ddl: Ddl) => Script | undefined | void | Promise<void> = () => {};
  /** Where files of results go. */
  store: (bucket: string, key: string, text: string) => void | Promise<void> = (bucket, key, text) => {
    this.aws.buckets.get(bucket)?.put(key, text);
  };
  private readonly tokens = new Map<string, { compared: string; id: string }>();

  /** Where MSCK REPAIR TABLE finds partitions: folders below the location of a table; undefined where there is none. */
  folders: Tables['folders'] = ({ Parameters = {}, PartitionKeys = [] }) => {
    const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(`${Parameters.location}/`) ?? [];
    const below = [...(this.aws.buckets.get(bucket)?.objects.keys() ?? [])]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length).split('/').slice(0, PartitionKeys.length));
    if (below.length === 0) return undefined;
    const named = below.filter((parts) =>
      parts.every((part, i) => part.startsWith(`${PartitionKeys[i]!.Name}=`)),
    );
    return [...new Set(named.map((parts) => parts.join('/')))];
  };

  constructor(private readonly aws: FakeAws) {
    this.catalog.folders = (...table) => this.folders(...table);
  }

  async call(operation: string, given: Record<string, unknown>): Promise<unknown> {
    const input = readMembers(operation, given);
    // Measured, errors.md: no Message.
    if (!input) throw new AwsError('UnknownOperationException', '');
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
        // Of a finished one it changes nothing (measured, result-files.md).
        this.execution(input.QueryExecutionId as string).stopped ??= Date.now();
        return {};
      case 'GetQueryResults': {
        const page = input as unknown as PageInput;
        checkPage(page);
        return pageOf(this.execution(page.QueryExecutionId), page);
      }
      case 'GetWorkGroup':
        return { WorkGroup: this.workGroup(input.WorkGroup as string) };
      case 'ListQueryExecutions':
        return this.list(input as { WorkGroup?: string; MaxResults?: number; NextToken?: string });
      case 'GetDataCatalog':
        this.checkCatalog(input.Name as string);
        return { DataCatalog: { Name: input.Name, Type: 'GLUE' } };
      case 'GetDatabase':
        this.checkDatabase(input.DatabaseName as string);
        return { Database: { Name: input.DatabaseName } };
      default:
        return { TableMetadata: this.table(input.DatabaseName as string, input.TableName as string) };
    }
  }

  /** What a call acts on, as IAM names it (Service Authorization Reference): a workgroup or a catalog. */
  private resource(operation: string, input: Record<string, unknown>): string {
    if (/^(?:GetTableMetadata|GetDatabase|GetDataCatalog)$/.test(operation)) {
      const catalog = input.CatalogName ?? input.Name;
      return `arn:aws:athena:ap-northeast-1:123456789012:datacatalog/${catalog}`;
    }
    const [id] = (input.QueryExecutionIds as string[] | undefined) ?? [input.QueryExecutionId as string];
    const group = input.WorkGroup ?? this.executions.get(id!)?.input.WorkGroup ?? 'primary';
    return `arn:aws:athena:ap-northeast-1:123456789012:workgroup/${group}`;
  }

  /** Lets a query have run before, under an id that a test knows. */
  remember(id: string, question: string, result: Rows): void {
    const output = `${this.workgroups.get('primary')!.OutputLocation}${id}.csv`;
    const input = { QueryString: `-- flowlog: ${question}\nSELECT 1` };
    const kind = statementKind(input.QueryString);
    const past = { id, input, kind, script: { result }, started: Date.now() - 60_000, output };
    this.executions.set(id, { ...past, stopped: undefined, written: undefined });
  }

  private list({
    WorkGroup = 'primary',
    MaxResults: size = 50,
    NextToken,
  }: {
    WorkGroup?: string;
    MaxResults?: number;
    NextToken?: string;
  }): unknown {
    if (!this.workgroups.has(WorkGroup)) throw invalid('WorkGroup is not found.');
    if (size > 50) throw invalid('MaxResults is more than maximum allowed length 50');
    const ids = [...this.executions.values()]
      .filter(({ input }) => (input.WorkGroup ?? 'primary') === WorkGroup)
      .map(({ id }) => id)
      .reverse();
    const from = Number(NextToken ?? 0);
    const next = from + size < ids.length ? { NextToken: String(from + size) } : {};
    return { QueryExecutionIds: ids.slice(from, from + size), ...next };
  }

  private checkCatalog(name: string): void {
    if (this.catalogs.has(name)) return;
    // mondoohq/mql#10109, word for word; the service says it of the default catalog too.
    throw invalid(`DataCatalog ${name} was not found. Please check your account settings`);
  }

  private checkDatabase(name: string): void {
    if (!this.databases.has(name)) throw metadataError(`Database ${name} not found.`);
  }

  private table(database: string, table: string): unknown {
    const found = this.tables.get(`${database}.${table}`);
    // The same for a missing database as for a missing table.
    if (!found) throw metadataError('Entity Not Found');
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
        EngineVersion: {
          SelectedEngineVersion: 'AUTO',
          EffectiveEngineVersion: 'Athena engine version 3',
        },
        ...(group.managed ? { ManagedQueryResultsConfiguration: { Enabled: true } } : {}),
        // Always there, empty without a location (measured, work-groups.md).
        ResultConfiguration:
          group.OutputLocation === undefined ? {} : { OutputLocation: group.OutputLocation },
      },
    };
  }

  /** Order of checks: measured, client-request-token.md and statements.md. Where the workgroup comes in is not known. */
  private async start(input: StartInput): Promise<string> {
    const { QueryString: text, ExecutionParameters: parameters = [] } = input;
    const token = checkToken(input.ClientRequestToken);
    const output = this.outputOf(input);
    if (Buffer.byteLength(text) > 262_144) throw invalid('QueryString is too long');
    checkParameters(input.ExecutionParameters);
    checkOneStatement(text);
    const kind = statementKind(text);
    const errors = kind.type === 'DML' ? grammarErrors(shownQuery(text)) : [];
    if (errors.length > 0) {
      const [{ startLine, startColumn, message }] = errors as [(typeof errors)[0]];
      throw malformedQuery(`line ${startLine}:${startColumn}: ${message}`);
    }
    const context = input.QueryExecutionContext ?? {};
    const shown =
      kind.type === 'UTILITY'
        ? this.catalog.show(text, kind.subtype, context.Database ?? 'default')
        : undefined;
    // Parameters and the workgroup are not compared (measured, client-request-token.md).
    const compared = JSON.stringify([
      text,
      context.Catalog,
      context.Database,
      input.ResultConfiguration?.OutputLocation,
    ]);
    const same = this.tokens.get(token);
    if (same && same.compared !== compared) {
      throw invalid('Idempotent parameters do not match', 'IDEMPOTENT_PARAMETER_MISMATCH');
    }
    if (same) return same.id;
    const script = shown ?? (await this.answer(kind, text, parameters, context.Catalog));
    const id = randomUUID();
    this.executions.set(id, {
      ...{ id, input, kind, script, started: Date.now() },
      output: output === undefined ? undefined : `${output.replace(/\/$/, '')}/${kind.file(id).path}`,
      ...{ stopped: undefined, written: undefined },
    });
    this.tokens.set(token, { compared, id });
    return id;
  }

  private async answer(
    kind: StatementKind,
    text: string,
    parameters: readonly string[],
    catalog = 'AwsDataCatalog',
  ): Promise<Script> {
    if (kind.type === 'DML' || kind.subtype === 'CREATE_TABLE_AS_SELECT') {
      const whole = filled(text, parameters);
      if ('failed' in whole) return whole.failed;
      const known = catalog.toLowerCase() === 'awsdatacatalog' || this.catalogs.has(catalog);
      return known ? this.script(whole.text, { text, parameters }) : catalogNotFound(catalog);
    }
    // DDL under a catalog that does not exist runs in the default one (measured on 75 statements, statements.md).
    const ddl = parseDdl(withoutComments(text).trim());
    return (await this.define(ddl)) ?? this.catalog.run(ddl);
  }

  private outputOf(input: StartInput): string | undefined {
    const name = input.WorkGroup ?? 'primary';
    const group = this.workgroups.get(name);
    if (!group) throw invalid('WorkGroup is not found.');
    if (group.disabled) throw invalid(`WorkGroup ${name} is disabled.`);
    if (group.managed && input.ResultConfiguration)
      throw invalid('a workgroup with managed results takes no ResultConfiguration');
    if (group.managed) return undefined;
    const output = group.enforced
      ? group.OutputLocation
      : (input.ResultConfiguration?.OutputLocation ?? group.OutputLocation);
    if (output === undefined) {
      throw invalid(
        'No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
      );
    }
    if (!/^s3:\/\/[a-z0-9.-]+(?:\/|$)/.test(output)) throw invalid('outputLocation is not a valid S3 path.');
    return output;
  }

  private execution(id: string): Execution {
    const execution = this.executions.get(id);
    if (!execution) throw invalid(`QueryExecution ${id} was not found`, 'QUERY_EXECUTION_NOT_FOUND');
    return execution;
  }

  private async describe(execution: Execution): Promise<unknown> {
    if (!['QUEUED', 'RUNNING'].includes(stateOf(execution))) await this.write(execution);
    return described(execution);
  }

  /** Writes the result's file. Where its bucket does not exist, nothing happens (measured, docs/caveats.md). */
  private async write(execution: Execution): Promise<void> {
    const text = fileOf(execution);
    if (text === undefined) return;
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(execution.output!)!;
    execution.written ??= Promise.resolve(this.store(bucket!, key!, text));
    try {
      await execution.written;
    } catch (error) {
      execution.written = undefined;
      throw error;
    }
  }
}

/** 32 characters at least, 128 bytes at most (measured, client-request-token.md). */
function checkToken(token: string | undefined): string {
  if (!token) throw invalid('clientRequestToken is null or empty');
  if (token.length < 32 || Buffer.byteLength(token) > 128) {
    throw invalid(
      `1 validation error detected: Value '${token}' at 'clientRequestToken' failed to satisfy constraint: Member must have length between 32 and 128`,
    );
  }
  return token;
}

/** Amazon Athena API Reference, StartQueryExecution: at least one item, each of 1 to 1024 characters. */
function checkParameters(parameters: readonly string[] | undefined): void {
  if (parameters?.length === 0) throw invalid('ExecutionParameters has at least one item');
  for (const parameter of parameters ?? []) {
    if (parameter.length < 1 || parameter.length > 1024)
      throw invalid('a parameter has 1 to 1024 characters');
  }
}
