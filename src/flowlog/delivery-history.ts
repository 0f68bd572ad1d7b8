import { FlowlogError } from '../errors.js';
import type { Field } from './fields.js';
import { headerLine } from './log-format.js';
import type { FileFormat, Layout } from './s3-layout.js';
import { isTransitGateway } from './transit-gateway.js';

/** What one flow log delivered to the folders of one account and region. AWS lets nobody change a flow log, only replace it. */
export interface Delivery {
  /** `fl-…`; of files that are not named as AWS names them, what they have in common. */
  readonly flowLog: string;
  readonly account: string;
  readonly region: string;
  readonly layout: Layout;
  readonly hourly: boolean;
  readonly format: FileFormat;
  readonly fields: readonly Field[];
  /** Times of the first and the last file (Unix seconds, UTC). */
  readonly first: number;
  readonly last: number;
  /** Whether it lies where no table reads: below `service=vpcflowlogs`, where transit gateways deliver with Hive-compatible keys. */
  readonly apart?: boolean;
}

/** What the user decided, and so is not judged here. */
export interface Decided {
  readonly accounts?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly layout?: Layout | undefined;
  readonly hourly?: boolean | undefined;
  readonly startDate?: string | undefined;
  /** The day the flow log was created that the table is for, and what EC2 says of its files. */
  readonly notBefore?: string | undefined;
  readonly wanted?: Pick<Delivery, 'format' | 'fields'> | undefined;
}

/** What one table can hold, and what it cannot. */
export interface TableScope {
  readonly layout: Layout;
  readonly hourly: boolean;
  readonly format: FileFormat;
  readonly fields: readonly Field[];
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  readonly startDate: string;
  /** Whether a table that started earlier would misread other flow logs. */
  readonly fixedStart: boolean;
  readonly notes: readonly string[];
}

/** A new flow log may begin before the old one is gone, as `create_before_destroy` has it (seconds). */
const HANDOVER = 2 * 3_600;
/** A flow log that delivered so recently is still there (seconds). */
const RECENT = 2 * 86_400;

const dayOf = (time: number) => new Date(time * 1000).toISOString().slice(0, 10);
const dayAfter = (time: number) => dayOf(time + 86_400);
const dayBefore = (day: string) => dayOf(Date.parse(day) / 1000 - 86_400);

/**
 * Decides which flow logs one table holds, and from which day on: those of the newest shape (layout, daily or hourly, file
 * type, fields), from where no other is read any more.
 *
 * @param uri the location as s3://…, for messages
 * @throws FlowlogError when flow logs of different shapes deliver side by side, or only transit gateways deliver
 */
export function tableScope(deliveries: readonly Delivery[], decided: Decided, uri: string): TableScope {
  const vpc = deliveries.filter(({ fields, apart }) => !apart && !isTransitGateway(fields));
  if (vpc.length === 0) throw onlyTransitGateways(deliveries, uri);
  const { wanted } = decided;
  const shape = (each: Delivery) => shapeOf(each, decided.hourly === false ? false : each.hourly);
  const candidates = vpc.filter(
    (each) =>
      (decided.layout ?? each.layout) === each.layout &&
      (decided.hourly !== true || each.hourly) &&
      (wanted === undefined || shape(each) === shape({ ...each, ...wanted })),
  );
  if (candidates.length === 0) throw nothingLike(vpc, uri);
  const newest = candidates.reduce((a, b) => (b.last > a.last ? b : a));
  const current = vpc.filter((each) => shape(each) === shape(newest));
  const table: Folders = {
    layout: newest.layout,
    hourly: decided.hourly ?? newest.hourly,
    accounts: decided.accounts ?? distinct(current.map(({ account }) => account)),
    regions: decided.regions ?? distinct(current.map(({ region }) => region)),
  };
  const others = deliveries.filter((each) => !current.includes(each));
  const late = (each: Delivery) => decided.startDate === undefined || dayOf(each.last) >= decided.startDate;
  // In the order of columns of the newest, these would come out with values changed over.
  const misread = others.filter((each) => isRead(each, table) && late(each) && !hasColumnsOf(each, newest));
  const gateways = misread.filter(
    (each) => isTransitGateway(each.fields) && each.last >= newest.last - RECENT,
  );
  if (gateways.length > 0) throw besideTransitGateway(gateways, uri);
  const rivals = others.filter((each) => late(each) && isRival(each, current, newest.last, decided, table));
  if (rivals.length > 0) throw sideBySide(current, rivals, uri);

  const starts = [dayOf(Math.min(...current.map(({ first }) => first)))];
  if (decided.notBefore !== undefined) starts.push(decided.notBefore);
  for (const other of others) {
    const successors = current.filter((each) => sameFolders(each, other));
    if (misread.includes(other)) starts.push(dayAfter(other.last));
    else if (
      !other.apart &&
      successors.length > 0 &&
      decided.layout === undefined &&
      decided.hourly === undefined
    ) {
      starts.push(dayOf(Math.min(...successors.map(({ first }) => first))));
    }
  }
  const earliest = starts.sort().at(-1)!;
  if (dayOf(newest.last) < earliest) throw changedToday(newest, misread, uri);
  const startDate = decided.startDate ?? earliest;
  const within = misread.filter(({ last }) =>
    table.layout === 'hive' ? dayOf(last).slice(0, 4) >= startDate.slice(0, 4) : dayOf(last) >= startDate,
  );
  if (within.length > 0) {
    throw table.layout === 'hive'
      ? withinYear(within, startDate, uri)
      : startsTooEarly(within, earliest, uri);
  }
  return {
    ...table,
    format: newest.format,
    fields: newest.format === 'text' ? newest.fields : distinctFields(current),
    startDate,
    fixedStart: misread.length > 0,
    notes: notesOn(current, others, startDate, uri),
  };
}

/** What all files of a table have in common. Columns of Parquet are found by name: a table may have more than a file. */
function shapeOf({ layout, format, fields }: Delivery, hourly: boolean): string {
  return [layout, hourly, format, format === 'text' ? headerLine(fields) : ''].join(' ');
}

interface Folders {
  readonly layout: Layout;
  readonly hourly: boolean;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

/** Whether a table over these folders reads what was delivered; Athena reads all that lies below a folder. */
function isRead({ layout, hourly, account, region, apart }: Delivery, table: Folders): boolean {
  return (
    !apart &&
    layout === table.layout &&
    (hourly || !table.hourly) &&
    table.accounts.includes(account) &&
    table.regions.includes(region)
  );
}

/** Whether a table of these columns reads the other's files right. */
const hasColumnsOf = (other: Delivery, table: Delivery) =>
  other.format === table.format &&
  !isTransitGateway(other.fields) &&
  (table.format === 'parquet' || headerLine(other.fields) === headerLine(table.fields));

const sameFolders = (a: Delivery, b: Delivery) => a.account === b.account && a.region === b.region;

/** Whether a flow log of another shape delivers beside those of the table, rather than before them. */
function isRival(
  other: Delivery,
  current: readonly Delivery[],
  newest: number,
  { layout, hourly }: Decided,
  table: Folders,
): boolean {
  if (other.apart || isTransitGateway(other.fields)) return false;
  // Who said the layout knows of the other one.
  if ((layout !== undefined || hourly !== undefined) && !isRead(other, table)) return false;
  const here = current.filter((each) => sameFolders(each, other));
  if (here.length === 0) return other.last >= newest - RECENT;
  const first = Math.min(...here.map((each) => each.first));
  return first <= other.first || first < other.last - HANDOVER;
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

function distinctFields(deliveries: readonly Delivery[]): Field[] {
  return [...new Map(deliveries.flatMap(({ fields }) => fields).map((each) => [each.column, each])).values()];
}

const keysOf = ({ layout, hourly }: Delivery) =>
  `${layout === 'hive' ? 'Hive-compatible' : 'plain'} ${hourly ? 'hourly' : 'daily'} keys`;

function described(delivery: Delivery): string {
  const { flowLog, account, region, format, fields, first, last } = delivery;
  const days = dayOf(first) === dayOf(last) ? dayOf(first) : `${dayOf(first)} to ${dayOf(last)}`;
  return `${flowLog} (${account}, ${region}: ${format}, ${keysOf(delivery)}, ${fields.length} fields, ${days})`;
}

function few(deliveries: readonly Delivery[]): string {
  const more = deliveries.length - 3;
  return deliveries.slice(0, 3).map(described).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

const LOCALLY = (uri: string) => `--logs ${uri} reads all of them without a table`;

function sideBySide(current: readonly Delivery[], rivals: readonly Delivery[], uri: string): FlowlogError {
  const [rival] = rivals as [Delivery, ...Delivery[]];
  const beside = current.find((each) => sameFolders(each, rival)) ?? current[0]!;
  const differ = [
    ...(beside.layout === rival.layout ? [] : ['layout']),
    ...(beside.hourly === rival.hourly ? [] : ['hourly folders']),
    ...(beside.format === rival.format ? [] : ['file format']),
    ...(headerLine(beside.fields) === headerLine(rival.fields) ? [] : ['their fields']),
  ];
  const last = Math.max(...rivals.map((each) => each.last));
  const ways = [
    ...(last < Math.max(...current.map((each) => each.last)) - 86_400
      ? [`--start-date ${dayAfter(last)} starts the table after ${rival.flowLog} ended`]
      : []),
    ...(sameFolders(beside, rival)
      ? beside.layout === rival.layout
        ? ['Let each flow log deliver to a folder of its own']
        : ['Create one table for each with --layout plain and --layout hive']
      : [
          beside.account === rival.account
            ? `Create one table for each region with --aws-region ${beside.region} and --aws-region ${rival.region}`
            : `Create one table for each account with --account ${beside.account} and --account ${rival.account}`,
        ]),
  ];
  return new FlowlogError(
    `The flow logs under ${uri} differ in ${differ.join(' and ')} at the same time: ${described(beside)} and ${few(rivals)}.`,
    `One table cannot hold both. ${ways.join('. ')}. ${LOCALLY(uri)}.`,
  );
}

function changedToday(newest: Delivery, others: readonly Delivery[], uri: string): FlowlogError {
  const before = others.filter(({ last }) => dayOf(last) === dayOf(newest.last));
  return new FlowlogError(
    `The format changed on ${dayOf(newest.last)}, the newest day under ${uri}: ${few([...before, newest])}.`,
    `A table holds whole days of one format: create it after the next day's first files. ${LOCALLY(uri)}; ` +
      `--end-date ${dayBefore(dayOf(newest.last))} creates the table of the days before.`,
  );
}

function withinYear(read: readonly Delivery[], startDate: string, uri: string): FlowlogError {
  return new FlowlogError(
    `A table over Hive-compatible keys starts with a year, and in ${startDate.slice(0, 4)} there are other flow logs: ${few(read)}.`,
    `Move the files of the older flow log to another folder ('aws s3 mv --recursive ${uri}AWSLogs/ … --exclude "*" --include "*_${read[0]!.flowLog}_*"'). ${LOCALLY(uri)}.`,
  );
}

function onlyTransitGateways(deliveries: readonly Delivery[], uri: string): FlowlogError {
  return new FlowlogError(
    `Under ${uri} there are only transit gateway flow logs: ${few(deliveries)}.`,
    `create-table creates tables of VPC flow logs. Use --location with a folder of those, or query these with --logs ${uri}.`,
  );
}

function besideTransitGateway(gateways: readonly Delivery[], uri: string): FlowlogError {
  const [first] = gateways as [Delivery, ...Delivery[]];
  return new FlowlogError(
    `Transit gateway flow logs lie in the same folders as VPC flow logs: ${few(gateways)}. Athena would read them as VPC records.`,
    `Move them ('aws s3 mv --recursive ${uri}AWSLogs/ s3://BUCKET/transit-gateway/AWSLogs/ --exclude "*" --include "*_${first.flowLog}_*"') and let the flow log ` +
      `deliver there. ${LOCALLY(uri)}.`,
  );
}

function startsTooEarly(within: readonly Delivery[], earliest: string, uri: string): FlowlogError {
  return new FlowlogError(
    `The table would misread older flow logs of another format: ${few(within)}.`,
    `Use --start-date ${earliest} or later. ${LOCALLY(uri)}.`,
  );
}

function nothingLike(vpc: readonly Delivery[], uri: string): FlowlogError {
  return new FlowlogError(
    `No flow log under ${uri} has this layout and format: there are ${few(vpc)}.`,
    'Leave out --layout, --hourly and --flow-log to create the table of what is there. A new flow log delivers its first files after about ten minutes.',
  );
}

/** What the table leaves out, and how to reach it, a sentence or two each. */
function notesOn(
  current: readonly Delivery[],
  others: readonly Delivery[],
  startDate: string,
  uri: string,
): string[] {
  const gateways = others.filter(({ fields }) => isTransitGateway(fields));
  const before = [
    ...others.filter((each) => !gateways.includes(each)),
    ...current.filter(({ first }) => dayOf(first) < startDate),
  ].sort((a, b) => a.first - b.first);
  const notes: string[] = [];
  if (before.length > 0) {
    const older = before.some(({ first }) => dayOf(first) < startDate);
    notes.push(
      `The table starts on ${startDate}. Not in it: ${few(before)}. --logs ${uri} reads ${older ? `these days, too (--until ${startDate})` : 'these, too'}; ` +
        (older
          ? `another table holds them: --end-date ${dayBefore(startDate)} --table NAME.`
          : 'another table holds them: --layout or --hourly with --table NAME.'),
    );
  }
  if (gateways.length > 0) notes.push(`Left out transit gateway flow logs: ${few(gateways)}.`);
  return notes;
}
