import { describe, inject, it } from 'vitest';
import { bucketOfCase, casesIn, checkCase } from '../cases.js';
import { Moto } from './moto.js';

const services = inject('services');

describe.skipIf(!services)('cases in a bucket', () => {
  const { env, moto } = services ?? { env: {}, moto: '' };

  it.each(casesIn({ s3: true }))('%s', async (name) => {
    const { bucket, content } = bucketOfCase(name);
    const s3 = new Moto(moto);
    await s3.bucket(bucket);
    await s3.upload(bucket, '', content);
    await checkCase(name, env);
  });
});
