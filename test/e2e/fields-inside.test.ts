import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../folder.js';
import { flowlog } from './bin.js';

const NAMES =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const record = (address: string) =>
  `2 123456789012 eni-0a ${address} 203.0.113.9 49152 443 6 20 4249 1700000000 1700000060 ACCEPT OK`;
const SAID =
  'fields first named inside a file, tcp_flags, flow_direction, are not in this answer; import the files to ask for them';

describe('fields that only a header line inside a file names', () => {
  const logged = () => {
    const log = join(testFolder(), 'flow.log');
    const more = `${record('10.0.1.6')} 2 egress`;
    writeFileSync(log, [NAMES, record('10.0.1.5'), `${NAMES} tcp-flags flow-direction`, more, ''].join('\n'));
    return log;
  };

  it('are said, and --strict refuses them', async () => {
    const question = ['egress', '--subnet', '10.0.1.0/24', '--format', 'csv', '--logs', logged()];
    const { code, stdout, stderr } = await flowlog(question);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stderr).toContain(SAID);
    const strict = await flowlog([...question, '--strict']);
    expect(strict.code).toBe(1);
    expect(strict.stderr).toContain(SAID);
  });

  const SELECT = 'SELECT srcaddr, tcp_flags, flow_direction FROM flow_logs ORDER BY srcaddr';
  const ROWS = 'srcaddr,tcp_flags,flow_direction\n10.0.1.5,,\n10.0.1.6,2,egress\n';

  it('are columns for statements of the user', async () => {
    const { code, stdout, stderr } = await flowlog([
      'query',
      SELECT,
      '--logs',
      logged(),
      '--format',
      'csv',
      '--strict',
    ]);
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: ROWS });
  });

  it('are columns of a store', async () => {
    const store = join(testFolder(), 'store');
    expect((await flowlog(['import', logged(), '--to', store, '--strict'])).code).toBe(0);
    const { stdout } = await flowlog(['query', SELECT, '--logs', store, '--format', 'csv', '--strict']);
    expect(stdout).toBe(ROWS);
  });
});
