import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Whether the shared files of AWS have a profile of that name: `[profile NAME]` in the configuration, `[NAME]` in the
 * credentials. The SDK tries other sources where a profile is missing, and then reports those.
 */
export function profileExists(name: string, env: Env = process.env): boolean {
  const folder = join(homedir(), '.aws');
  const config = sections(env.AWS_CONFIG_FILE || join(folder, 'config'));
  const credentials = sections(env.AWS_SHARED_CREDENTIALS_FILE || join(folder, 'credentials'));
  return (
    credentials.includes(name) ||
    config.includes(`profile ${name}`) ||
    (name === 'default' && config.includes('default'))
  );
}

/** The names in square brackets, without the quotes that a name with blanks has; none where there is no file. */
function sections(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return [...text.matchAll(/^[ \t]*\[([^\]\n]*)\]/gm)].map(([, title = '']) =>
    title
      .trim()
      .replace(/^profile\s+/, 'profile ')
      .replace(/["']/g, ''),
  );
}
