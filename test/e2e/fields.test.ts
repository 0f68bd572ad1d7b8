import { describe, expect, it } from 'vitest';
import { FIELDS } from '../../src/flowlog/fields.js';
import { parseFormat } from '../../src/flowlog/log-format.js';
import { world } from '../aws/world.js';
import { testFolder, writeFiles } from '../folder.js';
import { logFile, record } from '../records.js';
import { flowlog } from './bin.js';

interface FieldRow {
  readonly field: string;
  readonly version: number | null;
  readonly type: string;
  readonly meaning: string;
  readonly recorded?: 'yes' | 'no';
}

const rowsOf = (stdout: string) => JSON.parse(stdout) as FieldRow[];
const recordedOf = (stdout: string) =>
  rowsOf(stdout)
    .filter(({ recorded }) => recorded === 'yes')
    .map(({ field }) => field);
const JSON_FORMAT = ['fields', '--format', 'json'];

describe('fields', () => {
  it('are all there are, with version, type and meaning, in a folder without logs', async () => {
    const { code, stdout, stderr } = await flowlog(JSON_FORMAT, { cwd: testFolder() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = rowsOf(stdout);
    expect(rows).toHaveLength(54);
    expect(rows).toEqual(
      FIELDS.map(({ name: field, version, type, meaning }) => ({ field, version, type, meaning })),
    );
    const csv = await flowlog(['fields', '--format', 'csv', '--limit', '1'], { cwd: testFolder() });
    expect(csv.stdout).toBe(
      'field,version,type,meaning\nversion,2,integer,highest version among the fields recorded\n',
    );
  });

  it('of logs are told apart from others, and those not known are added', async () => {
    const fields = parseFormat('${srcaddr} ${dstaddr} ${tcp-flags} ${tomorrows-field}');
    const folder = await writeFiles(testFolder(), {
      'logs/a.log.gz': logFile([record({})], fields),
      'flowlog.toml': 'limit = 1',
    });
    const { code, stdout } = await flowlog([...JSON_FORMAT, '--logs', 'logs'], { cwd: folder });
    expect(code).toBe(0);
    expect(recordedOf(stdout)).toEqual(['srcaddr', 'dstaddr', 'tcp-flags', 'tomorrows-field']);
    expect(rowsOf(stdout)).toHaveLength(55);
    expect(rowsOf(stdout).at(-1)).toMatchObject({ version: null, type: 'text' });
  });

  it('of a table are its columns', async () => {
    const { aws, run } = await world({
      database: 'network',
      fields: parseFormat('srcaddr dstaddr start end'),
    });
    const { code, stdout } = await run([...JSON_FORMAT, '--table', 'network.vpc_flow_logs']);
    expect(code).toBe(0);
    expect(recordedOf(stdout)).toEqual(['srcaddr', 'dstaddr', 'start', 'end']);
    expect(aws.operations('StartQueryExecution')).toEqual([]);
  });

  it.each([
    [['--logs', 'nowhere'], 1, 'nowhere: no such file or directory.'],
    [['--engine', 'local'], 2, 'No logs are named.'],
    [['--format', 'xml'], 2, "'xml' is invalid"],
  ])('%j', async (args, code, message) => {
    const outcome = await flowlog(['fields', ...args], { cwd: testFolder() });
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(message);
  });
});
