import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnswerRow, asked } from '../e2e/asked.js';
import { flowlog } from '../e2e/bin.js';
import { testFolder, writeFiles } from '../folder.js';
import { fieldsUpTo } from '../page.js';
import { logFile, record } from '../records.js';

const total = (rows: readonly AnswerRow[], measure: string) =>
  rows.reduce((sum, row) => sum + Number(row[measure]), 0);

describe('endpoints', () => {
  let folder: string;
  let logs: string[];
  let inventory: string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flowlog-endpoints-'));
    const [at, names] = [join(folder, 'logs'), join(folder, 'names')];
    const written = await flowlog(['sample', at, '--format', '5', '--names', names, '--quiet']);
    expect(written.code).toBe(0);
    logs = ['--logs', at];
    inventory = ['--inventory', join(names, 'inventory')];
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are a row per endpoint and source, largest first, and add up by service', async () => {
    const rows = await asked(['endpoints', ...logs, ...inventory, '--no-names']);
    expect(Object.keys(rows[0]!)).toEqual([
      ...['endpoint', 'service', 'kind', 'srcaddr', 'flows', 'packets', 'bytes', 'first_seen', 'last_seen'],
    ]);
    const bytes = rows.map((row) => Number(row.bytes));
    expect(bytes).toEqual([...bytes].sort((a, b) => b - a));
    expect(new Set(rows.map(({ endpoint }) => endpoint)).size).toBe(10);
    const services = await asked(['endpoints', ...logs, ...inventory, '--by', 'service,kind']);
    expect(services.map(({ service, kind }) => `${kind} ${service}`).sort()).toEqual([
      ...['gateway dynamodb', 'gateway s3', 'interface ecr.api', 'interface ecr.dkr', 'interface kms'],
      ...['interface logs', 'interface monitoring', 'interface sagemaker.api'],
      ...['interface sagemaker.runtime', 'interface sts'],
    ]);
    for (const measure of ['flows', 'bytes']) expect(total(services, measure)).toBe(total(rows, measure));
  });

  it('count what egress and internal count by the same way', async () => {
    // The sample has most flows at one end only: which of them repeat others depends on what is asked beside them.
    const subnet = ['--subnet', '10.10.24.0/24', '--count-all-records', ...logs, ...inventory];
    const went = async (...more: string[]) => total(await asked(['endpoints', ...subnet, ...more]), 'bytes');
    const by = ['--by', 'way', '--action', 'accept'];
    const gateway = await asked(['egress', ...subnet, ...by, '--way', 'gateway endpoint']);
    expect(await went('--where', 'kind=gateway')).toBe(total(gateway, 'bytes'));
    const inside = await asked(['internal', ...subnet, ...by, '--way', 'interface endpoint']);
    expect(await went('--where', 'kind=interface')).toBe(total(inside, 'bytes'));
    expect(total(inside, 'bytes')).toBeGreaterThan(0);
  });

  it('without an inventory are gateway endpoints only, and it is said what is missing', async () => {
    const { code, stdout, stderr } = await flowlog(['endpoints', ...logs, '--by', 'endpoint,service,kind']);
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(',', 3).join(','))).toEqual([
      ...['endpoint,service,kind', ',s3,gateway', ',dynamodb,gateway', ''],
    ]);
    expect(stderr).toContain('Interface endpoints are missing');
    const none = await flowlog(['endpoints', ...logs, '--subnet', '10.10.2.0/24']);
    expect(none.stderr).not.toContain('Nothing found');
    expect(none.stderr).toContain('that proves nothing');
    const known = await flowlog(['endpoints', ...logs, ...inventory, '--subnet', '10.10.99.0/24']);
    expect(known.stderr).toContain('Nothing found');
    expect(known.stderr).toContain('None has a source in 10.10.99.0/24.');
  });

  it('say what went to S3 by which way nobody knows, where ranges are all there is', async () => {
    const work = testFolder();
    await writeFiles(work, {
      'x.log.gz': logFile([record({ srcaddr: '10.10.24.5', dstaddr: '198.51.100.40', bytes: 70 })]),
    });
    const args = ['endpoints', '--logs', join(work, 'x.log.gz'), ...inventory];
    const [row] = await asked([...args, '--no-names']);
    expect(row).toMatchObject({ endpoint: null, service: 's3', kind: 'unknown', bytes: 70 });
    expect((await flowlog(args)).stderr).toContain('what went to S3 or DynamoDB has kind unknown');
  });

  it('of an interface type without an inventory are known by their addresses', async () => {
    const work = testFolder();
    const arrived = { srcaddr: '10.0.1.5', dstaddr: '10.0.9.9', flow_direction: 'ingress' };
    await writeFiles(work, {
      'x.log.gz': logFile(
        [record({ ...arrived, interface_type: 'vpc_endpoint', bytes: 70 })],
        fieldsUpTo(11),
      ),
    });
    expect(await asked(['endpoints', '--logs', join(work, 'x.log.gz'), '--no-names'])).toMatchObject([
      { endpoint: '10.0.9.9', service: null, kind: 'interface', srcaddr: '10.0.1.5', bytes: 70 },
    ]);
  });
});
