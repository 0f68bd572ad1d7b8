import { FlowlogError } from '../errors.js';
import type { Field } from '../flowlog/fields.js';
import { headerLine } from '../flowlog/log-format.js';
import { type FileFormat, type Layout, parseFlowLogId } from '../flowlog/s3-layout.js';
import type { S3Location } from '../flowlog/table.js';
import type { Aws } from './clients.js';
import { inspectObject } from './inspect-object.js';
import { type ListedObject, listFolders, listLevel } from './list-logs.js';
import { locationUri, uriOf } from './object-stream.js';

/** What a table definition needs to know of the logs. */
export interface LogFindings {
  /** The folder in which `AWSLogs/` lies. */
  readonly location: S3Location;
  readonly fields: readonly Field[];
  readonly format: FileFormat;
  readonly layout: Layout;
  readonly hourly: boolean;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  /** The first UTC day with logs, `YYYY-MM-DD`. */
  readonly startDate: string;
}

/** What is known already, and so not looked for. */
export type Known = { readonly [K in keyof Omit<LogFindings, 'location'>]?: LogFindings[K] | undefined };

/** The place above `AWSLogs/`, whether a location ends before it, with it, or below. */
export function aboveLogs({ bucket, prefix }: S3Location): S3Location {
  const at = /(?:^|\/)(AWSLogs\/)/.exec(prefix);
  return { bucket, prefix: at ? prefix.slice(0, at.index + at[0].length - at[1]!.length) : prefix };
}

/**
 * Finds in a bucket what its keys and one file of each flow log say: some listings and reads, however many files there are.
 *
 * @throws FlowlogError when there are no flow logs, or logs of formats that one table cannot hold
 */
export async function findLayout(aws: Aws, place: S3Location, known: Known): Promise<LogFindings> {
  const location = aboveLogs(place);
  if (isComplete(known)) return { location, ...known };
  const root: S3Location = { ...location, prefix: `${location.prefix}AWSLogs/` };
  const folders = await listFolders(aws, root);
  const layout =
    known.layout ?? (folders.some((name) => name.startsWith('aws-account-id=')) ? 'hive' : 'plain');
  const names = layout === 'hive' ? HIVE : PLAIN;
  const accounts = known.accounts ?? folders.flatMap((name) => names.account.exec(name)?.[1] ?? []);
  const places: S3Location[] = [];
  const regions = new Set<string>(known.regions);
  const withLogs: string[] = [];
  for (const account of accounts) {
    const prefix = `${root.prefix}${names.folder(account)}`;
    const found = await listFolders(aws, { ...root, prefix });
    const here = found.flatMap((name) => names.region.exec(name)?.[1] ?? []);
    const wanted = here.filter((region) => known.regions?.includes(region) ?? true);
    if (wanted.length > 0) withLogs.push(account);
    for (const region of wanted) {
      regions.add(region);
      places.push({ ...root, prefix: `${prefix}${layout === 'hive' ? `aws-region=${region}` : region}/` });
    }
  }
  if (places.length === 0) throw noLogs(root, known);
  const days = await Promise.all(places.map((each) => ends(aws, each)));
  const { hourly, objects } = await newestFiles(aws, places, days);
  const read = known.fields && known.format ? undefined : await commonFormat(aws, location, objects, known);
  const first = days.map(({ first }) => first).sort()[0]!;
  return {
    location,
    layout,
    accounts: known.accounts ?? withLogs,
    regions: known.regions ?? [...regions].sort(),
    startDate: known.startDate ?? first,
    hourly: known.hourly ?? hourly,
    fields: known.fields ?? read!.fields,
    format: known.format ?? read!.format,
  };
}

function isComplete(known: Known): known is Omit<LogFindings, 'location'> {
  const { fields, format, layout, hourly, accounts, regions, startDate } = known;
  return [fields, format, layout, hourly, accounts, regions, startDate].every((each) => each !== undefined);
}

/** What folders are called in each layout. */
const PLAIN = {
  account: /^(\d{12})$/,
  folder: (account: string) => `${account}/vpcflowlogs/`,
  region: /^([a-z]{2,}(?:-[a-z0-9]+)+)$/,
};
const HIVE = {
  account: /^aws-account-id=(\d{12})$/,
  folder: (account: string) => `aws-account-id=${account}/aws-service=vpcflowlogs/`,
  region: /^aws-region=([a-z]{2,}(?:-[a-z0-9]+)+)$/,
};

const noLogs = (root: S3Location, { accounts, regions }: Known) => {
  const of = [...(accounts ?? []), ...(regions ?? [])];
  return new FlowlogError(
    `There are no flow logs under ${locationUri(root)}${of.length > 0 ? ` of ${of.join(', ')}` : ''}.`,
    'Give --location the folder that AWSLogs/ lies in. A new flow log delivers its first files after about ten minutes; ' +
      'to create the table before that, give every option that --help lists under "Instead of looking".',
  );
};

const datePart = (name: string) => /^(?:(?:year|month|day|hour)=)?(\d{2}|\d{4})$/.exec(name)?.[1];

/** The first and the last day of a region's folder, and where the last one lies. */
async function ends(aws: Aws, region: S3Location): Promise<{ first: string; last: S3Location }> {
  const descend = async (which: 0 | -1): Promise<{ day: string[]; place: S3Location }> => {
    let place = region;
    const day: string[] = [];
    for (let level = 0; level < 3; level++) {
      const folders = (await listFolders(aws, place)).filter((name) => datePart(name) !== undefined).sort();
      const name = folders.at(which);
      if (name === undefined) {
        throw new FlowlogError(
          `${locationUri(place)} has no folders of dates.`,
          'Flow logs lie in …/2026/06/01/ or …/year=2026/month=06/day=01/: check --location.',
        );
      }
      day.push(datePart(name)!);
      place = { ...place, prefix: `${place.prefix}${name}/` };
    }
    return { day, place };
  };
  const [first, last] = await Promise.all([descend(0), descend(-1)]);
  return { first: first.day.join('-'), last: last.place };
}

/** Of the newest day of each account and region, one file of each flow log. */
async function newestFiles(
  aws: Aws,
  places: readonly S3Location[],
  days: ReadonlyArray<{ last: S3Location }>,
): Promise<{ hourly: boolean; objects: ListedObject[] }> {
  let hourly = false;
  const byFlowLog = new Map<string, ListedObject>();
  for (const { last } of days) {
    let place = last;
    const hours = (await listFolders(aws, place)).filter((name) => datePart(name) !== undefined).sort();
    if (hours.length > 0) {
      hourly = true;
      place = { ...place, prefix: `${place.prefix}${hours.at(-1)}/` };
    }
    for await (const { objects } of listLevel(aws, place)) {
      for (const object of objects) {
        if (object.size > 0) byFlowLog.set(parseFlowLogId(object.key) ?? place.prefix, object);
      }
    }
  }
  const objects = [...byFlowLog.values()];
  if (objects.length === 0) {
    throw new FlowlogError(
      `The newest folder ${locationUri(days[0]!.last)} holds no file.`,
      `Look at it with 'aws s3 ls'; ${places.length} folders of regions were found.`,
    );
  }
  return { hourly, objects };
}

/** The one format that all flow logs under the location have. */
async function commonFormat(
  aws: Aws,
  { bucket }: S3Location,
  objects: readonly ListedObject[],
  known: Known,
): Promise<{ fields: readonly Field[]; format: FileFormat }> {
  const found = await Promise.all(
    objects.map(async ({ key }) => ({
      uri: uriOf({ bucket, key }),
      ...(await inspectObject(aws, { bucket, key })),
    })),
  );
  const [first] = found as [(typeof found)[0], ...typeof found];
  for (const other of found) {
    const sameFormat = other.format === first.format;
    // Columns of Parquet are found by name: a table may have more of them than a file.
    const sameFields = first.format === 'parquet' || headerLine(other.fields) === headerLine(first.fields);
    if ((known.format || sameFormat) && (known.fields || sameFields)) continue;
    throw new FlowlogError(
      `The flow logs under this location differ in ${sameFormat ? 'their fields' : 'format'}: ${first.uri} and ${other.uri}.`,
      'One table cannot hold both. Let each flow log deliver to a folder of its own, or name what the table should be made ' +
        'for with --log-format and --file-format.',
    );
  }
  const fields = new Map(found.flatMap(({ fields }) => fields).map((field) => [field.column, field]));
  return { format: first.format, fields: [...fields.values()] };
}
