import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { flowlog } from '../e2e/bin.js';
import { athenaOnTrino } from './athena-on-trino.js';
import { bucketOf, DATABASE, DATASETS, type Dataset } from './datasets.js';
import { type Installed, install, NotHere } from './install.js';
import { Moto } from './moto.js';
import { freePort, ready, started, stopped } from './processes.js';
import { Trino } from './trino.js';

/** Where the servers are that all files of this suite share; undefined where they cannot be had. */
export interface Services {
  readonly trino: string;
  readonly moto: string;
  /** In which the program finds the loopback Athena, and S3, EC2 and STS of the moto. */
  readonly env: Record<string, string>;
  /** The folder with a folder of logs for each dataset, by its name. */
  readonly logs: string;
  /** `Trino 476 on JDK 25.0.3, moto 5.2.5`. */
  readonly versions: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    services: Services | undefined;
  }
}

/**
 * Starts a Trino and a moto for the suite. With FLOWLOG_TEST_ENGINES=optional a machine that cannot run them is said and
 * the suite passed over; otherwise that is an error.
 */
export default async function start(project: TestProject): Promise<() => Promise<void>> {
  let installed: Installed;
  try {
    installed = await install();
  } catch (error) {
    if (!(error instanceof NotHere) || process.env.FLOWLOG_TEST_ENGINES !== 'optional') throw error;
    console.log(`The suite on real engines is not run: ${error.message}.`);
    project.provide('services', undefined);
    return async () => {};
  }
  const { trino, java, moto } = installed;
  const folder = await mkdtemp(join(tmpdir(), 'flowlog-engines-'));
  const running: ChildProcess[] = [];
  const atEnd: Array<() => Promise<void>> = [];
  const stop = async () => {
    await Promise.all([...running.map(stopped), ...atEnd.map((end) => end())]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [motoPort, trinoPort] = [await freePort(), await freePort()];
    const urls = { trino: `http://127.0.0.1:${trinoPort}`, moto: `http://127.0.0.1:${motoPort}` };
    running.push(
      started(moto.command, ['-H', '127.0.0.1', '-p', String(motoPort)], join(folder, 'moto.log')),
      await startTrino(installed, folder, trinoPort, urls.moto),
    );
    await ready('moto', `${urls.moto}/moto-api/`, running[0]!, join(folder, 'moto.log'), () => true);
    const logs = join(folder, 'logs');
    await Promise.all([
      upload(new Moto(urls.moto), logs),
      ready('Trino', `${urls.trino}/v1/info`, running[1]!, join(folder, 'trino.log'), (text) =>
        text.includes('"starting":false'),
      ).then(() => firstQuery(new Trino(urls.trino))),
    ]);
    const versions = `Trino ${trino.version} on JDK ${java.version}, moto ${moto.version}`;
    console.log(`${versions}.`);
    const aws = await athenaOnTrino(new Trino(urls.trino), new Moto(urls.moto));
    atEnd.push(() => aws.stop());
    const env = aws.env({
      AWS_ENDPOINT_URL_S3: urls.moto,
      AWS_ENDPOINT_URL_EC2: urls.moto,
      AWS_ENDPOINT_URL_STS: urls.moto,
    });
    await createTables(env);
    project.provide('services', { ...urls, env, logs, versions });
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** The logs of every dataset, here and in S3. */
async function upload(moto: Moto, logs: string): Promise<void> {
  await moto.bucket('results');
  await eachOf(3, DATASETS, async ({ name, write }) => {
    const folder = join(logs, name);
    await write(folder);
    // Of its own: moto looks at every key of a bucket for each listing.
    const bucket = bucketOf(name);
    await moto.bucket(bucket);
    await moto.upload(bucket, 'some/prefix/', folder);
  });
}

/** A table of each dataset, made by the program. The first makes the database: two at once would both do so. */
async function createTables(env: Record<string, string>): Promise<void> {
  const create = async ({ name, table = [] }: Dataset) => {
    const location = `s3://${bucketOf(name)}/some/prefix/`;
    const { code, stderr } = await flowlog(
      ['create-table', '--location', location, '--database', DATABASE, '--table', name, '--quiet', ...table],
      { env },
    );
    if (code !== 0) throw new Error(`${name}: ${stderr}`);
  };
  const [first, ...rest] = DATASETS;
  await create(first!);
  await eachOf(3, rest, create);
}

/** Does a piece of work for each item, so many at a time. */
async function eachOf<T>(
  atOnce: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** It says that it has started a little before it takes statements. */
async function firstQuery(trino: Trino): Promise<void> {
  for (let left = 60; ; left--) {
    try {
      await trino.run('SHOW SCHEMAS');
      return;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(500);
    }
  }
}

async function startTrino({ trino, java }: Installed, folder: string, port: number, s3: string) {
  const etc = join(folder, 'etc');
  const data = join(folder, 'data');
  await mkdir(join(etc, 'catalog'), { recursive: true });
  await mkdir(join(data, 'metastore'), { recursive: true });
  await mkdir(join(data, 'cache'));
  const write = (name: string, lines: readonly string[]) =>
    writeFile(join(etc, name), `${lines.join('\n')}\n`);
  await write('node.properties', ['node.environment=test', 'node.id=one', `node.data-dir=${data}`]);
  await write('jvm.config', [
    ...['-server', '-Xmx4G', '-Djdk.attach.allowAttachSelf=true'],
    // It lives for minutes: what it would compile well is no longer asked when that is done.
    ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
    ...['--add-modules=jdk.incubator.vector', '-XX:+ExitOnOutOfMemoryError'],
  ]);
  await write('config.properties', [
    ...['coordinator=true', 'node-scheduler.include-coordinator=true', 'catalog.management=static'],
    ...[`http-server.http.port=${port}`, `discovery.uri=http://127.0.0.1:${port}`],
    // Little data, long statements: parts that run side by side only cost their making.
    'task.concurrency=1',
    // A busy machine is late, not gone.
    'query.remote-task.max-error-duration=10m',
  ]);
  await write('log.properties', ['io.trino=WARN', 'io.airlift=WARN']);
  await write('catalog/awsdatacatalog.properties', [
    'connector.name=hive',
    ...['hive.metastore=file', 'hive.metastore.catalog.dir=local:///metastore'],
    ...['fs.native-local.enabled=true', `local.location=${data}`],
    ...['fs.native-s3.enabled=true', `s3.endpoint=${s3}`, 's3.region=ap-northeast-1'],
    ...['s3.path-style-access=true', 's3.aws-access-key=AKIAEXAMPLE', 's3.aws-secret-key=secret'],
    'hive.partition-projection-enabled=true',
    // Athena reads all that lies under the location of a table or a partition (User Guide, "Table location in Amazon S3").
    'hive.recursive-directories=true',
    // A folder that projection names and nobody has written to holds nothing: Trino need not ask whether it is there.
    'hive.ignore-absent-partitions=true',
    // Listings of thousands of folders, most of them empty, and files of a few records are the time of a query here.
    ...['fs.cache.enabled=true', `fs.cache.directories=${join(data, 'cache')}`, 'fs.cache.max-sizes=1GB'],
    ...['hive.file-status-cache-tables=*', 'hive.file-status-cache.max-retained-size=256MB'],
    'hive.file-status-cache-expire-time=1h',
  ]);
  const environment = { JAVA_HOME: java.home, PATH: `${join(java.home, 'bin')}:${process.env.PATH}` };
  const args = ['run', '--etc-dir', etc, '--data-dir', data];
  return started(join(trino.home, 'bin/launcher'), args, join(folder, 'trino.log'), environment);
}
