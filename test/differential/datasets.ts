import { flowlog } from '../e2e/bin.js';
import { day } from './days.js';
import { writeClocks, writeEdges } from './edges.js';
import { ORACLE_DATASETS } from './oracle-worlds.js';

/** Logs that both engines are asked of: under a folder here, and in S3. Its name is that of its table. */
export interface Dataset {
  readonly name: string;
  write(folder: string): Promise<unknown>;
  /** Options of create-table. */
  readonly table?: readonly string[];
  readonly fields: keyof typeof FORMATS;
  /** Whether the table has so few folders that a question without times may look into each. */
  readonly fewFolders: boolean;
}

const SHUFFLED =
  '${dstport} ${srcaddr} ${log-status} ${bytes} ${end} ${pkt-dstaddr} ${action} ${tcp-flags} ${interface-id} ' +
  '${protocol} ${start} ${dstaddr} ${packets} ${instance-id} ${srcport} ${flow-direction} ${region} ${subnet-id} ' +
  '${vpc-id} ${pkt-srcaddr} ${traffic-path} ${interface-type} ${type} ${account-id}';
const FORMATS = { default: 'default', version5: '5', shuffled: SHUFFLED } as const;

const OWNERS = ['--account', '123456789012,210987654321', '--region', 'ap-northeast-1,us-east-1'];

/** The database with a table for each dataset, by its name. */
export const DATABASE = 'differential';

/** The bucket with the logs of a dataset. */
export const bucketOf = (dataset: string) => `logs-${dataset.replaceAll('_', '-')}`;

/** Has the program write sample logs. */
export async function sample(folder: string, options: readonly string[]): Promise<void> {
  const { code, stderr } = await flowlog(['sample', folder, ...options, '--quiet']);
  if (code !== 0) throw new Error(stderr);
}

/** Each kind of file with each kind of folders, and each of them with two of three formats. */
const KINDS: readonly Dataset[] = (['text', 'parquet'] as const).flatMap((file, i) =>
  (['plain', 'hive'] as const).flatMap((layout, j) =>
    (['daily', 'hourly'] as const).flatMap((folders, k) =>
      (['default', 'version5', 'shuffled'] as const)
        .filter((_, l) => l !== (i + j + k) % 3)
        .map((fields) => ({
          name: [file, layout, folders, fields].join('_'),
          write: (folder) =>
            sample(folder, [
              ...['--format', FORMATS[fields], '--file-format', file, '--layout', layout],
              ...(folders === 'hourly' ? ['--hourly', ...OWNERS.slice(0, 2)] : OWNERS),
              ...['--records', '3000', '--days', '2', '--start', day(0)],
            ]),
          fields,
          fewFolders: layout === 'plain' && folders === 'daily',
        })),
    ),
  ),
);

export const DATASETS: readonly Dataset[] = [
  ...KINDS,
  {
    name: 'registered',
    write: (folder) => sample(folder, ['--layout', 'hive', '--start', day(0), ...OWNERS]),
    table: ['--partitions', 'hive'],
    fields: 'default',
    fewFolders: true,
  },
  {
    name: 'unpartitioned',
    write: (folder) => sample(folder, ['--file-format', 'parquet', '--start', day(0)]),
    table: ['--partitions', 'none'],
    fields: 'default',
    fewFolders: true,
  },
  { name: 'edges', write: writeEdges, fields: 'version5', fewFolders: true },
  { name: 'clocks', write: writeClocks, fields: 'version5', fewFolders: false },
  ...ORACLE_DATASETS,
];
