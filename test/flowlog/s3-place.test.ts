import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { isS3Uri, parseLocation, parseS3Place } from '../../src/flowlog/s3-place.js';

const POINT = 'arn:aws:s3:ap-northeast-1:123456789012:accesspoint/logs';

describe('a place in S3', () => {
  it.each([
    ['s3://bucket', 'bucket', ''],
    ['s3://bucket/a/b', 'bucket', 'a/b'],
    ['S3://bucket/A/', 'bucket', 'A/'],
    ['s3a://bucket/a/', 'bucket', 'a/'],
    ['arn:aws:s3:::bucket', 'bucket', ''],
    ['arn:aws-cn:s3:::bucket/a/', 'bucket', 'a/'],
    ['s3://My_Old_Logs/a/', 'My_Old_Logs', 'a/'],
    ['s3://logs-abc123-s3alias/a/', 'logs-abc123-s3alias', 'a/'],
    [POINT, POINT, ''],
    [`${POINT}/object/a/`, POINT, 'a/'],
    [`s3://${POINT}/a/`, POINT, 'a/'],
  ])('%s', (text, bucket, rest) => {
    expect(isS3Uri(text)).toBe(true);
    expect(parseS3Place(text)).toEqual({ bucket, rest });
  });

  it.each([
    ['https://bucket.s3.amazonaws.com/a/', 's3://bucket/a/'],
    ['https://my.bucket.s3.ap-northeast-1.amazonaws.com/a/b', 's3://my.bucket/a/b'],
    ['https://bucket.s3-us-west-2.amazonaws.com/', 's3://bucket/'],
    ['https://s3.ap-northeast-1.amazonaws.com/bucket/a/', 's3://bucket/a/'],
    ['https://bucket.s3.dualstack.eu-west-1.amazonaws.com/a', 's3://bucket/a'],
    ['https://bucket.s3.cn-north-1.amazonaws.com.cn/a', 's3://bucket/a'],
    ['https://bucket.s3.amazonaws.com/100%/a/', 's3://bucket/100%/a/'],
    ['https://bucket.s3.amazonaws.com/a%20b/', 's3://bucket/a b/'],
    [
      'https://s3.console.aws.amazon.com/s3/buckets/bucket?region=us-east-1&prefix=a/AWSLogs/',
      's3://bucket/a/AWSLogs/',
    ],
    [
      'https://ap-northeast-1.console.aws.amazon.com/s3/buckets/bucket?prefix=a/&tab=objects',
      's3://bucket/a/',
    ],
  ])('%s is a URL', (text, suggestion) => {
    expect(isS3Uri(text)).toBe(true);
    expect(() => parseS3Place(text)).toThrow(
      expect.objectContaining({ hint: `Did you mean ${suggestion}?` }) as Error,
    );
  });

  it('a URL without a bucket suggests none', () => {
    expect(() => parseS3Place('https://s3.ap-northeast-1.amazonaws.com/')).toThrow(
      expect.objectContaining({ hint: 'Write it as s3://bucket/prefix/.' }) as Error,
    );
  });

  it.each(['logs/', './s3/', 'https://example.com/logs', 'C:\\logs', '-'])('%s is no place in S3', (text) => {
    expect(isS3Uri(text)).toBe(false);
    expect(() => parseS3Place(text)).toThrow(UsageError);
  });

  it('Athena takes an access point by its alias only', () => {
    expect(() => parseLocation(`${POINT}/object/a/`)).toThrow(/ARN of an access point/);
    expect(parseLocation('arn:aws:s3:::bucket/a')).toEqual({ bucket: 'bucket', prefix: 'a/' });
  });
});
