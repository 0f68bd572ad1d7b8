import { FlowlogError, UsageError } from '../errors.js';
import { type Delivery, type TableScope, tableScope } from '../flowlog/delivery-history.js';
import type { Field } from '../flowlog/fields.js';
import type { FileFormat, Layout } from '../flowlog/s3-layout.js';
import type { S3Location } from '../flowlog/s3-place.js';
import { inParallel } from '../parallel.js';
import type { Aws } from './clients.js';
import { DeliveryDays, daysOf, strideOf } from './delivery-days.js';
import { type LogScope, logScope, type RegionFolder, regionFolders } from './log-folders.js';
import { logRoots } from './log-roots.js';
import { locationUri } from './object-stream.js';

/** What a table definition needs to know of the logs. */
export interface LogFindings extends Omit<TableScope, 'notes'> {
  /** The folder in which `AWSLogs/` lies. */
  readonly location: S3Location;
  /** The level below `AWSLogs/` that the accounts lie on, `o-…`. */
  readonly organisation?: string | undefined;
  /** The last UTC day, `YYYY-MM-DD`; undefined for a table that goes on. */
  readonly endDate?: string | undefined;
  /** What the table leaves out, a sentence each. */
  readonly notes: readonly string[];
}

/** What the user said, and so is not looked for. */
export interface Known {
  readonly fields?: readonly Field[] | undefined;
  readonly format?: FileFormat | undefined;
  readonly layout?: Layout | undefined;
  readonly hourly?: boolean | undefined;
  readonly accounts?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly startDate?: string | undefined;
  readonly endDate?: string | undefined;
}

/** What EC2 says of the flow log that a table is for. */
export interface Described {
  readonly id: string;
  readonly fields: readonly Field[];
  readonly format: FileFormat;
  readonly layout: Layout;
  readonly hourly: boolean;
  readonly region: string;
  readonly created: string;
}

/** How the search is watched and stopped. */
export interface Running {
  readonly signal?: AbortSignal | undefined;
  /** Told how many folders of days were looked at, and how many there will be at least. */
  readonly onDays?: ((days: { done: number; all: number }) => void) | undefined;
}

/** Regions whose days are looked at, at the same time. */
const AT_ONCE = 8;

/**
 * Finds in a bucket what was delivered there in all its time, by listings and a few reads of each flow log, and decides
 * what one table can hold of it.
 *
 * @throws FlowlogError when there are no flow logs, or ones that one table cannot hold
 */
export async function findLayout(
  aws: Aws,
  place: S3Location,
  known: Known,
  { described, ...running }: Running & { readonly described?: Described } = {},
): Promise<LogFindings> {
  const scope = logScope(place);
  const { location, organisation } = scope;
  const asked = within(scope, known);
  if (described === undefined && isComplete(asked))
    return { location, organisation, ...asked, fixedStart: false, notes: [] };
  const folders = await regionFolders(
    aws,
    scope,
    described ? { ...asked, regions: asked.regions ?? [described.region] } : asked,
  );
  if (folders.length === 0) throw noLogs(scope, asked, (await logRoots(aws, location)).below);
  const { deliveries, skipped } = await deliveriesIn(aws, location.bucket, folders, asked, running);
  const uri = locationUri(place);
  const table = tableScope(
    described ? [...deliveries, ...awaited(deliveries, folders, described)] : deliveries,
    {
      ...asked,
      ...(described
        ? {
            layout: asked.layout ?? described.layout,
            hourly: asked.hourly ?? described.hourly,
            wanted: { format: asked.format ?? described.format, fields: asked.fields ?? described.fields },
            notBefore: described.created,
          }
        : {}),
    },
    uri,
  );
  const beside = place.prefix.includes('AWSLogs/') ? undefined : await logRoots(aws, location);
  return {
    ...table,
    location,
    organisation: folders[0]!.organisation,
    endDate: asked.endDate,
    notes: [
      ...table.notes,
      ...skipped,
      ...(beside?.below ?? []).map(
        (each) =>
          `Not in the table: ${locationUri(each)} (create another table with --location ${locationUri({ ...each, prefix: each.prefix.replace(/AWSLogs\/$/, '') })}).`,
      ),
      ...(beside?.skipped
        ? [`Did not search ${beside.skipped} folders beside AWSLogs/ for more flow logs.`]
        : []),
    ],
  };
}

/** The options, narrowed to what the location says. */
function within({ account, region, layout }: LogScope, known: Known): Known {
  const narrowed = (what: string, option: readonly string[] | undefined, here: string | undefined) => {
    if (here === undefined) return option;
    if (option && !option.includes(here)) {
      throw new UsageError(
        `--location is a folder of ${here}, and ${what} ${option.join(', ')}.`,
        `Leave out ${what}, or use the folder that AWSLogs/ lies in.`,
      );
    }
    return [here];
  };
  return {
    ...known,
    accounts: narrowed('--account', known.accounts, account),
    regions: narrowed('--aws-region', known.regions, region),
    layout: known.layout ?? layout,
  };
}

function isComplete(known: Known): known is Known & Omit<TableScope, 'notes' | 'fixedStart'> {
  const { fields, format, layout, hourly, accounts, regions, startDate } = known;
  return [fields, format, layout, hourly, accounts, regions, startDate].every((each) => each !== undefined);
}

async function deliveriesIn(
  aws: Aws,
  bucket: string,
  folders: readonly RegionFolder[],
  { fields, format, startDate, endDate }: Known,
  running: Running,
): Promise<{ deliveries: Delivery[]; skipped: string[] }> {
  const { signal, onDays } = running;
  const days = (folder: RegionFolder) => daysOf(aws, bucket, folder, { from: startDate, to: endDate });
  const dated = await inParallel(
    folders,
    AT_ONCE,
    async (folder) => ({ folder, days: await days(folder) }),
    signal,
  );
  const withDays = dated.filter(({ days }) => days.length > 0);
  const total = withDays.reduce((sum, { days }) => sum + days.length, 0);
  const stride = strideOf(total);
  const reads = fields === undefined || format === undefined;
  let done = 0;
  const onDay = () => onDays?.({ done: ++done, all: Math.max(done, Math.ceil(total / stride)) });
  const spansIn = async ({ folder, days }: (typeof withDays)[0]) => {
    const listing = { stride, reads, signal, onDay };
    const found = await new DeliveryDays(aws, bucket, folder, days, listing).spans();
    const { account, region, layout, apart } = folder;
    return found.flatMap(({ flowLog, hourly, file, first, last }): Delivery[] => {
      const shape = { format: format ?? file?.format, fields: fields ?? file?.fields };
      // Of empty files there is nothing to know.
      if (shape.format === undefined || shape.fields === undefined) return [];
      const { format: read, fields: names } = shape;
      return [{ flowLog, account, region, layout, hourly, apart, first, last, format: read, fields: names }];
    });
  };
  const deliveries = (await inParallel(withDays, AT_ONCE, spansIn, signal)).flat();
  if (deliveries.length === 0) throw noDays(bucket, folders, { startDate, endDate });
  const skipped =
    stride === 1
      ? []
      : [
          `Looked at one in ${stride} of ${total} days and all changes between them; a flow log that delivered only in between is not seen.`,
        ];
  return { deliveries, skipped };
}

/** A flow log that was created just now has no files yet: its table is made of what EC2 says. */
function awaited(
  deliveries: readonly Delivery[],
  folders: readonly RegionFolder[],
  described: Described,
): Delivery[] {
  const { id, created, region, layout, hourly, format, fields } = described;
  const like = (each: Delivery) =>
    each.flowLog === id ||
    (each.layout === layout &&
      each.hourly === hourly &&
      each.format === format &&
      each.fields.map(({ column }) => column).join() === fields.map(({ column }) => column).join());
  if (deliveries.some(like)) return [];
  const time = Date.parse(created) / 1000;
  return [...new Set(folders.map(({ account }) => account))].map((account) => ({
    ...{ flowLog: id, account, region, layout, hourly, format, fields, first: time, last: time },
  }));
}

function noLogs(
  { location, organisation }: LogScope,
  { accounts, regions }: Known,
  others: readonly S3Location[],
): FlowlogError {
  const of = [...(accounts ?? []), ...(regions ?? [])];
  const root = `${locationUri(location)}AWSLogs/${organisation === undefined ? '' : `${organisation}/`}`;
  return new FlowlogError(
    `There are no flow logs under ${root}${of.length > 0 ? ` of ${of.join(', ')}` : ''}.`,
    (others.length > 0 ? `There are ${others.slice(0, 3).map(locationUri).join(', ')}. ` : '') +
      'Give --location the folder that AWSLogs/ lies in. A new flow log delivers its first files after about ten minutes; ' +
      'to create the table before that, give every option that --help lists under "Instead of looking".',
  );
}

function noDays(
  bucket: string,
  [first]: readonly RegionFolder[],
  { startDate, endDate }: { startDate?: string | undefined; endDate?: string | undefined },
): FlowlogError {
  const uri = locationUri({ bucket, prefix: first!.prefix });
  const range = [startDate && `from ${startDate}`, endDate && `to ${endDate}`].filter(Boolean).join(' ');
  return range === ''
    ? new FlowlogError(
        `${uri} has no folders of dates with log files.`,
        `Look at it with 'aws s3 ls', and check --location.`,
      )
    : new FlowlogError(`There are no flow logs ${range} under ${uri}.`, 'Check --start-date and --end-date.');
}
