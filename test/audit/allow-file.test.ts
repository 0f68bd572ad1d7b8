import { describe, expect, it } from 'vitest';
import { type AllowList, parseAllowList } from '../../src/audit/allow-file.js';
import { parseCidr } from '../../src/net/cidr.js';
import { Networks } from '../../src/net/networks.js';
import { ALLOW } from './world.js';

const NETWORKS = new Networks(new Map([['updates', [parseCidr('203.0.113.0/28')]]]));
const read = (text: string): AllowList => parseAllowList(text, 'allow.toml', NETWORKS);
const entry = (...lines: string[]) =>
  read(`[scope]\nsubnets = ["10.10.24.0/24"]\n\n[[allow]]\n${lines.join('\n')}\n`).entries[0]!;

describe('an allow-list', () => {
  it('is scope and entries', () => {
    const { scope, entries } = read(ALLOW);
    expect(scope.subnets.map(({ text }) => text)).toEqual(['10.10.24.0/24']);
    expect(entries).toMatchObject([
      {
        line: 5,
        ports: [{ first: 443, last: 443 }],
        protocols: [6],
        approved: 'TICKET-1',
        expires: '2027-03-31',
        reason: 'updates',
        owner: 'platform',
      },
    ]);
  });

  it.each([
    ['"203.0.113.9"', { kind: 'blocks', blocks: [{ text: '203.0.113.9/32' }] }],
    ['"updates"', { kind: 'blocks', blocks: [{ text: '203.0.113.0/28' }] }],
    ['"pl-61a54008"', { kind: 'prefix-list', id: 'pl-61a54008' }],
    ['"vpce-0a1b2c3d"', { kind: 'endpoint', id: 'vpce-0a1b2c3d' }],
    ['"aws:s3@ap-northeast-1"', { kind: 'service', service: 'S3', region: 'ap-northeast-1' }],
    ['"domain:*.example.com"', { kind: 'domain', name: 'example.com', below: true }],
    ['"owner:NAT gateway nat-0a1b"', { kind: 'owner', name: 'NAT gateway nat-0a1b' }],
    ['"anywhere"', { kind: 'anywhere' }],
  ])('takes to = %s', (text, target) => {
    expect(entry(`to = ${text}`).to).toMatchObject([target]);
  });

  it('takes ports as numbers and ranges, and approvals with a name and a ticket', () => {
    expect(entry('to = "updates"', 'ports = [80, "8000-8080"]').ports).toEqual([
      { first: 80, last: 80 },
      { first: 8000, last: 8080 },
    ]);
    expect(entry('to = "updates"', 'approved = { who = "Sato", ticket = "T-1" }').approved).toBe('Sato, T-1');
    expect(entry('to = "updates"', 'approved = { who = "", ticket = "" }').approved).toBeUndefined();
  });

  it.each([
    [['to = "updates"', 'color = "red"'], 6, "'color' is not a key of an entry"],
    [['from = "10.10.24.0/24"'], 4, 'an entry without to'],
    [['to = "0.0.0.0/0"'], 5, 'to = "0.0.0.0/0" allows every destination'],
    [['to = "::/0"'], 5, 'allows every destination'],
    [['to = "10.10.24.5/24"'], 5, 'host bits'],
    [['to = "nowhere"'], 5, "'nowhere' is neither a CIDR block nor the name of a network"],
    [['to = "updates"', 'ports = [70000]'], 6, '70000 is not a port'],
    [['to = "updates"', 'ports = [443]', 'protocol = "icmp"'], 6, 'ports with protocol 1'],
    [['to = "updates"', 'protocol = "tpc"'], 6, "'tpc' is not a protocol"],
    [['to = "updates"', 'expires = 2027-02-30'], 6, 'is not a day'],
    [['to = "updates"', 'expires = "2027-02-30"'], 6, 'expires = 2027-02-30 is not a day'],
    [['to = "updates"', 'max_bytes_per_day = 0'], 6, 'not a number of bytes'],
    [['from = "10.20.0.0/16"', 'to = "updates"'], 5, 'is outside the audited subnets'],
  ])('refuses %j and names the line', (lines, line, problem) => {
    const reading = () => entry(...lines);
    expect(reading).toThrow(new RegExp(`^allow\\.toml:${line}: `));
    expect(reading).toThrow(problem);
  });

  it('refuses what is not known above entries', () => {
    expect(() => read(`${ALLOW.replace('vpc =', 'vcp =')}`)).toThrow(
      "allow.toml:3: 'vcp' is not a key of [scope]",
    );
    expect(() => read(`deny = 1\n${ALLOW}`)).toThrow("allow.toml:1: 'deny' is not a key");
    expect(() => read('[[allow]]\nto = "anywhere"\n')).toThrow('the audited subnets are missing');
    expect(() => read('[scope]\nsubnets = ["10.11.0.0/24"]\nvpc = ["10.10.0.0/16"]\n')).toThrow(
      'allow.toml:2: subnet 10.11.0.0/24 is not inside the VPC',
    );
  });

  it('refuses entries that contradict each other, and names both', () => {
    const more = '\n[[allow]]\nto = "updates"\napproved = "T-2"\nmax_bytes_per_day = 1000\n';
    expect(() => read(ALLOW + more)).toThrow(/^allow\.toml:15: contradicts the entry at line 5/);
    expect(read(ALLOW + more.replace('to = "updates"', 'to = "updates"\nports = [80]')).entries).toHaveLength(
      2,
    );
    expect(read(ALLOW + more.replace('"T-2"', '""')).entries).toHaveLength(2);
  });
});
