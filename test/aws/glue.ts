import { AwsError, type FakeAws } from './server.js';

export interface PartitionFixture {
  readonly Values: readonly string[];
  readonly Location?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Parameters of GetPartitions (AWS Glue Web API Reference). */
const PARAMETERS = new Set([
  ...['AuditContext', 'CatalogId', 'DatabaseName', 'ExcludeColumnSchema', 'Expression', 'MaxResults'],
  ...['NextToken', 'QueryAsOfTime', 'Segment', 'TableName', 'TransactionId'],
]);

/** The AWS Glue Data Catalog's partitions, as its Web API Reference has them. */
export class GlueService {
  /** By `database.table`. */
  readonly partitions = new Map<string, readonly PartitionFixture[]>();
  /** Partitions in a page. The service: at most 1,000. */
  pageSize = 1_000;

  constructor(private readonly aws: FakeAws) {}

  call(operation: string, input: Json): Json {
    if (operation !== 'GetPartitions') throw new AwsError('UnknownOperationException', '');
    const { DatabaseName, TableName, NextToken, MaxResults = 1_000 } = input;
    const resource = `arn:aws:glue:ap-northeast-1:123456789012:table/${DatabaseName}/${TableName}`;
    this.aws.enter(operation, 'glue:GetPartitions', input, resource);
    const unknown = Object.keys(input).find((key) => !PARAMETERS.has(key));
    if (unknown !== undefined || !(Number(MaxResults) >= 1 && Number(MaxResults) <= 1_000))
      throw new AwsError('InvalidInputException', `unexpected ${unknown ?? 'MaxResults'}`);
    const all = this.partitions.get(`${DatabaseName}.${TableName}`);
    // Seen where a table is not there (awslabs/aws-glue-schema-registry, aws/aws-cli issues).
    if (!all) throw new AwsError('EntityNotFoundException', 'Entity Not Found');
    const from = Number(NextToken ?? 0);
    const to = from + Math.min(this.pageSize, Number(MaxResults));
    return {
      Partitions: all.slice(from, to).map(({ Values, Location }) => ({
        Values,
        DatabaseName,
        TableName,
        StorageDescriptor: { ...(Location === undefined ? {} : { Location }) },
      })),
      ...(to < all.length ? { NextToken: String(to) } : {}),
    };
  }
}
