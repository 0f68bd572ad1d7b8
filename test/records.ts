import { gzipSync } from 'node:zlib';
import type { Field } from '../src/flowlog/fields.js';
import { DEFAULT_FORMAT, headerLine } from '../src/flowlog/log-format.js';

/** A record by column name; a field that is left out is absent (`-`). */
export type LogRecord = Readonly<Record<string, string | number>>;

const USUAL: LogRecord = {
  version: 2,
  account_id: '123456789012',
  interface_id: 'eni-0a1b2c3d',
  srcport: 49152,
  dstport: 443,
  protocol: 6,
  packets: 10,
  bytes: 840,
  start: 1_780_000_000,
  end: 1_780_000_059,
  action: 'ACCEPT',
  log_status: 'OK',
};

/** A record with usual values for all that does not matter in a test. */
export function record(values: LogRecord): LogRecord {
  const end = typeof values.start === 'number' ? { end: values.start + 59 } : {};
  return { ...USUAL, ...end, ...values };
}

/** A record that tells of no flow: NODATA, or SKIPDATA. */
export function statusRecord(status: 'NODATA' | 'SKIPDATA', values: LogRecord = {}): LogRecord {
  const { version, account_id, interface_id, start, end } = record(
    values.start === undefined ? {} : { start: values.start },
  ) as Record<string, string | number>;
  return { version, account_id, interface_id, start, end, log_status: status, ...values } as LogRecord;
}

/** A text log file as AWS writes it. */
export function logText(records: readonly LogRecord[], fields: readonly Field[] = DEFAULT_FORMAT): string {
  const lines = records.map((values) => fields.map(({ column }) => values[column] ?? '-').join(' '));
  return [headerLine(fields), ...lines, ''].join('\n');
}

export function logFile(records: readonly LogRecord[], fields?: readonly Field[]): Buffer {
  return gzipSync(logText(records, fields), { level: 1 });
}
