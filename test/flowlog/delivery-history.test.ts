import { describe, expect, it } from 'vitest';
import { type Decided, type Delivery, tableScope } from '../../src/flowlog/delivery-history.js';
import { DEFAULT_FORMAT, parseFormat } from '../../src/flowlog/log-format.js';

const SWAPPED = parseFormat('dstaddr srcaddr start end');
const GATEWAY = parseFormat('version resource-type tgw-id srcaddr dstaddr start end');

const at = (time: string) => Date.parse(`${time}Z`) / 1000;

function delivered(first: string, last: string, more: Partial<Delivery> = {}): Delivery {
  return {
    flowLog: 'fl-0a',
    account: '123456789012',
    region: 'ap-northeast-1',
    layout: 'plain',
    hourly: false,
    format: 'text',
    fields: DEFAULT_FORMAT,
    ...more,
    first: at(first),
    last: at(last),
  };
}

const scope = (deliveries: readonly Delivery[], decided: Decided = {}) =>
  tableScope(deliveries, decided, 's3://logs/');

const OLD = { flowLog: 'fl-0a' };
const NEW = { flowLog: 'fl-0b', fields: SWAPPED };

describe('which flow logs one table holds', () => {
  it('replaced by one of the same format: all of its days', () => {
    const found = scope([
      delivered('2026-01-01T00:05', '2026-02-10T10:00', OLD),
      delivered('2026-02-10T10:05', '2026-03-01T10:00', { flowLog: 'fl-0b' }),
    ]);
    expect(found).toMatchObject({ startDate: '2026-01-01', fixedStart: false, notes: [] });
  });

  it('accounts that change on different days: from the day the last one has changed', () => {
    const second = { account: '210987654321' };
    const found = scope([
      delivered('2026-01-01T00:05', '2026-02-10T10:00', OLD),
      delivered('2026-02-10T10:05', '2026-06-01T10:00', NEW),
      delivered('2026-01-01T00:05', '2026-04-20T10:00', { ...OLD, ...second }),
      delivered('2026-04-20T10:05', '2026-06-01T10:00', { ...NEW, ...second }),
    ]);
    expect(found.startDate).toBe('2026-04-21');
    expect(found.accounts).toEqual(['123456789012', '210987654321']);
    expect(found.notes.join()).toContain('--end-date 2026-04-20');
  });

  it('a handover that overlaps by minutes, past midnight', () => {
    const found = scope([
      delivered('2026-01-01T00:05', '2026-02-11T00:10', OLD),
      delivered('2026-02-10T23:40', '2026-03-01T10:00', NEW),
    ]);
    expect(found.startDate).toBe('2026-02-12');
  });

  it('an account that only another format delivers to ended long ago', () => {
    const found = scope([
      delivered('2026-01-01T00:05', '2026-02-10T10:00', { ...OLD, account: '210987654321' }),
      delivered('2026-01-01T00:05', '2026-06-01T10:00', NEW),
    ]);
    expect(found).toMatchObject({ startDate: '2026-01-01', accounts: ['123456789012'] });
    expect(found.notes.join()).toContain('210987654321');
  });

  it('Parquet files of several formats are one table with all their columns', () => {
    const found = scope([
      delivered('2026-01-01T00:05', '2026-06-01T10:00', {
        format: 'parquet',
        fields: parseFormat('srcaddr dstaddr'),
      }),
      delivered('2026-01-01T00:05', '2026-06-01T10:00', {
        format: 'parquet',
        fields: parseFormat('dstaddr vpc-id'),
      }),
    ]);
    expect(found.fields.map(({ column }) => column)).toEqual(['srcaddr', 'dstaddr', 'vpc_id']);
  });

  it('Hive-compatible keys can start with a year only', () => {
    const hive = { layout: 'hive' } as const;
    const change = (day: string, next: string) => [
      delivered('2025-01-01T00:05', `${day}T23:50`, { ...OLD, ...hive }),
      delivered(`${next}T00:05`, '2026-06-01T10:00', { ...NEW, ...hive }),
    ];
    expect(scope(change('2025-12-31', '2026-01-01')).startDate).toBe('2026-01-01');
    expect(() => scope(change('2026-02-10', '2026-02-11'))).toThrow(/starts with a year.*fl-0a/s);
  });

  it('daily folders after hourly ones; --no-hourly takes both', () => {
    const deliveries = [
      delivered('2026-01-01T00:05', '2026-02-10T10:00', { ...OLD, hourly: true }),
      delivered('2026-02-10T10:05', '2026-06-01T10:00', { flowLog: 'fl-0b' }),
    ];
    expect(scope(deliveries)).toMatchObject({ startDate: '2026-02-10', hourly: false });
    expect(scope(deliveries, { hourly: false })).toMatchObject({ startDate: '2026-01-01', notes: [] });
    expect(scope(deliveries, { hourly: true })).toMatchObject({ startDate: '2026-01-01', hourly: true });
  });

  it('transit gateways with Hive-compatible keys deliver where no table reads', () => {
    const vpc = delivered('2026-01-01T00:05', '2026-06-01T10:00', { layout: 'hive' });
    const gateway = { ...vpc, flowLog: 'fl-0c', fields: GATEWAY };
    const found = scope([vpc, { ...gateway, apart: true }]);
    expect(found.startDate).toBe('2026-01-01');
    expect(found.notes).toEqual([expect.stringContaining('Left out transit gateway flow logs: fl-0c')]);
    expect(() => scope([vpc, gateway])).toThrow('in the same folders');
  });

  it('a region that no VPC flow log delivers to may be read all the same', () => {
    const region = { region: 'us-east-1' };
    const account = { account: '210987654321' };
    expect(() =>
      scope([
        delivered('2026-01-01T00:05', '2026-06-01T10:00', {}),
        delivered('2026-01-01T00:05', '2026-06-01T10:00', { ...region, ...account }),
        delivered('2026-01-01T00:05', '2026-06-01T10:00', { flowLog: 'fl-0c', fields: GATEWAY, ...region }),
      ]),
    ).toThrow('in the same folders');
  });
});
