import type { AthenaSettings } from '../../athena/settings.js';
import { listBelow } from '../../aws/list-logs.js';
import { FlowlogError } from '../../errors.js';
import { projectionOf } from '../../flowlog/partitions.js';
import { parseLocation } from '../../flowlog/s3-place.js';
import { keyValue, type TimeKey, unitValue } from '../../flowlog/time-format.js';
import { inParallel } from '../../parallel.js';
import { isView } from './adapter.js';
import { partitionPlaces } from './partition-places.js';
import type { TableSource } from './table-source.js';

/** Folders that are listed one by one; where there would be more, what they lie in is listed as a whole. */
const MOST_FOLDERS = 2_000;
const AT_ONCE = 16;

/**
 * What Athena may read at most, by a listing of the folders that the table's projection names for the range, of the locations
 * of its registered partitions, or of its whole location.
 *
 * @throws FlowlogError where nobody but Athena knows which files those are
 */
export async function scanSize(
  table: TableSource,
  settings: AthenaSettings,
  signal: AbortSignal,
): Promise<{ files: number; bytes: number }> {
  const folders = await foldersOf(table, settings);
  const sizes = await inParallel(
    folders,
    AT_ONCE,
    async (folder, stop) => {
      let files = 0;
      let bytes = 0;
      for await (const { size } of listBelow(settings.aws, parseLocation(folder), { signal: stop })) {
        files++;
        bytes += size;
      }
      return { files, bytes };
    },
    signal,
  );
  return sizes.reduce((a, b) => ({ files: a.files + b.files, bytes: a.bytes + b.bytes }), {
    files: 0,
    bytes: 0,
  });
}

async function foldersOf(table: TableSource, settings: AthenaSettings): Promise<string[]> {
  const { info } = table;
  const label = `${settings.database}.${settings.table}`;
  if (isView(info)) throw untold(`${label} is a view`);
  if (info.properties.get('table_type')?.toUpperCase() === 'ICEBERG')
    throw untold(`${label} is an Iceberg table`);
  const location = info.properties.get('location');
  if (info.partitionKeys.length === 0) {
    if (location === undefined) throw untold(`the catalog does not say where ${label} is`);
    return [location];
  }
  const projection = projectionOf(info.properties);
  if (!projection) {
    if (settings.catalog !== 'AwsDataCatalog') {
      throw untold(
        `each partition of ${label} has a location of its own, which only the catalog ${settings.catalog} knows`,
      );
    }
    const places = await partitionPlaces(table, settings);
    if (places.includes(undefined))
      throw untold(`the catalog does not say where some partitions of ${label} are`);
    return places as string[];
  }
  const template =
    projection.get('storage.location.template') ??
    (location &&
      `${location.replace(/\/$/, '')}/${info.partitionKeys.map(({ name }) => `${name}=\${${name}}`).join('/')}/`);
  if (template === undefined) throw untold(`the catalog does not say where ${label} is`);
  return expanded(template, table, settings, projection);
}

const untold = (reason: string) =>
  new FlowlogError(
    `--max-scan cannot tell what the query would read: ${reason}. It was not run.`,
    'Leave --max-scan out. A data limit in the settings of the workgroup works for any table.',
  );

type Values = ReadonlyMap<string, string>;

/** The folders of a template: one for each time, account and region, up to the first key whose values are not known. */
function expanded(
  template: string,
  { times, window, owners, info }: TableSource,
  { accounts, regions }: AthenaSettings,
  projection: ReadonlyMap<string, string>,
): string[] {
  let combinations: Values[] = timeValues(times.keys, window, projection);
  const multiply = (name: string, values: readonly string[] | undefined) => {
    if (values === undefined || combinations.length * values.length > MOST_FOLDERS) return;
    combinations = combinations.flatMap((each) => values.map((value) => new Map([...each, [name, value]])));
  };
  for (const { name } of info.partitionKeys) {
    if (times.keys.some((key) => key.name === name)) continue;
    const owner = owners.find((key) => key.name === name);
    const wanted = owner && (owner.kind === 'account' ? accounts : regions);
    multiply(
      name,
      wanted ??
        projection
          .get(`projection.${name}.values`)
          ?.split(',')
          .map((each) => each.trim()),
    );
  }
  const filled = combinations.map((values) => {
    const text = template.replace(
      /\$\{([^}]+)\}/g,
      (hole, name: string) => values.get(name.toLowerCase()) ?? hole,
    );
    const [known] = text.split('${') as [string];
    return text === known ? known : known.slice(0, known.lastIndexOf('/') + 1);
  });
  return [...new Set(filled)];
}

/** Values of the time keys for every partition of a window; none where it is open or has too many. */
function timeValues(
  keys: readonly TimeKey[],
  { from, to }: { from: number | undefined; to: number | undefined },
  projection: ReadonlyMap<string, string>,
): Values[] {
  const none = [new Map<string, string>()];
  if (from === undefined || to === undefined || keys.length === 0) return none;
  const step = keys.some(({ units }) => units.includes('hour')) ? 3_600 : 86_400;
  if ((to - from) / step > MOST_FOLDERS) return none;
  const found = new Map<string, Values>();
  for (let at = from; ; at = Math.min(at + step, to)) {
    const values = keys.map((key) => [key.name, projectedValue(key, at, projection)] as const);
    if (values.some(([, value]) => value === undefined)) return none;
    found.set(values.join(), new Map(values as ReadonlyArray<readonly [string, string]>));
    if (at >= to) return [...found.values()];
  }
}

/** As projection spells it. */
function projectedValue(
  key: TimeKey,
  at: number,
  projection: ReadonlyMap<string, string>,
): string | undefined {
  const property = (of: string) => projection.get(`projection.${key.name}.${of}`);
  const number = key.units.length === 1 ? unitValue(key.units[0]!, at) : undefined;
  switch (property('type')?.toLowerCase()) {
    case 'date':
      // Partitions of several days are named by their first one.
      return (property('interval') ?? '1') === '1' &&
        !/^(?:MONTH|YEAR|WEEK)/i.test(property('interval.unit') ?? '')
        ? keyValue(property('format') ?? '', at)
        : intervalValue(key, at, property('format') ?? '');
    case 'integer':
      return number === undefined ? undefined : String(number).padStart(Number(property('digits') ?? 0), '0');
    case 'enum':
      return property('values')
        ?.split(',')
        .find((value) => Number(value) === number)
        ?.trim();
    case 'injected':
      return key.format && keyValue(key.format, at);
    default:
      return undefined;
  }
}

/** Of months and years as such; of other steps nothing is known without their first one. */
const intervalValue = ({ units }: TimeKey, at: number, format: string): string | undefined =>
  units.includes('day') ? undefined : keyValue(format, at);
