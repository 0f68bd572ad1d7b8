/** The library's face: what another program may import. */

export type { LocalOptions } from './engines/duckdb/engine.js';
export type { Engine, Flaw, RunOptions, RunSummary } from './engines/engine.js';
export { FlowlogError, Interrupted, UsageError } from './errors.js';
export * from './flowlog/fields.js';
export * from './flowlog/log-format.js';
export { parseProtocol, protocolName } from './flowlog/protocols.js';
export * from './flowlog/s3-layout.js';
export { EGRESS_COLUMNS, type EgressRequest, egress, type PortRange } from './investigations/egress.js';
export * from './net/cidr.js';
export { FORMATS, type Format, loadRenderer } from './output/formats.js';
export type { Renderer, RenderOptions, Write } from './output/renderer.js';
export type * from './result.js';
export type { Dialect } from './sql/dialect.js';
export type { Query, Source } from './sql/query.js';
export { parseRange, parseTime, type TimeRange } from './time/range.js';
export { parseZone } from './time/zone.js';
export { VERSION } from './version.js';

import type { LocalOptions } from './engines/duckdb/engine.js';
import type { Engine } from './engines/engine.js';

/** Opens the embedded engine over local log files. DuckDB is loaded when this is called, not before. */
export async function openLocalEngine(options: LocalOptions): Promise<Engine> {
  const { openLocalEngine: open } = await import('./engines/duckdb/engine.js');
  return open(options);
}
