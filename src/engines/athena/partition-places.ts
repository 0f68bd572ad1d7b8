import type { AthenaSettings } from '../../athena/settings.js';
import { explain } from '../../aws/errors.js';
import { pagesOf } from '../../aws/pages.js';
import { partitionMayHold } from '../../flowlog/partition-values.js';
import type { TableSource } from './table-source.js';

/** A partition that somebody registered. */
interface Registered {
  readonly values: ReadonlyMap<string, string>;
  /** `s3://…`; undefined where the catalog does not say. */
  readonly location: string | undefined;
}

/** The locations of the registered partitions that a query reads; undefined among them where the catalog does not say one. */
export async function partitionPlaces(
  table: TableSource,
  settings: AthenaSettings,
): Promise<Array<string | undefined>> {
  const { times, window, owners } = table;
  const { accounts, regions } = settings;
  const places = new Set<string | undefined>();
  for await (const { values, location } of registered(table, settings)) {
    const owned = owners.every(({ kind, name }) => {
      const wanted = kind === 'account' ? accounts : regions;
      return wanted === undefined || wanted.some((each) => same(each, values.get(name) ?? ''));
    });
    if (owned && partitionMayHold(times.keys, values, window.from, window.to)) places.add(location);
  }
  return [...places];
}

/** An account id in a key of numbers has lost its leading zeros. */
const same = (wanted: string, value: string) =>
  wanted === value || (/^\d+$/.test(value) && /^\d+$/.test(wanted) && BigInt(wanted) === BigInt(value));

async function* registered(
  { info: { partitionKeys } }: TableSource,
  { aws, database, table, signal }: AthenaSettings,
): AsyncGenerator<Registered> {
  const client = await aws.glue();
  const { paginateGetPartitions } = await import('../../aws/glue.js');
  const input = { DatabaseName: database, TableName: table, ExcludeColumnSchema: true };
  try {
    const pages = paginateGetPartitions({ client }, input, { abortSignal: signal });
    for await (const { Partitions = [] } of pagesOf(
      pages,
      'NextToken',
      `partitions of ${database}.${table}`,
    )) {
      for (const { Values = [], StorageDescriptor } of Partitions) {
        yield {
          values: new Map(partitionKeys.map(({ name }, i) => [name, Values[i] ?? ''])),
          location: StorageDescriptor?.Location,
        };
      }
    }
  } catch (error) {
    throw explain(error, {
      action: 'glue:GetPartitions',
      resource: `table ${database}.${table}`,
      profile: aws.options.profile,
    });
  }
}
