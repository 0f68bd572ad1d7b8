import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { flowlog } from '../e2e/bin.js';
import { testFolder } from '../folder.js';

const FILES = fileURLToPath(new URL('files', import.meta.url));
const NAMES = readdirSync(FILES).sort();

const EGRESS = ['--subnet', '10.0.1.0/24', '--vpc', '10.0.0.0/16', '--tz', 'UTC', '--format', 'csv'];
const HEADER = 'start_time,end_time,srcaddr,srcport,dstaddr,dstport,protocol,packets,bytes,action\n';
/** The records of write.py that leave the VPC. */
const ROWS = [
  '2023-11-14 22:13:20,2023-11-14 22:14:20,10.0.1.5,49152,203.0.113.9,443,6,20,4249,ACCEPT\n',
  '2023-11-14 22:14:20,2023-11-14 22:15:20,10.0.1.5,50000,198.51.100.7,22,6,3,180,REJECT\n',
  '2023-11-14 22:15:20,2023-11-14 22:16:20,10.0.1.5,0,2001:db8::1,0,58,1,5000000000,ACCEPT\n',
];

const egress = (logs: string, ...more: string[]) => flowlog(['egress', ...EGRESS, '--logs', logs, ...more]);

/** The records that a folder holds so often, each of them. */
const times = (count: number) => HEADER + ROWS.map((row) => row.repeat(count)).join('');

describe('Parquet of other writers', () => {
  it.each(NAMES)('%s', async (name) => {
    const { code, stdout, stderr } = await egress(join(FILES, name), '--strict');
    expect(stdout, stderr).toBe(times(1));
    expect(code).toBe(0);
  });

  it('all in one folder, and imported', async () => {
    const { stdout, stderr, code } = await egress(FILES, '--strict');
    expect(stdout, stderr).toBe(times(NAMES.length));
    expect(code).toBe(0);
    const store = join(testFolder(), 'store');
    const imported = await flowlog(['import', FILES, '--to', store, '--strict']);
    expect(imported.code, imported.stderr).toBe(0);
    const again = await egress(store, '--strict');
    expect(again.stdout, again.stderr).toBe(times(NAMES.length));
  });

  it('account ids that were numbers have their leading zero', async () => {
    const { stdout } = await flowlog([
      ...['query', 'SELECT DISTINCT account_id FROM {{logs}}', '--format', 'csv'],
      ...['--logs', join(FILES, 'arrow-account-number.parquet')],
    ]);
    expect(stdout).toBe('account_id\n012345678901\n');
  });
});
