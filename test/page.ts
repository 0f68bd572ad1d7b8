import { FIELDS, type Field } from '../src/flowlog/fields.js';
import { testFolder, writeFiles } from './folder.js';
import { type LogRecord, logFile, record } from './records.js';

/** Unix seconds of a time of 1 June 2026 in UTC, `00:05:00`. */
export const at = (time: string): number => Date.parse(`2026-06-01T${time}Z`) / 1000;

/** The same time as an answer in UTC has it. */
export const utc = (time: string): string => `2026-06-01T${time}+00:00`;

/** An address and a port of it. */
export type End = readonly [address: string, port: number];

/** A record of TCP from one end to the other that begins then, of 59 seconds, 10 packets and 840 bytes unless told. */
export function flow(
  [srcaddr, srcport]: End,
  [dstaddr, dstport]: End,
  time: string,
  values: LogRecord = {},
): LogRecord {
  const start = at(time);
  return record({ srcaddr, srcport, dstaddr, dstport, start, end: start + 59, ...values });
}

export const ICMP: LogRecord = { protocol: 1 };
export const UDP: LogRecord = { protocol: 17 };

/** All fields that a version of flow logs has. */
export const fieldsUpTo = (latest: number): Field[] =>
  FIELDS.filter(({ version }) => version !== undefined && version <= latest);

/** Some fields, in this order. */
export const fieldsNamed = (...names: string[]): Field[] =>
  names.map((name) => FIELDS.find((field) => field.name === name)!);

/** A folder with one log file that holds these records: those of version 2, unless told. */
export const page = async (records: readonly LogRecord[], fields?: readonly Field[]): Promise<string[]> => [
  await writeFiles(testFolder(), { 'page.log.gz': logFile(records, fields) }),
];
