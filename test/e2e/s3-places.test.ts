import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { putLogs, world } from '../aws/world.js';
import { testFolder } from '../folder.js';

const ACCESS_POINT = 'arn:aws:s3:ap-northeast-1:123456789012:accesspoint/logs';
const URL = 'https://my_logs.s3.ap-northeast-1.amazonaws.com/p/';
/** A bucket from the time when names could have these characters. */
const BUCKET = 'My_logs';

describe('every option that takes a place in S3 takes all of its forms', () => {
  it.each([`arn:aws:s3:::${BUCKET}/p/`, `S3://${BUCKET}/p`, `s3://${BUCKET}/p/AWSLogs/`])(
    '%s',
    async (place) => {
      const { aws, run } = await world();
      putLogs(aws, ['2026-06-01'], { bucket: BUCKET });
      const coverage = await run(['coverage', '--logs', place, '--format', 'csv', '--quiet']);
      expect(coverage.code, coverage.stderr).toBe(0);
      const imported = await run(['import', place, '--to', join(testFolder(), 'store')]);
      expect(imported.stderr).toContain('1 record of 1 file');
      const created = await run([
        'create-table',
        '--location',
        place,
        '--table',
        'made',
        '--output-location',
        'arn:aws:s3:::results/x',
      ]);
      expect(created.code, created.stderr).toBe(0);
      const [started] = aws.operations('StartQueryExecution');
      expect(started?.input.ResultConfiguration).toMatchObject({ OutputLocation: 's3://results/x/' });
      const policy = await run([
        ...['policy', 'create-table', '--account', '123456789012', '--region', 'ap-northeast-1'],
        ...['--location', place, '--output-location', 'S3://results/x'],
      ]);
      expect(policy.stdout).toContain(`"arn:aws:s3:::${BUCKET}/p/AWSLogs/*"`);
      expect(policy.stdout).toContain('"arn:aws:s3:::results/x/*"');
    },
  );

  it.each([
    ['coverage', '--logs'],
    ['import', '--to', 'store'],
    ['create-table', '--location'],
    ['create-table', '--location', 's3://logs/', '--output-location'],
    ['policy', 'create-table', '--account', '123456789012', '--region', 'ap-northeast-1', '--location'],
  ])('%s … with a URL of S3: the s3:// form is suggested', async (...args) => {
    const { run } = await world();
    const { code, stdout, stderr } = await run([...args, URL]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Did you mean s3://my_logs/p/?');
  });

  it('an access point by its ARN: for logs, where AWS is asked itself; for a table, by its alias', async () => {
    const { aws, run } = await world();
    const logs = await run(['coverage', '--logs', `${ACCESS_POINT}/object/p/`]);
    expect(logs.code).toBe(1);
    expect(logs.stderr).toContain(`An access point cannot be reached by its ARN at ${aws.url}`);
    const table = await run(['create-table', '--location', `${ACCESS_POINT}/object/p/`]);
    expect(table.code).toBe(2);
    expect(table.stderr).toContain('s3alias/prefix/');
  });
});
