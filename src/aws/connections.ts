import { readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { UsageError } from '../errors.js';
import { hasProxy } from './proxy.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What every client of the SDK makes its request handler of. */
export interface Connections {
  /** Milliseconds until a connection must stand, and that it may be silent, before the request is made anew. */
  readonly connectionTimeout: number;
  readonly socketTimeout: number;
  readonly httpAgent: Agent | { readonly maxSockets: number };
  readonly httpsAgent: Agent | { readonly maxSockets: number; readonly ca?: string };
}

const MAX_SOCKETS = 64;
const TIMEOUTS = { connectionTimeout: 10_000, socketTimeout: 30_000 };

/** A test need not wait as long for a server that never answers. */
const timeoutsOf = ({ FLOWLOG_TEST_SILENCE: silence }: Environment) =>
  silence === undefined ? TIMEOUTS : { connectionTimeout: Number(silence), socketTimeout: Number(silence) };

/**
 * How all clients connect, those inside the credential providers (STS, SSO) included. The SDK reads neither the proxy
 * variables nor AWS_CA_BUNDLE by itself.
 *
 * @throws UsageError when one of the variables does not hold what it should
 */
export async function connectionsOf(env: Environment): Promise<Connections> {
  const ca = certificates(env);
  const direct = { maxSockets: MAX_SOCKETS, ...(ca === undefined ? {} : { ca }) };
  if (!hasProxy(env))
    return { ...timeoutsOf(env), httpAgent: { maxSockets: MAX_SOCKETS }, httpsAgent: direct };
  // Most people have no proxy: loaded only here.
  const { proxiedAgents } = await import('./proxy-agents.js');
  return { ...timeoutsOf(env), ...proxiedAgents(env, { ...direct, keepAlive: true }) };
}

/** Certificates that are trusted instead of Node's own, as the AWS CLI does it. */
function certificates({ AWS_CA_BUNDLE: path }: Environment): string | undefined {
  if (!path) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(
      `AWS_CA_BUNDLE: ${path}: ${missing ? 'no such file' : (error as Error).message}`,
      'Set it to a file of certificates (PEM), or unset it.',
    );
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new UsageError(
    `AWS_CA_BUNDLE: ${path} holds no certificate.`,
    'Set it to a file of certificates (PEM), or unset it.',
  );
}
