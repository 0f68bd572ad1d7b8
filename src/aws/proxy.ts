import { UsageError } from '../errors.js';
import { containsAddress, parseAddress, parseCidr } from '../net/cidr.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of curl and of AWS's tools. The lower-case spelling wins, as there. */
const read = (env: Environment, name: string): string | undefined =>
  env[name.toLowerCase()] || env[name] || undefined;

/** Whether the environment names a proxy for any request. */
export const hasProxy = (env: Environment): boolean =>
  ['HTTPS_PROXY', 'HTTP_PROXY'].some((name) => read(env, name) !== undefined);

/** @throws UsageError when the variable does not hold the URL of an HTTP proxy */
export function proxyFor(protocol: 'http:' | 'https:', env: Environment): URL | undefined {
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = read(env, name);
  if (text === undefined) return undefined;
  // AWS's tools take `proxy.example.com:3128` too.
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url);
  throw new UsageError(
    `${name}: ${withoutPassword(text)} is not the URL of an HTTP proxy.`,
    'Write it as http://proxy.example.com:3128 or https://…; SOCKS proxies are not supported.',
  );
}

const withoutPassword = (text: string) => text.replace(/\/\/[^/@]*@/, '//***@');

/** Whether NO_PROXY names this host: by name, by a domain above it, by address or block, or `*` for all. */
export function bypassesProxy(host: string, port: number, env: Environment): boolean {
  const entries = (read(env, 'NO_PROXY') ?? '').toLowerCase().split(/[\s,]+/);
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return entries.some((entry) => {
    if (entry === '*') return true;
    const [, pattern = entry, only] = /^(\[[^\]]*\]|[^:]+)(?::(\d+))?$/.exec(entry) ?? [];
    if (pattern === '' || (only !== undefined && Number(only) !== port)) return false;
    const bare = pattern.replace(/^\[|\]$/g, '');
    return parseAddress(name) ? isWithinBlock(bare, name) : isWithinDomain(bare, name);
  });
}

function isWithinBlock(block: string, address: string): boolean {
  if (!block.includes('/')) return block === address;
  try {
    return containsAddress(parseCidr(block), address);
  } catch {
    return false;
  }
}

/** `amazonaws.com`, `.amazonaws.com` and `*.amazonaws.com` name what lies below; the first names itself too. */
function isWithinDomain(pattern: string, name: string): boolean {
  const domain = pattern.replace(/^\*?\./, '');
  return name === domain || name.endsWith(`.${domain}`);
}
