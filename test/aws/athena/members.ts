import { invalid, malformed } from './errors.js';

type Kind = 'String' | 'Integer' | 'list' | 'structure';

interface Operation {
  readonly required: readonly string[];
  readonly members: Readonly<Record<string, Kind>>;
}

const operation = (required: readonly string[], members: Operation['members']): Operation => ({
  required,
  members,
});
const ID = { QueryExecutionId: 'String' } as const;
const PAGE = { MaxResults: 'Integer', NextToken: 'String' } as const;
const NAMES = { CatalogName: 'String', DatabaseName: 'String', WorkGroup: 'String' } as const;

/** The operations that are played and their members (Amazon Athena API Reference). */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  StartQueryExecution: operation(['QueryString'], {
    QueryString: 'String',
    ClientRequestToken: 'String',
    ExecutionParameters: 'list',
    QueryExecutionContext: 'structure',
    ResultConfiguration: 'structure',
    ResultReuseConfiguration: 'structure',
    EngineConfiguration: 'structure',
    WorkGroup: 'String',
  }),
  GetQueryExecution: operation(['QueryExecutionId'], ID),
  BatchGetQueryExecution: operation(['QueryExecutionIds'], { QueryExecutionIds: 'list' }),
  StopQueryExecution: operation(['QueryExecutionId'], ID),
  GetQueryResults: operation(['QueryExecutionId'], { ...ID, ...PAGE, QueryResultType: 'String' }),
  GetWorkGroup: operation(['WorkGroup'], { WorkGroup: 'String' }),
  ListQueryExecutions: operation([], { ...PAGE, WorkGroup: 'String' }),
  GetTableMetadata: operation(['CatalogName', 'DatabaseName', 'TableName'], {
    ...NAMES,
    TableName: 'String',
  }),
  GetDatabase: operation(['CatalogName', 'DatabaseName'], NAMES),
  GetDataCatalog: operation(['Name'], { Name: 'String', WorkGroup: 'String' }),
};

const lowerCamel = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

/**
 * The members of a call as the service reads them: wrong types and missing members are refused, null counts as absent, a
 * fraction is cut off an integer, members that it does not know are ignored (measured, errors.md).
 *
 * @returns undefined for an operation that is not played
 */
export function readMembers(
  name: string,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const known = OPERATIONS[name];
  if (!known) return undefined;
  const input: Record<string, unknown> = {};
  for (const [member, kind] of Object.entries(known.members)) {
    const value = given[member];
    if (value !== undefined && value !== null) input[member] = read(value, kind);
  }
  for (const member of known.required) {
    if (input[member] === undefined) {
      throw invalid(
        `1 validation error detected: Value null at '${lowerCamel(member)}' failed to satisfy constraint: Member must not be null`,
      );
    }
  }
  return input;
}

function read(value: unknown, kind: Kind): unknown {
  const json =
    typeof value === 'string' ? 'STRING_VALUE' : typeof value === 'number' ? 'NUMBER_VALUE' : 'START';
  if (kind === 'list') {
    if (!Array.isArray(value)) throw malformed('Expected list or null');
    return value.filter((item) => item !== null);
  }
  if (kind === 'structure') {
    if (typeof value !== 'object' || Array.isArray(value)) throw malformed('Expected structure or null');
    return value;
  }
  if (kind === 'String') {
    if (typeof value !== 'string') throw malformed(`${json} can not be converted to a String`);
    return value;
  }
  if (typeof value !== 'number') throw malformed(`${json} can not be converted to an Integer`);
  return Math.trunc(value);
}
