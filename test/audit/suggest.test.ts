import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffAllowLists } from '../../src/audit/allow-diff.js';
import { type AllowList, parseAllowList } from '../../src/audit/allow-file.js';
import { Cover } from '../../src/audit/cover.js';
import { type FlowGroup, refusalOf } from '../../src/audit/flow-group.js';
import { Learner } from '../../src/audit/suggest.js';
import { DEFAULT_FORMAT, parseFormat } from '../../src/flowlog/log-format.js';
import { Inventory } from '../../src/names/inventory.js';
import { Names } from '../../src/names/names.js';
import { parseCidr } from '../../src/net/cidr.js';
import { NO_NETWORKS } from '../../src/net/networks.js';
import { flowlog } from '../e2e/bin.js';
import { runs } from '../seed.js';
import { ASSUMED, auditWorld, flow, NOW, PERIOD, quiet, START } from './world.js';

const SCOPE = '[scope]\nsubnets = ["10.10.24.0/24"]\nvpc = ["10.10.0.0/16"]\n\n';
const NAMES = new Names({ networks: NO_NETWORKS, inventory: new Inventory([]), ranges: [] });
const read = (text: string): AllowList => parseAllowList(text, 'allow.toml', NO_NETWORKS);
const approve = (text: string) => text.replaceAll('approved = ""', 'approved = "T-1"');

const group = (values: Partial<FlowGroup> & { readonly path?: string }): FlowGroup => ({
  ...{ srcaddr: '10.10.24.17', dstaddr: '203.0.113.9', protocol: 6, port: 443, action: 'ACCEPT' },
  ...{ day: START, flows: 1, packets: 10, bytes: 4_000, first: START, last: START + 59 },
  ...{
    way: { way: 'internet gateway', leaves: 'yes' },
    kind: 'leak',
    interfaceId: undefined,
    vpcId: undefined,
  },
  ...values,
});

function learned(groups: readonly FlowGroup[], names = NAMES): string {
  const learner = new Learner(
    {
      scope: { subnets: [parseCidr('10.10.24.0/24')], vpc: undefined, exclude: [] },
      range: { since: undefined, until: undefined },
      ...{ zone: 'UTC', names, networks: NO_NETWORKS, addresses: false, list: undefined },
    },
    new Map(parseFormat('${srcaddr} ${traffic-path}').map((field) => [field.column, field])),
  );
  for (const each of groups) learner.add(each);
  return learner.finish().entries.join('\n');
}

/** All there is of a few neighbouring addresses and ports: what is wider than seen shows. */
const UNIVERSE = ['10.10.24.16', '10.10.24.17', '10.10.24.18'].flatMap((srcaddr) =>
  ['203.0.113.8', '203.0.113.9', '203.0.113.10', '2001:db8::1'].flatMap((dstaddr) =>
    [442, 443, 444].flatMap((port) =>
      [6, 17].flatMap((protocol) =>
        ['internet gateway', 'unknown'].map((way) =>
          group({ srcaddr, dstaddr, port, protocol, way: { way, leaves: 'unknown' } }),
        ),
      ),
    ),
  ),
);

describe('suggested entries', () => {
  it('allow all that was seen once approved, and nothing else', () => {
    fc.assert(
      fc.property(fc.subarray(UNIVERSE), (seen) => {
        const text = learned(seen);
        expect(read(SCOPE + text).entries.every(({ approved }) => approved === undefined)).toBe(true);
        const { entries } = read(SCOPE + approve(text));
        for (const each of UNIVERSE) {
          const allowed = entries.some((entry) => refusalOf(entry, each, NAMES, 'UTC') === undefined);
          expect(allowed).toBe(seen.includes(each));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('have no ports where a protocol has none, and none of what was refused', () => {
    const text = learned([
      group({ protocol: 1, port: 0 }),
      group({ dstaddr: '203.0.113.77', kind: 'attempt' }),
    ]);
    expect(read(SCOPE + text).entries).toMatchObject([{ protocols: [1], ports: [] }]);
  });

  const item = (id: string, address: string) => ({ id, addresses: [address], tags: { Name: 'mirror' } });
  const twins = new Names({
    networks: NO_NETWORKS,
    inventory: new Inventory([
      {
        flowlog: 'inventory',
        version: 1,
        taken: '2026-05-01T00:00:00Z',
        interfaces: [item('eni-0a', '10.20.0.1'), item('eni-0b', '10.20.0.2')],
      },
    ]),
    ranges: [],
  });

  it('name an owner only where each of its interfaces was seen', () => {
    const [one, two] = ['10.20.0.1', '10.20.0.2'].map((dstaddr) => group({ dstaddr })) as [
      FlowGroup,
      FlowGroup,
    ];
    expect(learned([one], twins)).toContain('to = "10.20.0.1/32"');
    expect(learned([one, two], twins)).toContain('to = "owner:mirror"');
  });
});

describe('what entries cover', () => {
  const ends = ['203.0.113.8/31', '203.0.113.8/32', '203.0.113.9/32', 'anywhere'];
  const ports = ['[443]', '["442-443"]', '[442, 443, 444]', undefined];
  const entry = fc
    .record({
      to: fc.constantFrom(...ends),
      ports: fc.constantFrom(...ports),
      protocol: fc.constantFrom('tcp', 'udp'),
      from: fc.constantFrom('10.10.24.16/31', '10.10.24.17/32', undefined),
      way: fc.constantFrom('internet gateway', undefined),
    })
    .map((values) => {
      const lines = [`to = "${values.to}"`, `protocol = "${values.protocol}"`, 'approved = "T-1"'];
      if (values.ports) lines.push(`ports = ${values.ports}`);
      if (values.from) lines.push(`from = "${values.from}"`);
      if (values.way) lines.push(`way = "${values.way}"`);
      return `[[allow]]\n${lines.join('\n')}\n`;
    });

  it('is covered only where every flow of it is allowed', () => {
    // With a port outside every range above: there is a flow for each way in which entries can differ.
    const universe = [...UNIVERSE, ...UNIVERSE.map((each) => ({ ...each, port: 9 }))];
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), entry, (texts, text) => {
        const list = read(SCOPE + texts.join('\n'));
        const wanted = read(SCOPE + text);
        const allows = ({ entries }: AllowList, each: FlowGroup) =>
          entries.some((one) => refusalOf(one, each, NAMES, 'UTC') === undefined);
        const all = universe.filter((each) => allows(wanted, each)).every((each) => allows(list, each));
        expect(new Cover(list).covers(wanted.entries[0]!, wanted)).toBe(all);
      }),
      { numRuns: runs(40) },
    );
  });

  it.each([
    ['two halves for one block', ['"203.0.113.8/32"', '"203.0.113.9/32"'], '"203.0.113.8/31"', true],
    ['one half', ['"203.0.113.8/32"'], '"203.0.113.8/31"', false],
    ['a domain above', ['"domain:*.example.com"'], '"domain:www.example.com"', true],
    ['the domain itself', ['"domain:*.example.com"'], '"domain:example.com"', false],
    ['a service of every region', ['"aws:S3"'], '"aws:S3@ap-northeast-1"', true],
    ['a service of another region', ['"aws:S3@us-east-1"'], '"aws:S3@ap-northeast-1"', false],
  ])('%s', (_what, having, wanted, covered) => {
    const text = (to: string) => `[[allow]]\nto = ${to}\napproved = "T-1"\n`;
    const list = read(SCOPE + having.map(text).join(''));
    const other = read(SCOPE + text(wanted));
    expect(new Cover(list).covers(other.entries[0]!, other)).toBe(covered);
  });
});

describe('the difference of two lists', () => {
  const one = (lines: string) => `[[allow]]\nto = "203.0.113.8/31"\n${lines}\n`;
  const diff = (before: string, after: string) => diffAllowLists(read(SCOPE + before), read(SCOPE + after));

  it('is none for another order and another spelling', () => {
    const [a, b] = [one('ports = [443]'), '[[allow]]\nto = ["203.0.113.0/25", "203.0.113.128/25"]\n'];
    expect(diff(a + b, b.replace('["203.0.113.0/25", "203.0.113.128/25"]', '"203.0.113.0/24"') + a)).toEqual(
      [],
    );
  });

  it.each([
    ['more ports', 'ports = [443]\napproved = "T"', 'ports = [443, 22]\napproved = "T"', 'allows more'],
    ['an approval', 'approved = ""', 'approved = "T"', 'allows more'],
    ['an earlier end', 'approved = "T"', 'approved = "T"\nexpires = 2026-12-31', 'allows less'],
    ['another reason', 'approved = "T"', 'approved = "T"\nreason = "updates"', 'none'],
    ['another port', 'ports = [443]\napproved = "T"', 'ports = [22]\napproved = "T"', 'allows other'],
  ])('is a change for %s', (_what, before, after, effect) => {
    expect(diff(one(before), one(after))).toMatchObject([
      { change: 'changed', effect, oldLine: 5, newLine: 5 },
    ]);
  });

  it('tells what was added, removed, and of the scope', () => {
    const other = '[[allow]]\nto = "198.51.100.7/32"\napproved = "T"\n';
    expect(diff('', other)).toMatchObject([{ change: 'added', effect: 'allows more' }]);
    expect(diff(other, '')).toMatchObject([{ change: 'removed', effect: 'allows less' }]);
    const wider = read(SCOPE.replace('"10.10.24.0/24"', '"10.10.24.0/23"'));
    expect(diffAllowLists(read(SCOPE), wider)).toMatchObject([
      { change: 'scope', effect: 'audits more', details: ['10.10.24.0/24 -> 10.10.24.0/23'] },
    ]);
  });
});

describe('flowlog allow', () => {
  const records = [
    ...quiet(),
    ...flow({ traffic_path: 8 }),
    ...flow({ dstaddr: '198.51.100.7', srcport: 50_001, start: START + 900 }),
    ...flow({ dstaddr: '198.51.100.8', action: 'REJECT', answered: 0, tcp_flags: 2 }),
  ];

  it.each([
    ['with flags and ways', {}],
    ['of the default format', { fields: DEFAULT_FORMAT }],
  ])('suggests from a day what makes the audit of the day closed, %s', async (_what, more) => {
    const { cwd, args } = await auditWorld({ records, ...more });
    const suggest = ['allow', 'suggest', '--subnet', '10.10.24.0/24', ...PERIOD, '--logs', 'logs'];
    const { code, stdout, stderr } = await flowlog(suggest, { cwd, now: NOW });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('Nothing is suggested for 1 attempt: refused, or not answered.'),
    });
    const audit = async (text: string) => {
      await writeFile(join(cwd, 'allow.toml'), text);
      return flowlog([...args, ...ASSUMED], { cwd, now: NOW });
    };
    expect((await audit(stdout)).code).toBe(3);
    const closed = await audit(approve(stdout));
    expect({ code: closed.code, first: closed.stdout.split('\n')[0] }).toEqual({
      code: 0,
      first: 'Verdict: CLOSED (1 attempt)',
    });
    const again = ['allow', 'suggest', '--allow', 'allow.toml', ...PERIOD, '--logs', 'logs'];
    const rest = await flowlog(again, { cwd, now: NOW });
    expect(rest.stdout).not.toContain('[[allow]]');
    expect(rest.stderr).toContain('Nothing to suggest: no flow left that the list does not have.');
  });

  it('finds entries that were not used', async () => {
    const extra = '\n[[allow]]\nto = "192.0.2.1/32"\napproved = "T-2"\n\n[[allow]]\nto = "192.0.2.2/32"\n';
    const { cwd } = await auditWorld({ records, allow: `${SCOPE}[[allow]]\nto = "203.0.113.9"\n${extra}` });
    const words = ['allow', 'unused', '--allow', 'allow.toml', ...PERIOD, '--logs', 'logs', '-f', 'csv'];
    const { code, stdout, stderr } = await flowlog(words, { cwd, now: NOW });
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(',').slice(0, 2).join())).toEqual([
      ...['line,state', '8,unused', '12,pending', ''],
    ]);
    expect(stderr).toContain('2 of 3 entries matched none of 3 flows.');
  });

  it('checks a list, and compares two', async () => {
    const { cwd } = await auditWorld({ records: [] });
    const checked = await flowlog(['allow', 'check', 'allow.toml', '-f', 'csv'], { cwd, now: NOW });
    expect(checked.stdout).toContain('5,allows,10.10.24.0/24 to 203.0.113.9/32 TCP 443,updates,platform');
    expect(checked.stderr).toContain('allow.toml is correct: 1 entry, 0 pending, 0 expired.');
    await writeFile(join(cwd, 'new.toml'), SCOPE);
    const { stdout } = await flowlog(['allow', 'diff', 'allow.toml', 'new.toml', '-f', 'csv'], { cwd });
    expect(stdout).toContain('removed,allows less,10.10.24.0/24 to 203.0.113.9/32 TCP 443,5,');
  });

  it.each([
    [['suggest'], '--subnet is required'],
    [['diff', 'allow.toml'], 'Two allow-lists are required'],
    [['unused'], '--allow is required'],
    [['check', 'none.toml'], 'none.toml: no such file'],
    [['suggest', '--allow', 'allow.toml', '-f', 'csv'], '--format does not apply'],
  ])('refuses %j', async (words, problem) => {
    const { cwd } = await auditWorld({ records: [] });
    const { code, stderr } = await flowlog(['allow', ...words], { cwd });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(problem) });
  });
});
