import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Zstd } from '../../src/store/parquet/zstd.js';
import { testFolder } from '../folder.js';
import { flowlog, type Outcome } from './bin.js';

const NAMES =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const LINES = [
  '2 123456789012 eni-0a 10.0.1.5 203.0.113.9 49152 443 6 20 4249 1700000000 1700000060 ACCEPT OK',
  '2 123456789012 eni-0a 203.0.113.9 10.0.1.5 443 49152 6 18 8249 1700000000 1700000060 ACCEPT OK',
  '2 123456789012 eni-0b 2001:db8::5 2001:db8:1::7 50000 22 6 3 180 1700000060 1700000120 REJECT OK',
  '2 123456789012 eni-0a - - - - - - - 1700000120 1700000180 - NODATA',
  '2 123456789012 eni-0a - - - - - - - 1700000180 1700000240 - SKIPDATA',
];
const records = LINES.map((line) => line.split(' '));
const columns = NAMES.split(' ').map((name) => name.replaceAll('-', '_'));
const objects = records.map((values) =>
  Object.fromEntries(values.flatMap((value, i) => (value === '-' ? [] : [[columns[i], value]]))),
);
const events = LINES.map((message, i) => ({
  logStreamName: `${records[i]![2]}-all`,
  timestamp: 1_700_000_000_000,
  message,
}));
const iso = '2023-11-14T22:13:20.000Z';
const text = (...lines: string[]) => `${lines.join('\n')}\n`;
const utf16 = (content: string, big: boolean) => {
  const bytes = Buffer.from(`\ufeff${content}`, 'utf16le');
  return big ? bytes.swap16() : bytes;
};
const camel = (name: string) =>
  ({ start: 'startTime', end: 'endTime', srcaddr: 'srcAddr', dstaddr: 'dstAddr' })[name] ??
  name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

const AS_THEY_COME: Record<string, string | Uint8Array> = {
  'a header line': text(NAMES, ...LINES),
  'no header line': text(...LINES),
  'gzip in members': Buffer.concat(LINES.map((line) => gzipSync(text(NAMES, line)))),
  zstd: new Zstd().compress(Buffer.from(text(NAMES, ...LINES))),
  'carriage returns': text(NAMES, ...LINES).replaceAll('\n', '\r\n'),
  'line ends of both kinds': `${NAMES}\r\n${LINES.join('\n')}\r\n\r\n`,
  'no last line end': [NAMES, ...LINES].join('\n'),
  'line ends of old Macs': LINES.join('\r'),
  tabs: text(NAMES, ...LINES).replaceAll(' ', '\t'),
  'blanks and empty lines': text(
    '',
    ' ',
    ...LINES.flatMap((line) => [`  ${line.replaceAll(' ', '   ')} `, '']),
  ),
  comments: text('# exported', NAMES, '# more', ...LINES),
  'a byte order mark': `\ufeff${text(NAMES, ...LINES)}`,
  'UTF-16': utf16(text(NAMES, ...LINES).replaceAll('\n', '\r\n'), false),
  'UTF-16, high bytes first': utf16(text(...LINES), true),
  'a format line': text(
    NAMES.split(' ')
      .map((name) => `\${${name}}`)
      .join(' '),
    ...LINES,
  ),
  'the fields in another order': text(
    NAMES.split(' ').reverse().join(' '),
    ...records.map((values) => [...values].reverse().join(' ')),
  ),
  'formats that take turns': text(
    ...LINES.flatMap((line, i) =>
      i % 2 ? [NAMES, line] : [NAMES.split(' ').reverse().join(' '), [...records[i]!].reverse().join(' ')],
    ),
  ),
  'lower case and names of protocols': text(
    ...LINES.map((line) => line.replace('ACCEPT', 'accept').replace(' OK', ' ok').replace(' 6 ', ' tcp ')),
  ),
  milliseconds: text(...LINES.map((line) => line.replace(/ 17\d{8}/g, '$&000'))),
  'other spellings of addresses': text(...LINES).replaceAll('2001:db8::5', '2001:0DB8:0:0::0005'),
  'an export of CloudWatch Logs': text(...LINES.map((line) => `${iso} ${line}`)),
  'an export with milliseconds before': text(...LINES.map((line) => `1700000000000 ${line}`)),
  'aws logs tail': text(
    ...LINES.map((line, i) => `2023-11-14T22:13:20.000000+00:00 ${records[i]![2]}-all ${line}`),
  ),
  'aws logs tail --format short': text(...LINES.map((line) => `2023-11-14T22:13:20 ${line}`)),
  'messages between tabs': LINES.join('\t'),
  'filter-log-events': JSON.stringify({ events, searchedLogStreams: [] }, null, 4),
  'get-log-events': JSON.stringify({ events, nextForwardToken: 'f/1' }),
  'a subscription': text(
    JSON.stringify({ messageType: 'CONTROL_MESSAGE', logEvents: [{ message: 'CWL CONTROL MESSAGE' }] }),
    JSON.stringify({
      messageType: 'DATA_MESSAGE',
      logStream: 'eni-0a-all',
      logEvents: LINES.map((message, id) => ({ id, message })),
    }),
  ),
  'subscriptions one after the other': LINES.map((message) =>
    JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: [{ message }] }),
  ).join(''),
  'Data Firehose': text(...LINES.map((message) => JSON.stringify({ message }))),
  'Data Firehose without line ends': LINES.map((message) => JSON.stringify({ message })).join(''),
  'console CSV': text('timestamp,message', ...LINES.map((line) => `1700000000000,"${line}"`)),
  'Insights CSV': text(
    '@timestamp,@message,@logStream',
    ...LINES.map((line) => `2023-11-14 22:13:20.000,${line},eni-0a-all`),
  ),
  'Insights CSV of fields': text(
    columns.map(camel).join(),
    ...records.map((values) => values.map((value) => (value === '-' ? '' : value)).join()),
  ),
  'Insights JSON': JSON.stringify(LINES.map((line) => ({ '@timestamp': iso, '@message': line }))),
  'get-query-results': JSON.stringify({
    results: LINES.map((value) => [
      { field: '@timestamp', value: iso },
      { field: '@message', value },
    ]),
    status: 'Complete',
  }),
  'JSON lines of fields': text(...objects.map((each) => JSON.stringify(each))),
  'JSON lines with hyphens': text(
    ...objects.map((each) =>
      JSON.stringify(each).replaceAll(/"[a-z]+_[a-z]+":/g, (name) => name.replace('_', '-')),
    ),
  ),
  'JSON in camel case': JSON.stringify(
    objects.map((each) =>
      Object.fromEntries(Object.entries(each).map(([name, value]) => [camel(name), value])),
    ),
  ),
  "Athena's result": text(
    columns.map((name) => `"${name}"`).join(),
    ...records.map((values) => values.map((value) => (value === '-' ? '' : `"${value}"`)).join()),
  ),
};

const QUESTION = ['talkers', '--by', 'pair', '--format', 'csv', '--strict'];
let plain: Promise<Outcome> | undefined;
/** What is answered of the plain text. */
const expected = () => {
  plain ??= answer('a header line', 'file');
  return plain;
};

async function answer(what: string, way: 'file' | 'standard input' | 'gzip' | 'store') {
  const content = Buffer.from(AS_THEY_COME[what]!);
  const path = join(testFolder(), 'log');
  writeFileSync(path, way === 'gzip' ? gzipSync(content) : content);
  if (way === 'standard input') return flowlog([...QUESTION, '--logs', '-'], { input: readFileSync(path) });
  if (way !== 'store') return flowlog([...QUESTION, '--logs', path]);
  const store = join(testFolder(), 'store');
  const taken = await flowlog(['import', path, '--to', store, '--strict', '--quiet']);
  expect(taken).toEqual({ code: 0, stdout: '', stderr: '' });
  return flowlog([...QUESTION, '--logs', store]);
}

describe('the same records, as they come', () => {
  it('are answered at all', async () => {
    const { code, stdout, stderr } = await expected();
    expect(code, stderr).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(4);
  });

  describe.each(Object.keys(AS_THEY_COME))('%s', (what) => {
    it.each(['file', 'standard input', 'store'] as const)('from a %s', async (way) => {
      expect(await answer(what, way)).toEqual(await expected());
    });
    if (!/gzip|zstd/.test(what))
      it('packed', async () => expect(await answer(what, 'gzip')).toEqual(await expected()));
  });
});
