import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Ends with the server it starts; and ends that with all its children when nobody holds its standard input any more. */
const GUARDED =
  'exec 3<&0; "$@" </dev/null & server=$!; (cat <&3 >/dev/null; kill -9 0) & wait $server; kill -9 0';

/** Starts a server whose output goes to a file. */
export function started(command: string, args: readonly string[], log: string, env: NodeJS.ProcessEnv = {}) {
  // A group of its own: Ctrl-C is for the tests, which then stop the servers.
  const child = spawn('sh', ['-c', GUARDED, 'sh', command, ...args], {
    env: { ...process.env, ...env },
    detached: true,
    stdio: 'pipe',
  });
  const file = createWriteStream(log);
  child.stdout.pipe(file);
  child.stderr.pipe(file, { end: false });
  child.on('error', (error) => file.write(String(error)));
  return child;
}

export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const over = new Promise((resolve) => child.on('exit', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await over;
}

/** Waits at most two minutes. */
export async function ready(
  name: string,
  url: string,
  child: ChildProcess,
  log: string,
  is: (text: string) => boolean,
): Promise<void> {
  for (let left = 480; left > 0; left--) {
    if (child.exitCode !== null) break;
    const text = await fetch(url).then(
      (response) => response.text(),
      () => undefined,
    );
    if (text !== undefined && is(text)) return;
    await sleep(250);
  }
  const said = await readFile(log, 'utf8').catch(() => '');
  const from = Math.max(said.search(/\bERROR\b|Traceback/), 0);
  throw new Error(`${name} does not start:\n${said.slice(from, from + 3_000)}`);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
