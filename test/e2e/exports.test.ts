import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../folder.js';
import { flowlog } from './bin.js';

const LOG = `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
2 123456789012 eni-0a 10.0.1.5 203.0.113.9 49152 443 6 20 4249 1700000000 1700000060 ACCEPT OK
2 123456789012 eni-0a 10.0.1.6 203.0.113.9 49153 443 6 10 1000 1700000000 1700000060 ACCEPT OK
`;
const EGRESS = ['egress', '--subnet', '10.0.1.0/24'];
const COUNTED = 'Skipped or unusual: 1 file that is an export, not a flow log (--verbose lists them).';
const ATHENA = `"srcaddr","dstaddr","srcport","dstport","protocol","bytes","packets","start","end"
"10.0.1.5","203.0.113.9","49152","443","6","4249","20","1700000000","1700000060"
`;

const ask = (logs: string, question: readonly string[] = EGRESS) => flowlog([...question, '--logs', logs]);

/** A log, and a folder with an export of its answer. */
async function exported(format: string) {
  const [folder, name] = [testFolder(), `x.${format}`];
  const log = join(testFolder(), 'flow.log');
  writeFileSync(log, LOG);
  const options = format === 'sums' ? ['--by', 'dstaddr', '--format', 'csv'] : ['--format', format];
  const { stdout } = await ask(log, [...EGRESS, ...options]);
  writeFileSync(join(folder, name), format === 'athena' ? ATHENA : stdout);
  return { folder, log, file: join(folder, name) };
}

const beside = ({ folder }: { folder: string }) => writeFileSync(join(folder, 'flow.log'), LOG);

describe.each(['csv', 'json', 'ndjson', 'athena', 'markdown', 'table', 'sums'])(
  'an export (%s)',
  (format) => {
    it('beside logs is left out and counted', async () => {
      const made = await exported(format);
      beside(made);
      const { code, stdout, stderr } = await ask(made.folder);
      expect({ code, stdout }).toEqual({ code: 0, stdout: (await ask(made.log)).stdout });
      expect(stderr).toContain(COUNTED);
      expect(await ask(made.folder, [...EGRESS, '--strict'])).toMatchObject({ code: 1 });
    });

    it('beside logs is left out of a store', async () => {
      const made = await exported(format);
      beside(made);
      const store = join(testFolder(), 'store');
      const { code, stderr } = await flowlog(['import', made.folder, '--to', store]);
      expect(code, stderr).toBe(0);
      expect(stderr).toContain(COUNTED);
      expect((await ask(store)).stdout).toBe((await ask(made.log)).stdout);
    });
  },
);

describe.each(['csv', 'json', 'ndjson'])('an export (%s)', (format) => {
  it('is read where a folder holds nothing else, and where it is named', async () => {
    const made = await exported(format);
    const { stdout } = await ask(made.log);
    expect(await ask(made.folder)).toMatchObject({ code: 0, stdout });
    beside(made);
    expect(await ask(made.file)).toMatchObject({ code: 0, stdout });
  });
});

it('an export is left out of a store that has the logs beside it', async () => {
  const made = await exported('athena');
  const store = join(testFolder(), 'store');
  const importing = () => flowlog(['import', made.folder, '--to', store]);
  writeFileSync(made.file, '');
  beside(made);
  expect((await importing()).code).toBe(0);
  writeFileSync(made.file, ATHENA);
  expect((await importing()).stderr).toContain(COUNTED);
  expect((await ask(store)).stdout).toBe((await ask(made.log)).stdout);
});

it('exports of Athena alone are imported as they come', async () => {
  const { folder } = await exported('athena');
  const store = join(testFolder(), 'store');
  const importing = () => flowlog(['import', folder, '--to', store]);
  expect((await importing()).stderr).toContain('1 record');
  writeFileSync(join(folder, 'y.csv'), ATHENA.replaceAll('10.0.1.5', '10.0.1.7'));
  const { stderr } = await importing();
  expect(stderr).toContain('1 record');
  expect(stderr).not.toContain('export');
});
