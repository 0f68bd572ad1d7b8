import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** What the cache may hold unless told otherwise (bytes). */
export const DEFAULT_CACHE_SIZE = 10e9;

/** The folder that the cache lies in: FLOWLOG_CACHE_DIR, or `flowlog` where the XDG Base Directory Specification says. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (env.FLOWLOG_CACHE_DIR) return resolve(env.FLOWLOG_CACHE_DIR);
  const { XDG_CACHE_HOME: xdg } = env;
  // A relative one counts as not set.
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'flowlog');
}
