import { FlowlogError, UsageError } from '../errors.js';
import { type Layout, ORGANISATION } from '../flowlog/s3-layout.js';
import type { S3Location } from '../flowlog/s3-place.js';
import { inParallel } from '../parallel.js';
import type { Aws } from './clients.js';
import { listFolders } from './list-logs.js';
import { locationUri } from './object-stream.js';

/** What a location says, from `AWSLogs/` on: everything, or an organisation, an account or a region of it. */
export interface LogScope {
  /** The folder in which `AWSLogs/` lies. */
  readonly location: S3Location;
  readonly organisation?: string | undefined;
  readonly account?: string | undefined;
  readonly layout?: Layout | undefined;
  readonly region?: string | undefined;
}

/** The folder of one region of one account, in which years lie. */
export interface RegionFolder {
  readonly prefix: string;
  readonly organisation: string | undefined;
  readonly layout: Layout;
  readonly account: string;
  readonly region: string;
  /** Below `service=vpcflowlogs`, as transit gateways deliver with Hive-compatible keys. */
  readonly apart: boolean;
}

const AT_ONCE = 16;
const ACCOUNT = /^(?:aws-account-id=)?(\d{12})$/;
const REGION = /^(?:aws-region=)?([a-z]{2,}(?:-[a-z0-9]+)+)$/;
const SERVICE = /^(?:(?:aws-)?service=)?vpcflowlogs$/;

/** @throws UsageError for a folder below `AWSLogs/` that is none of flow logs, or one of a day */
export function logScope({ bucket, prefix }: S3Location): LogScope {
  const at = /(?:^|\/)(AWSLogs\/)/.exec(prefix);
  if (!at) return { location: { bucket, prefix } };
  const end = at.index + at[0].length;
  const location = { bucket, prefix: prefix.slice(0, end - at[1]!.length) };
  const parts = prefix.slice(end).split('/').slice(0, -1);
  const given = locationUri({ bucket, prefix });
  const organisation = ORGANISATION.test(parts[0] ?? '') ? parts.shift() : undefined;
  const [first, service, third, ...rest] = parts;
  const account = ACCOUNT.exec(first ?? '')?.[1];
  const region = REGION.exec(third ?? '')?.[1];
  if (rest.length > 0 && region !== undefined) {
    throw new UsageError(
      `'${given}' is a folder of one time.`,
      `Use the folder of the region, and --start-date and --end-date for its days: ${given.slice(0, given.length - rest.join('/').length - 1)}`,
    );
  }
  if (
    (first !== undefined && account === undefined) ||
    (service !== undefined && !SERVICE.test(service)) ||
    (third !== undefined && region === undefined)
  ) {
    throw new UsageError(
      `'${given}' is not a folder of flow logs.`,
      'Use the folder that AWSLogs/ lies in, or AWSLogs/ACCOUNT/vpcflowlogs/REGION/ of it.',
    );
  }
  const layout = first === undefined ? undefined : first.startsWith('aws-account-id=') ? 'hive' : 'plain';
  return { location, organisation, account, layout, region };
}

/** The folders of regions below `AWSLogs/`, of all accounts and organisations of the scope. */
export async function regionFolders(
  aws: Aws,
  { location, organisation, layout }: LogScope,
  wanted: { accounts?: readonly string[] | undefined; regions?: readonly string[] | undefined },
): Promise<RegionFolder[]> {
  const { bucket } = location;
  const root = `${location.prefix}AWSLogs/`;
  const folders = (prefix: string) => listFolders(aws, { bucket, prefix });
  const top = organisation === undefined ? await folders(root) : [];
  const organisations =
    organisation === undefined ? top.filter((name) => ORGANISATION.test(name)) : [organisation];
  const levels = [
    { organisation: undefined, prefix: root, names: top },
    ...(await inParallel(organisations, AT_ONCE, async (each) => {
      const prefix = `${root}${each}/`;
      return { organisation: each as string | undefined, prefix, names: await folders(prefix) };
    })),
  ];
  const services = levels.flatMap((level) =>
    level.names.flatMap((name) => {
      const account = ACCOUNT.exec(name)?.[1];
      if (account === undefined || (wanted.accounts && !wanted.accounts.includes(account))) return [];
      const kind: Layout = name.startsWith('aws-account-id=') ? 'hive' : 'plain';
      if (layout !== undefined && layout !== kind) return [];
      const of = { organisation: level.organisation, account, layout: kind };
      return kind === 'plain'
        ? [{ ...of, prefix: `${level.prefix}${name}/vpcflowlogs/`, apart: false }]
        : [
            { ...of, prefix: `${level.prefix}${name}/aws-service=vpcflowlogs/`, apart: false },
            { ...of, prefix: `${level.prefix}${name}/service=vpcflowlogs/`, apart: true },
          ];
    }),
  );
  const found = await inParallel(services, AT_ONCE, async (service) =>
    (await folders(service.prefix)).flatMap((name): RegionFolder[] => {
      const region = REGION.exec(name)?.[1];
      if (region === undefined || (wanted.regions && !wanted.regions.includes(region))) return [];
      return [{ ...service, region, prefix: `${service.prefix}${name}/` }];
    }),
  );
  return onOneLevel(found.flat(), location);
}

/** @throws FlowlogError where accounts lie on several levels: the folders of a table follow one pattern */
function onOneLevel(found: readonly RegionFolder[], location: S3Location): RegionFolder[] {
  const levels = [...new Set(found.map(({ organisation }) => organisation))];
  if (levels.length <= 1) return [...found];
  const uris = levels.map(
    (each) => `${locationUri(location)}AWSLogs/${each === undefined ? '' : `${each}/`}`,
  );
  const accounts = (organisation: string | undefined) =>
    [...new Set(found.filter((each) => each.organisation === organisation).map(({ account }) => account))]
      .length;
  const direct = found.find(({ organisation }) => organisation === undefined);
  throw new FlowlogError(
    `Flow logs lie on several levels: ${uris.map((uri, i) => `${uri} (${accounts(levels[i])} accounts)`).join(', ')}.`,
    `One table holds one level: create one for each, with --location ${levels
      .filter((each) => each !== undefined)
      .map((each) => `${locationUri(location)}AWSLogs/${each}/`)
      .join(
        ', --location ',
      )}${direct ? ` and --location ${locationUri(location)}AWSLogs/${direct.layout === 'hive' ? 'aws-account-id=' : ''}${direct.account}/` : ''}.`,
  );
}
