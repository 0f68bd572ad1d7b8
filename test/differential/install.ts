import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Of Maven Central. A Trino says with its release which JDK it needs at least. */
const TRINO = {
  version: '476',
  jdk: 24,
  sha256: 'cfd5accde17e8ebd251eeeb78aed1f490e77bb3a164d95a0f454bf8a7c1cbd3f',
} as const;
const MOTO = '5.2.5';
const MINISTACK = '1.5.33';

/** What the suite needs cannot be had on this machine. */
export class NotHere extends Error {}

export interface Installed {
  readonly trino: { readonly version: string; readonly home: string };
  readonly java: { readonly version: string; readonly home: string };
  readonly moto: { readonly version: string; readonly command: string };
}

/** Outside the checkout, so that a fresh one need not fetch a gigabyte. */
const cache = () =>
  process.env.FLOWLOG_TEST_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'flowlog-engines');

/** @throws NotHere where Java or Python are missing */
export async function install(): Promise<Installed> {
  const [java, python] = await Promise.all([findJava(), findPython()]);
  await mkdir(cache(), { recursive: true });
  const [trino, moto] = await Promise.all([installTrino(), installMoto(python)]);
  return { java, trino: { version: TRINO.version, home: trino }, moto: { version: MOTO, command: moto } };
}

/** The newest JDK that is there. */
async function findJava(): Promise<Installed['java']> {
  const roots = ['/usr/lib/jvm', '/Library/Java/JavaVirtualMachines'];
  const below = await Promise.all(roots.map((root) => readdir(root).catch(() => [] as string[])));
  const homes = below.flatMap((names, at) =>
    names.flatMap((name) => [join(roots[at]!, name), join(roots[at]!, name, 'Contents/Home')]),
  );
  const onPath = await run('sh', ['-c', 'command -v java']).then(
    ({ stdout }) => realpath(stdout.trim()).then((path) => dirname(dirname(path))),
    () => undefined,
  );
  const found: Installed['java'][] = [];
  for (const home of [process.env.JAVA_HOME, onPath, ...homes]) {
    if (!home || !existsSync(join(home, 'bin/java'))) continue;
    const release = await readFile(join(home, 'release'), 'utf8').catch(() => '');
    const version = /^JAVA_VERSION="(.+?)"/m.exec(release)?.[1];
    if (version) found.push({ home, version });
  }
  found.sort((a, b) => Number.parseInt(b.version, 10) - Number.parseInt(a.version, 10));
  const [newest] = found;
  if (newest && Number.parseInt(newest.version, 10) >= TRINO.jdk) return newest;
  throw new NotHere(
    `Trino ${TRINO.version} needs a JDK of ${TRINO.jdk} or newer; here is ${newest?.version ?? 'none'}`,
  );
}

async function findPython(): Promise<string> {
  for (const name of ['python3', 'python']) {
    const version = await run(name, ['-c', 'import sys, venv; print(sys.version_info >= (3, 9))']).catch(
      () => undefined,
    );
    if (version?.stdout.trim() === 'True') return name;
  }
  throw new NotHere('moto needs a Python of 3.9 or newer, with venv');
}

async function installTrino(): Promise<string> {
  const { version, sha256 } = TRINO;
  const name = `trino-server-${version}`;
  const folder = join(cache(), name);
  if (existsSync(folder)) return folder;
  saying(name);
  // Renamed when it is whole, so that what is there can be relied on.
  const partial = await mkdtemp(`${folder}.partial-`);
  try {
    // By Maven's own client, which knows the mirrors, proxies and certificates of the machine.
    const artifact = `io.trino:trino-server:${version}:tar.gz`;
    await run('mvn', [
      '-q',
      '-B',
      'dependency:copy',
      `-Dartifact=${artifact}`,
      `-DoutputDirectory=${partial}`,
    ]).catch((error) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new NotHere('Maven (mvn) is needed to fetch Trino');
      throw error;
    });
    const archive = join(partial, `${name}.tar.gz`);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(archive)) hash.update(chunk as Buffer);
    const is = hash.digest('hex');
    if (is !== sha256) throw new Error(`${artifact} has the SHA-256 ${is}, not ${sha256}`);
    await run('tar', ['-xzf', archive, '-C', partial, '--strip-components=1']);
    await rm(archive);
    // Plugins share files by hard links: only after all are unpacked can the others go.
    for (const plugin of await readdir(join(partial, 'plugin'))) {
      if (plugin !== 'hive') await rm(join(partial, 'plugin', plugin), { recursive: true });
    }
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}

const installMoto = (python: string): Promise<string> =>
  installPackage(python, `moto-${MOTO}`, `moto[server]==${MOTO}`, 'moto_server');

/**
 * @returns the path of its program
 * @throws NotHere where Python is missing, or the package cannot be had
 */
export async function installMiniStack(): Promise<string> {
  const python = await findPython();
  await mkdir(cache(), { recursive: true });
  try {
    return await installPackage(python, `ministack-${MINISTACK}`, `ministack==${MINISTACK}`, 'ministack');
  } catch (error) {
    throw new NotHere(`MiniStack cannot be installed: ${(error as Error).message}`);
  }
}

/** A virtual environment holds its own path, so it is made where it stays and marked when it is whole. */
async function installPackage(
  python: string,
  name: string,
  requirement: string,
  program: string,
): Promise<string> {
  const folder = join(cache(), name);
  const mark = join(folder, 'complete');
  if (!existsSync(mark)) {
    saying(name);
    await run(python, ['-m', 'venv', '--clear', folder]);
    // A registry that does not answer must not hold the suite up for ever.
    await run(join(folder, 'bin/pip'), ['install', '-q', requirement], { timeout: 600_000 });
    await writeFile(mark, '');
  }
  return join(folder, 'bin', program);
}

function saying(name: string): void {
  console.log(`Installing ${name} into ${cache()}, once.`);
}
