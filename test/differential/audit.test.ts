import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { flowlog } from '../e2e/bin.js';
import { testFolder, writeFiles } from '../folder.js';
import { DATABASE } from './datasets.js';
import { day } from './days.js';
import { sampled } from './sampled.js';

const services = inject('services');

const ALLOW = `[scope]
subnets = ["10.10.24.0/24"]
vpc = ["10.10.0.0/16"]

[[allow]]
to = ["198.51.100.7/32", "192.0.2.80/32"]
ports = [443]
protocol = "tcp"
approved = "TICKET-1"

[[allow]]
to = "203.0.113.10/32"
approved = "TICKET-2"
max_bytes_per_day = 100000
`;

describe.skipIf(!services)('an audit is the same on both engines', () => {
  const { env, logs } = services ?? { env: {}, logs: '' };

  it.each(sampled(['edges', 'unpartitioned']))('of the logs %s', { timeout: 600_000 }, async (dataset) => {
    const cwd = await writeFiles(testFolder(), { 'allow.toml': ALLOW });
    const args = ['audit', '--allow', 'allow.toml', '--since', day(0), '--until', day(2), '--format', 'json'];
    const local = await flowlog([...args, '--logs', join(logs, dataset)], { cwd });
    const athena = await flowlog([...args, '--table', `${DATABASE}.${dataset}`], { cwd, env });
    expect([3, 4], local.stderr).toContain(local.code);
    expect(athena.code, athena.stderr).toBe(local.code);
    // What is wrong with files, only the engine that reads them here can say.
    const facts = (text: string) => {
      const { reasons, ...rest } = JSON.parse(text) as { reasons: ReadonlyArray<{ code: string }> };
      return { ...rest, reasons: reasons.filter(({ code }) => code !== 'input') };
    };
    expect(facts(athena.stdout)).toEqual(facts(local.stdout));
    expect((JSON.parse(local.stdout) as { records: number }).records).toBeGreaterThan(0);
  });
});
