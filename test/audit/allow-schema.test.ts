import { Ajv } from 'ajv';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parseAllowList } from '../../src/audit/allow-file.js';
import { Networks } from '../../src/net/networks.js';
import { flowlog } from '../e2e/bin.js';
import { ALLOW } from './world.js';

/** Whether an editor that has the schema accepts the file; to it a date is a text. */
async function editorAccepts(toml: string): Promise<boolean> {
  const { code, stdout, stderr } = await flowlog(['allow', 'schema']);
  expect(code, stderr).toBe(0);
  const plain = JSON.stringify(parse(toml), (_key, value) =>
    typeof value === 'string' ? value.replace(/T00:00:00.*$/, '') : value,
  );
  return new Ajv({ strict: false }).validate(JSON.parse(stdout), JSON.parse(plain)) as boolean;
}

function readerAccepts(toml: string): boolean {
  try {
    parseAllowList(toml, 'allow.toml', new Networks(new Map()));
    return true;
  } catch {
    return false;
  }
}

const SCOPE = '[scope]\nsubnets = ["10.10.24.0/24"]\n';
const entry = (...lines: string[]) => `${SCOPE}\n[[allow]]\n${lines.join('\n')}\n`;

describe('the schema of an allow-list', () => {
  it.each([
    ['an example', ALLOW],
    ['nothing allowed', SCOPE],
    [
      'texts instead of lists',
      '[scope]\nsubnets = "10.10.24.0/24"\nvpc = "10.10.0.0/16"\nexclude = ["10.20.0.0/16"]\n',
    ],
    [
      'every key',
      entry(
        'from = ["10.10.24.5", "10.10.24.6"]',
        'to = ["203.0.113.9/32", "aws:S3@ap-northeast-1"]',
        'ports = [80, "8000-8999", "https"]',
        'protocol = ["tcp", "udp"]',
        'way = "NAT gateway"',
        'reason = "updates"',
        'owner = "platform"',
        'approved = { who = "Sato", ticket = "T-1" }',
        'expires = 2027-03-31',
        'max_bytes_per_day = 1_000_000',
      ),
    ],
    ['a protocol by number', entry('to = "anywhere"', 'protocol = 47')],
    [
      'an expiry as text, and no approval',
      entry('to = "anywhere"', 'expires = "2027-03-31"', 'approved = ""'),
    ],
  ])('accepts what the reader accepts: %s', async (_, toml) => {
    expect([await editorAccepts(toml), readerAccepts(toml)]).toEqual([true, true]);
  });

  it.each([
    ['no scope', '[[allow]]\nto = "anywhere"\n'],
    ['a scope without subnets', '[scope]\nvpc = ["10.10.0.0/16"]\n'],
    ['an unknown table', `${SCOPE}\n[alow]\nto = "anywhere"\n`],
    ['an unknown key of the scope', `${SCOPE}subnet = "10.10.2.0/24"\n`],
    ['an unknown key of an entry', entry('to = "anywhere"', 'port = 443')],
    ['an entry without to', entry('ports = [443]')],
    ['no ports', entry('to = "anywhere"', 'ports = []')],
    ['a port too large', entry('to = "anywhere"', 'ports = 70000')],
    ['a protocol too large', entry('to = "anywhere"', 'protocol = 300')],
    ['a reason that is no text', entry('to = "anywhere"', 'reason = 5')],
    ['an approval of another form', entry('to = "anywhere"', 'approved = { by = "Sato" }')],
    ['no bytes a day', entry('to = "anywhere"', 'max_bytes_per_day = 0')],
    ['an expiry that is no day', entry('to = "anywhere"', 'expires = "soon"')],
    ['one table for the entries', `${SCOPE}\n[allow]\nto = "anywhere"\n`],
  ])('refuses what the reader refuses: %s', async (_, toml) => {
    expect([await editorAccepts(toml), readerAccepts(toml)]).toEqual([false, false]);
  });
});
