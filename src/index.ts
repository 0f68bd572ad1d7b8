/** The library's face: what another program may import. */

export type { AthenaOptions } from './athena/settings.js';
export type { AwsOptions } from './aws/clients.js';
export type { Engine, Run, RunOptions, RunSummary, Session } from './engines/engine.js';
export { FlowlogError, Interrupted, UsageError } from './errors.js';
export * from './flowlog/fields.js';
export * from './flowlog/log-format.js';
export { parseProtocol, protocolName } from './flowlog/protocols.js';
export * from './flowlog/s3-layout.js';
export { createDatabase, createStatements, type TableSpec } from './flowlog/table.js';
export type { Flaw } from './logs/flaws.js';
export type { S3Options } from './logs/s3/settings.js';
export * from './net/cidr.js';
export { Networks, parseBlocks } from './net/networks.js';
export type { OptionSpec } from './option.js';
export { FORMATS, type Format, loadRenderer } from './output/formats.js';
export { nameAddresses } from './output/name-addresses.js';
export type { Renderer, RenderOptions, Write } from './output/renderer.js';
export type { Picture } from './picture.js';
export { type AcceptedRequest, accepted } from './questions/accepted.js';
export { type AdminRequest, admin } from './questions/admin.js';
export { type BeaconsRequest, beacons } from './questions/beacons.js';
export { coverage } from './questions/coverage.js';
export type { CoverageRequest } from './questions/coverage-query.js';
export { type EgressRequest, egress } from './questions/egress.js';
export { FLOW_COLUMNS, type FlowsRequest } from './questions/flows.js';
export { QUESTIONS } from './questions/index.js';
export { type IngressRequest, ingress } from './questions/ingress.js';
export { type InternalRequest, internal } from './questions/internal.js';
export { type NatRequest, nat } from './questions/nat.js';
export { type NewRequest, newDestinations } from './questions/new.js';
export { type PortsRequest, ports } from './questions/ports.js';
export { type ProtocolsRequest, protocols } from './questions/protocols.js';
export type { Asking, Example, Question, Typed } from './questions/question.js';
export { type RejectedRequest, rejected } from './questions/rejected.js';
export { type ScanRequest, scan } from './questions/scan.js';
export type { PortRange, Scope } from './questions/scope.js';
export { type Talker, type TalkersRequest, talkers } from './questions/talkers.js';
export { type TimelineRequest, timeline } from './questions/timeline.js';
export { type TraceRequest, trace } from './questions/trace.js';
export * from './result.js';
export type { Dialect } from './sql/dialect.js';
export type { Query, Source } from './sql/query.js';
export { parseRange, parseTime, type TimeRange } from './time/range.js';
export { parseZone } from './time/zone.js';
export { VERSION } from './version.js';

import { ATHENA_DEFAULTS, type AthenaOptions } from './athena/settings.js';
import type { AwsOptions } from './aws/clients.js';
import { cacheFolder, DEFAULT_CACHE_SIZE } from './cache/cache-folder.js';
import type { Engine } from './engines/engine.js';
import type { S3Options } from './logs/s3/settings.js';

/** Which logs the embedded engine reads. Only `logs` is required. */
export interface LocalEngineOptions {
  /** Files, folders, patterns, `s3://bucket/prefix/`; `-` for `stdin`. */
  readonly logs: readonly string[];
  /** Read only the files of these accounts and regions, where folders are those of AWS; all unless given. */
  readonly accounts?: readonly string[];
  readonly regions?: readonly string[];
  /** What differs from the defaults: cache, limit of the download, credentials. */
  readonly s3?: Partial<S3Options> & { readonly aws?: Partial<AwsOptions> };
  /** Standard input of the process unless given. */
  readonly stdin?: AsyncIterable<Uint8Array>;
}

/** The embedded engine over log files on this machine or in S3. Loads DuckDB and the AWS SDK when first needed. */
export async function openLocalEngine(options: LocalEngineOptions): Promise<Engine> {
  const [{ localEngine }, { Aws }, { Readable }] = await Promise.all([
    import('./engines/duckdb/engine.js'),
    import('./aws/clients.js'),
    import('node:stream'),
  ]);
  const { stdin, s3 } = options;
  return localEngine({
    ...options,
    get stdin() {
      return stdin === undefined ? process.stdin : Readable.from(stdin);
    },
    s3: {
      access: {},
      cacheFolder: cacheFolder(process.env),
      cacheSize: DEFAULT_CACHE_SIZE,
      maxDownload: undefined,
      lookOnly: false,
      progress: { show: () => {}, note: () => {}, clear: async () => {} },
      ...s3,
      aws: new Aws({ env: process.env, ...s3?.aws }),
    },
  });
}

/**
/**
 * Athena as an engine. Opening a session reads the metadata of the table.
 *
 * @param options what differs from the defaults: database `default`, table `vpc_flow_logs`, workgroup `primary`
 */
export async function openAthenaEngine(
  options: Partial<AthenaOptions> & { readonly aws?: Partial<AwsOptions> } = {},
): Promise<Engine> {
  const [{ athenaEngine }, { Aws }] = await Promise.all([
    import('./engines/athena/engine.js'),
    import('./aws/clients.js'),
  ]);
  return athenaEngine({
    accounts: undefined,
    regions: undefined,
    columns: new Map(),
    timeKeys: new Map(),
    outputLocation: undefined,
    expectedBucketOwner: undefined,
    encryption: undefined,
    kmsKey: undefined,
    timeout: undefined,
    maxScan: undefined,
    reuse: undefined,
    now: () => Math.floor(Date.now() / 1000),
    ...ATHENA_DEFAULTS,
    ...options,
    aws: new Aws({ env: process.env, ...options.aws }),
  });
}
