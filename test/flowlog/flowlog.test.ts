import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIELDS, fieldOf, findField } from '../../src/flowlog/fields.js';
import {
  DEFAULT_FORMAT,
  formatString,
  headerLine,
  parseFormat,
  parseHeader,
  VERSION_5_FORMAT,
} from '../../src/flowlog/log-format.js';
import { parseProtocol, protocolName } from '../../src/flowlog/protocols.js';
import { DELIVERY_SLACK, fileName, folderOf, mayHold, parseKey } from '../../src/flowlog/s3-layout.js';

describe('fields', () => {
  it('are 54, by version as AWS counts them', () => {
    const perVersion = new Map<number | undefined, number>();
    for (const { version } of FIELDS) perVersion.set(version, (perVersion.get(version) ?? 0) + 1);
    expect(Object.fromEntries(perVersion)).toEqual({
      2: 14,
      3: 7,
      4: 4,
      5: 4,
      7: 10,
      8: 1,
      9: 1,
      10: 1,
      11: 12,
    });
    expect(new Set(FIELDS.map(({ column }) => column)).size).toBe(54);
  });

  it('are found by either spelling, and kept as text when unknown', () => {
    expect(findField('PKT_srcaddr')).toBe(findField('pkt-srcaddr'));
    expect(fieldOf('quantum-flags')).toMatchObject({
      column: 'quantum_flags',
      type: 'text',
      version: undefined,
    });
  });
});

describe('formats', () => {
  const DEFAULT =
    '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}';

  it('the default is the one AWS documents', () => {
    expect(formatString(DEFAULT_FORMAT)).toBe(DEFAULT);
    expect(VERSION_5_FORMAT).toHaveLength(29);
  });

  it('any choice of fields in any order goes through header and format string unchanged', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...FIELDS], { minLength: 1 }), (fields) => {
        expect(parseHeader(headerLine(fields))).toEqual(fields);
        expect(parseFormat(formatString(fields))).toEqual(fields);
      }),
    );
  });

  it('one unknown field does not turn a header into a record', () => {
    const fields = parseHeader('version quantum-flags srcaddr dstaddr\r');
    expect(fields?.map(({ column }) => column)).toEqual(['version', 'quantum_flags', 'srcaddr', 'dstaddr']);
  });

  it.each([
    '2 123456789012 eni-0a 10.0.0.1 10.0.0.2 1 2 6 1 40 1780000000 1780000060 ACCEPT OK',
    'hello world',
    'srcaddr srcaddr',
    '',
  ])('%j is no header', (line) => expect(parseHeader(line)).toBeUndefined());

  it.each([
    ['', 'empty'],
    ['${srcaddr} ${srcaddr}', 'twice'],
    ['${src addr}', 'not a name'],
    ["${x'; --}", 'not a name'],
  ])('refuses %j', (text, problem) =>
    expect(() => parseFormat(text)).toThrowError(expect.objectContaining({ problem })),
  );
});

describe('protocols', () => {
  it.each([
    ['tcp', 6],
    ['UDP', 17],
    ['icmp', 1],
    ['icmpv6', 58],
    ['IPv6-ICMP', 58],
    ['47', 47],
    ['0', 0],
  ])('%s is %i', (text, number) => expect(parseProtocol(text)).toBe(number));
  it.each(['256', 'tpc', '', '-1', '6.0'])('%s is none', (text) =>
    expect(parseProtocol(text)).toBeUndefined(),
  );
  it('has names and keeps numbers without one', () => {
    expect([protocolName(6), protocolName(253)]).toEqual(['TCP', '253']);
  });
});

describe('S3 layout', () => {
  const account = '123456789012';
  const region = 'ap-northeast-1';
  const time = Date.parse('2026-06-01T05:25:00Z') / 1000;

  it.each([
    ['plain', false, 'AWSLogs/123456789012/vpcflowlogs/ap-northeast-1/2026/06/01/'],
    ['plain', true, 'AWSLogs/123456789012/vpcflowlogs/ap-northeast-1/2026/06/01/05/'],
    [
      'hive',
      true,
      'AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=ap-northeast-1/year=2026/month=06/day=01/hour=05/',
    ],
  ] as const)('%s, hourly %s', (layout, hourly, folder) => {
    expect(folderOf({ layout, hourly, account, region }, time)).toBe(folder);
    const name = fileName({
      account,
      region,
      flowLogId: 'fl-0a',
      unixSeconds: time,
      hash: 'fe12',
      format: 'text',
    });
    expect(name).toBe('123456789012_vpcflowlogs_ap-northeast-1_fl-0a_20260601T0525Z_fe12.log.gz');
    expect(parseKey(`some/where/${folder}${name}`)).toEqual({
      layout,
      account,
      region,
      day: '2026-06-01',
      hour: hourly ? 5 : undefined,
    });
  });

  it('any other path is no key', () => expect(parseKey('logs/2026/06/01/x.log.gz')).toBeUndefined());

  it('a Tokyo day is two UTC days', () => {
    const range = {
      since: Date.parse('2026-05-31T15:00:00Z') / 1000,
      until: Date.parse('2026-06-01T15:00:00Z') / 1000,
    };
    const days = ['2026-05-30', '2026-05-31', '2026-06-01', '2026-06-02'].filter((day) =>
      mayHold({ layout: 'plain', account, region, day, hour: undefined }, range),
    );
    expect(days).toEqual(['2026-05-31', '2026-06-01']);
  });

  it('keeps every file that a record may be delivered in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }),
        fc.nat(600),
        fc.nat(DELIVERY_SLACK - 600 - 1),
        fc.boolean(),
        (start, length, late, hourly) => {
          const folder = folderOf({ layout: 'plain', hourly, account, region }, start + length + late);
          expect(mayHold(parseKey(`${folder}x.log.gz`)!, { since: start, until: start + 1 })).toBe(true);
        },
      ),
    );
  });
});
