import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { uuidOf } from '../../src/audit/uuid.js';
import { flowlog } from '../e2e/bin.js';
import type { LogRecord } from '../records.js';
import { ALLOW, ASSUMED, auditWorld, flow, NOW, quiet } from './world.js';

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const schema = (name: string) => read(new URL(`schemas/${name}.json`, import.meta.url).pathname);
// The schema gives formats beside patterns; the patterns say the same.
const ajv = new Ajv({ strict: false, validateFormats: false });
const isOscal = ajv.compile(schema('oscal-assessment-results'));
const isAsff = ajv.compile(schema('asff'));

const LEAK = flow({ dstaddr: '198.51.100.7' });
const HUB = ['--security-hub', '123456789012:ap-northeast-1'];

async function exported(records: LogRecord[], { args: more = ASSUMED, now = NOW, allow = ALLOW } = {}) {
  const { cwd, args } = await auditWorld({ records, allow });
  const { code, stderr } = await flowlog([...args, ...more, ...HUB, '--evidence', 'e'], { cwd, now });
  const verified = await flowlog(['verify', 'e'], { cwd });
  expect(verified.code, verified.stdout + stderr).toBe(0);
  const oscal = read(join(cwd, 'e/oscal.json'));
  const names = readdirSync(join(cwd, 'e')).filter((name) => name.startsWith('asff-'));
  const asff = names.map((name) => read(join(cwd, 'e', name)));
  expect([isOscal(oscal), isOscal.errors]).toEqual([true, null]);
  for (const findings of asff) expect([isAsff(findings), isAsff.errors]).toEqual([true, null]);
  const [result] = oscal['assessment-results'].results;
  return { code, oscal, result, asff: asff.flat(), names };
}

describe('exports of an audit', () => {
  it('say that a network was closed', async () => {
    const { code, result, asff } = await exported([...quiet(), ...flow({})]);
    expect(code).toBe(0);
    expect(result.observations).toHaveLength(1);
    expect(result.findings).toMatchObject([
      {
        target: { 'target-id': 'sc-7_obj', status: { state: 'satisfied' } },
        'related-observations': [{ 'observation-uuid': result.observations[0].uuid }],
      },
    ]);
    expect(asff).toMatchObject([
      {
        Compliance: { Status: 'PASSED' },
        Severity: { Label: 'INFORMATIONAL' },
        ProductArn: 'arn:aws:securityhub:ap-northeast-1:123456789012:product/123456789012/default',
        Resources: [{ Type: 'Other', Id: '10.10.24.0/24' }],
      },
    ]);
  });

  it('name what left, and do not count an attempt as a failure', async () => {
    const attempt = flow({ dstaddr: '192.0.2.1', action: 'REJECT', answered: 0 });
    const { code, result, asff } = await exported([...quiet(), ...LEAK, ...attempt]);
    expect(code).toBe(3);
    const [verdict, leak, refused] = result.observations;
    expect([leak.types, refused.types]).toEqual([['finding'], ['discovery']]);
    expect(leak.title).toBe('Traffic left without permission: 10.10.24.17 to 198.51.100.7, TCP port 443');
    expect(result.findings).toMatchObject([
      {
        target: { status: { state: 'not-satisfied' } },
        'related-observations': [{ 'observation-uuid': verdict.uuid }, { 'observation-uuid': leak.uuid }],
      },
    ]);
    expect(asff[0]).toMatchObject({ Compliance: { Status: 'FAILED' }, Severity: { Label: 'HIGH' } });
    expect(asff.slice(1)).toMatchObject([
      {
        Severity: { Label: 'HIGH' },
        Network: {
          Direction: 'OUT',
          Protocol: 'TCP',
          SourceIpV4: '10.10.24.17',
          DestinationIpV4: '198.51.100.7',
          DestinationPort: 443,
        },
      },
      { Severity: { Label: 'INFORMATIONAL' }, Network: { DestinationIpV4: '192.0.2.1' } },
    ]);
  });

  it('observe an incomplete record, and find nothing', async () => {
    const { code, result, asff } = await exported([...quiet(), ...flow({})], { args: [] });
    expect(code).toBe(4);
    expect(result.findings).toBeUndefined();
    const reasons = result.observations.slice(1).map(({ title }: { title: string }) => title);
    expect(reasons).toEqual([
      'The record is incomplete: inventory',
      'The record is incomplete: flow-log-config',
    ]);
    expect(asff).toMatchObject([{ Compliance: { Status: 'WARNING' }, Severity: { Label: 'MEDIUM' } }]);
    expect(asff[0].ProductFields).toMatchObject({
      'flowlog/reason-1/inventory': expect.stringMatching(/^There is no/),
    });
  });

  it('divide findings into as many as one call takes', async () => {
    const many = Array.from({ length: 120 }, (_, i) => flow({ dstaddr: `198.51.100.${i + 1}` })).flat();
    const { asff, names } = await exported([...quiet(), ...many]);
    expect(names).toEqual(['asff-1.json', 'asff-2.json']);
    expect(asff).toHaveLength(121);
    expect(new Set(asff.map(({ Id }) => Id)).size).toBe(121);
  });

  it('give a finding the same id in every run, a later one as an update', async () => {
    const [first, later] = [
      await exported([...quiet(), ...LEAK]),
      await exported([...quiet(), ...LEAK], { now: NOW + 60 }),
    ];
    const ids = ({ asff }: { asff: Array<{ Id: string }> }) => asff.map(({ Id }) => Id);
    expect(ids(later)).toEqual(ids(first));
    expect(later.asff[0].UpdatedAt > first.asff[0].UpdatedAt).toBe(true);
    expect(later.oscal['assessment-results'].uuid).not.toBe(first.oscal['assessment-results'].uuid);
  });

  it('keep addresses of IPv6 apart', async () => {
    const allow =
      '[scope]\nsubnets = ["10.10.24.0/24", "2001:db8:1::/64"]\nvpc = ["10.10.0.0/16", "2001:db8::/32"]\n';
    const sixth = flow({ srcaddr: '2001:db8:1::5', dstaddr: '2a00:1450::9' });
    const { asff } = await exported([...quiet(), ...sixth], { allow });
    expect(asff[1].Network).toMatchObject({ SourceIpV6: '2001:db8:1::5', DestinationIpV6: '2a00:1450::9' });
  });
});

it('the schemas refuse what they should', () => {
  expect(isOscal({ 'assessment-results': { uuid: 'x' } })).toBe(false);
  expect(isAsff([{ Id: 'x' }])).toBe(false);
  expect(isAsff([])).toBe(false);
});

it('derives UUIDs of version 5 from names', () => {
  expect(uuidOf('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(uuidOf('a')).toBe(uuidOf('a'));
  expect(uuidOf('a', 'b')).not.toBe(uuidOf('ab'));
});

it.each(['123:ap-northeast-1', '123456789012', '123456789012:Tokyo'])(
  'refuses --security-hub %s',
  async (hub) => {
    const { cwd, args } = await auditWorld({ records: quiet() });
    const { code, stderr } = await flowlog([...args, '--evidence', 'e', '--security-hub', hub], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/is not (?:ACCOUNT:REGION|an AWS region)\./);
  },
);

it('--security-hub requires --evidence', async () => {
  const { cwd, args } = await auditWorld({ records: quiet() });
  expect(await flowlog([...args, ...HUB], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--security-hub requires --evidence.'),
  });
});
