import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { registeredDomain } from '../../src/names/dns-report.js';
import { parseQuery } from '../../src/names/resolver-logs.js';
import { flowlog } from '../e2e/bin.js';
import { testFolder, writeFiles } from '../folder.js';

/** Amazon Route 53 Developer Guide, "Values that appear in Resolver query logs": srcport is a text, the name ends with a dot. */
const query = (more: object = {}) =>
  JSON.stringify({
    version: '1.100000',
    account_id: '123456789012',
    region: 'ap-northeast-1',
    vpc_id: 'vpc-1',
    query_timestamp: '2026-06-01T00:00:00Z',
    query_name: 'www.example.com.',
    query_type: 'A',
    query_class: 'IN',
    rcode: 'NOERROR',
    answers: [
      { Rdata: 'edge.example.net.', Type: 'CNAME', Class: 'IN' },
      { Rdata: '203.0.113.9', Type: 'A', Class: 'IN' },
    ],
    srcaddr: '10.10.24.17',
    srcport: '41020',
    transport: 'UDP',
    srcids: { instance: 'i-01' },
    ...more,
  });

const hex = (n: number) => n.toString(16).padStart(8, '0').repeat(7);
const tunnel = Array.from({ length: 40 }, (_, i) =>
  query({
    query_name: `${hex(i)}.t.tunnel.example.`,
    query_type: i % 2 ? 'TXT' : 'NULL',
    rcode: i % 4 === 0 ? 'NXDOMAIN' : 'NOERROR',
    answers: [],
    srcaddr: '10.10.24.66',
  }),
);

async function logs(lines: readonly string[] = [query(), query({ srcaddr: '10.10.24.18' }), ...tunnel]) {
  return writeFiles(testFolder(), {
    'dns/AWSLogs/1/vpcdnsquerylogs/vpc-1/2026/06/01/a.log.gz': gzipSync(`${lines.join('\n')}\n`),
  });
}

const ask = async (cwd: string, ...args: string[]) => {
  const all = ['dns', '--dns', 'dns', '--format', 'json', '--tz', 'UTC', ...args];
  const { code, stdout, stderr } = await flowlog(all, { cwd });
  return { code, stderr, rows: code === 0 ? JSON.parse(stdout) : stdout };
};

describe('flowlog dns', () => {
  it('shows domains, those that carry most first, and the signs of a tunnel', async () => {
    const { code, rows, stderr } = await ask(await logs());
    expect(code).toBe(0);
    expect(rows).toEqual([
      {
        ...{
          domain: 'tunnel.example',
          queries: 40,
          hosts: 1,
          names: 40,
          longest_label: 56,
          label_bytes: 40 * 57,
        },
        ...{
          txt_null: 40,
          nxdomain: 25,
          first_seen: '2026-06-01T00:00:00+00:00',
          last_seen: '2026-06-01T00:00:00+00:00',
        },
        signs: 'long labels, unique names, TXT or NULL',
      },
      {
        ...{
          domain: 'example.com',
          queries: 2,
          hosts: 2,
          names: 1,
          longest_label: 3,
          label_bytes: 3,
          txt_null: 0,
        },
        ...{
          nxdomain: 0,
          first_seen: '2026-06-01T00:00:00+00:00',
          last_seen: '2026-06-01T00:00:00+00:00',
          signs: null,
        },
      },
    ]);
    expect(stderr).toContain('42 queries in 1 file, 2026-06-01T00:00:00+00:00 to 2026-06-01T00:00:00+00:00.');
    expect(stderr).toContain("Answers from the resolver's cache are not logged");
  });

  it('by host, by name, of a host, of a domain, and only what is suspicious', async () => {
    const cwd = await logs();
    const pick = async (...args: string[]) =>
      (await ask(cwd, ...args)).rows.map((row: Record<string, unknown>) => Object.values(row).slice(0, 2));
    expect(await pick('--by', 'host,domain', '--suspicious')).toEqual([['10.10.24.66', 'tunnel.example']]);
    expect(await pick('--by', 'name', '--host', '10.10.24.16/30')).toEqual([['www.example.com', 2]]);
    expect(await pick('--by', 'type', '--domain', 'tunnel.example')).toEqual([
      ['NULL', 20],
      ['TXT', 20],
    ]);
    expect(await pick('--since', '2026-06-02')).toEqual([]);
    expect((await ask(cwd, '--since', '2026-06-02')).stderr).toContain('Nothing found in these queries.');
  });

  it('counts what it skips; --strict fails on it', async () => {
    const cwd = await logs([query(), 'not json', '{"a":1}']);
    const { code, stderr } = await ask(cwd);
    expect(code).toBe(0);
    expect(stderr).toContain('Skipped 2 lines that are not Resolver query log records (first: ');
    expect(stderr).toContain('a.log.gz:2).');
    expect((await ask(cwd, '--strict')).code).toBe(1);
  });

  it.each([
    [['dns'], 2, '--dns is required'],
    [['dns', '--dns', 'nowhere'], 1, 'nowhere: no such file or directory.'],
    [['dns', '--dns', 'other'], 1, 'No Resolver query logs found in other'],
    [['dns', '--dns', 'cut.gz'], 1, 'cut.gz cannot be read to its end'],
    [['dns', '--dns', 'dns', '--by', 'colour'], 2, "--by 'colour' is not a column of DNS queries."],
    [['dns', '--dns', 's3://b/p/'], 1, 's3://b/p/: Resolver query logs cannot be read from S3 yet.'],
  ])('%j is refused', async (args, code, message) => {
    const cwd = await writeFiles(await logs(), {
      'other/a.log': 'version account-id\n',
      'cut.gz': gzipSync(tunnel.join('\n')).subarray(0, 100),
    });
    const outcome = await flowlog(args, { cwd });
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({
      code,
      stderr: expect.stringContaining(message),
    });
  });
});

describe('a query of the log', () => {
  it('has the name that was asked for, whatever names the answer went through', () => {
    expect(parseQuery(query())).toEqual({
      ...{
        time: 1780272000,
        name: 'www.example.com',
        type: 'A',
        rcode: 'NOERROR',
        vpc: 'vpc-1',
        host: '10.10.24.17',
      },
      addresses: ['203.0.113.9'],
    });
    expect(parseQuery(query({ query_name: 'A\u001b[31m.Example.' }))!.name).toBe('a.example');
    expect(parseQuery(query({ query_name: '.' }))!.name).toBe('.');
    expect(parseQuery(query({ answers: undefined }))!.addresses).toEqual([]);
    for (const line of ['', '[]', 'null', '{}', query({ query_timestamp: 'x' })])
      expect(parseQuery(line)).toBeUndefined();
  });

  it.each([
    ['a.b.example.co.jp', 'example.co.jp'],
    ['_dmarc.example.com', 'example.com'],
    ['bucket.s3.ap-northeast-1.amazonaws.com', 'bucket.s3.ap-northeast-1.amazonaws.com'],
    ['x.someone.github.io', 'someone.github.io'],
    ['com', 'com'],
    ['ip-10-0-0-1.ap-northeast-1.compute.internal', 'compute.internal'],
    ['.', '.'],
  ])('%s is in %s', (name, domain) => {
    expect(registeredDomain(name)).toBe(domain);
  });
});
