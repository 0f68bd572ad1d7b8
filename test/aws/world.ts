import type { Field } from '../../src/flowlog/fields.js';
import { DEFAULT_FORMAT } from '../../src/flowlog/log-format.js';
import { type TableSpec, tableDefinition } from '../../src/flowlog/table.js';
import { flowlog, type Outcome, type RunSettings } from '../e2e/bin.js';
import { logFile, record } from '../records.js';
import type { Rows, TableFixture } from './athena.js';
import { type FakeAws, fakeAws } from './server.js';

export const SPEC: TableSpec = {
  database: 'default',
  table: 'vpc_flow_logs',
  location: { bucket: 'logs', prefix: 'p/' },
  fields: DEFAULT_FORMAT,
  format: 'text',
  layout: 'plain',
  hourly: false,
  accounts: ['123456789012'],
  regions: ['ap-northeast-1'],
  startDate: '2026-05-01',
  partitions: 'projection',
};

/** A table as the catalog gives it. */
export function tableFixture(spec: TableSpec): TableFixture {
  const { columns, partitionKeys, properties, location } = tableDefinition(spec);
  const given = (list: typeof columns) => list.map(({ name, type }) => ({ Name: name, Type: type }));
  return {
    Columns: given(columns),
    PartitionKeys: given(partitionKeys),
    Parameters: { ...Object.fromEntries(properties), location: location.slice(0, -1), EXTERNAL: 'TRUE' },
  };
}

const TYPES: Readonly<Record<string, string>> = {
  srcport: 'integer',
  dstport: 'integer',
  protocol: 'integer',
  packets: 'bigint',
  bytes: 'bigint',
  flows: 'bigint',
};

/** Rows of an answer, by column name; the column `aside` follows by itself. */
export function answerOf(
  names: readonly string[],
  rows: ReadonlyArray<readonly (string | null)[]>,
  asides: readonly string[] = [],
): Rows {
  return {
    columns: [...names, 'aside'].map((Name) => ({ Name, Type: TYPES[Name] ?? 'varchar' })),
    rows: [...rows.map((row) => [...row, null]), ...asides.map((aside) => [...names.map(() => null), aside])],
  };
}

export interface World {
  readonly aws: FakeAws;
  /** Runs the built program against the server. */
  run(args: readonly string[], settings?: RunSettings): Promise<Outcome>;
}

/** A server with a table, a workgroup with a place for results, and the program to ask it. */
export async function world(spec: Partial<TableSpec> = {}): Promise<World> {
  const aws = await fakeAws();
  aws.bucket('results');
  const whole = { ...SPEC, ...spec };
  aws.athena.databases.add(whole.database);
  aws.athena.tables.set(`${whole.database}.${whole.table}`, tableFixture(whole));
  return {
    aws,
    run: (args, settings = {}) => flowlog(args, { ...settings, env: aws.env(settings.env) }),
  };
}

/** Puts log files of some days into a bucket. */
export function putLogs(
  aws: FakeAws,
  days: readonly string[],
  {
    bucket = 'logs',
    prefix = 'p/',
    account = '123456789012',
    region = 'ap-northeast-1',
    layout = 'plain',
    hours = [''],
    id = 'fl-0a1b2c3d',
    fields,
    body,
  }: {
    bucket?: string;
    prefix?: string;
    account?: string;
    region?: string;
    layout?: 'plain' | 'hive';
    hours?: readonly string[];
    id?: string;
    fields?: readonly Field[];
    body?: Buffer;
  } = {},
): void {
  for (const day of days) {
    const [year, month, date] = day.split('-');
    for (const hour of hours) {
      const folder =
        layout === 'plain'
          ? `${account}/vpcflowlogs/${region}/${year}/${month}/${date}/${hour && `${hour}/`}`
          : `aws-account-id=${account}/aws-service=vpcflowlogs/aws-region=${region}/year=${year}/month=${month}/day=${date}/${hour && `hour=${hour}/`}`;
      const name = `${account}_vpcflowlogs_${region}_${id}_${year}${month}${date}T${hour || '00'}05Z_abcd.log.gz`;
      aws.bucket(bucket).put(`${prefix}AWSLogs/${folder}${name}`, body ?? logFile([record({})], fields));
    }
  }
}
