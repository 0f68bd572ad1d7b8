import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { testFolder } from '../folder.js';

const PROGRAM = fileURLToPath(new URL('proxy-program.js', import.meta.url));

export interface Proxy {
  readonly url: string;
  /** `CONNECT athena.test:443` or `POST http://athena.test/`, one for each request. */
  readonly requests: string[];
}

/** Starts a proxy that alone resolves these names, each to a port of this machine. */
export async function startProxy(
  hosts: Readonly<Record<string, number>>,
  credentials?: string,
): Promise<Proxy> {
  const args = [
    ...(credentials ? ['--credentials', credentials] : []),
    ...Object.entries(hosts).map((each) => each.join('=')),
  ];
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    const over = new Promise((resolve) => child.on('close', resolve));
    child.stdin.end();
    await over;
  });
  const requests: string[] = [];
  const port = await new Promise<string>((resolve) => {
    createInterface(child.stdout)
      .once('line', resolve)
      .on('line', (line) => requests.push(line));
  });
  // The first line is the port.
  requests.shift();
  return { url: `http://127.0.0.1:${port}`, requests };
}

export interface Authority {
  /** Path of its certificate. */
  readonly bundle: string;
  /** Serves a plain server with TLS, under these names; returns the port. */
  serve(plainPort: number, names: readonly string[]): Promise<number>;
}

/** A certificate authority that nobody else knows. */
export function privateAuthority(): Authority {
  const folder = testFolder();
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Private CA',
    '-days',
    '2',
  );
  return {
    bundle: join(folder, 'ca.pem'),
    async serve(plainPort, names) {
      openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', `/CN=${names[0]}`);
      writeFileSync(join(folder, 'names'), `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`);
      const signed = [
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-extfile',
        'names',
        '-days',
        '2',
      ];
      openssl('x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.pem');
      const read = (name: string) => readFileSync(join(folder, name));
      const server = createServer({ key: read('server.key'), cert: read('server.pem') }, (socket) => {
        const plain = connect(plainPort, '127.0.0.1');
        for (const each of [socket, plain])
          each.on('error', () => [socket, plain].map((one) => one.destroy()));
        socket.pipe(plain).pipe(socket);
      });
      // A client that does not trust the certificate ends the handshake.
      server.on('tlsClientError', () => {});
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      return (server.address() as AddressInfo).port;
    },
  };
}
