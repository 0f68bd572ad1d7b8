import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './places.js';

/**
 * A Python that has these packages, in an environment of their own that is made once.
 *
 * @returns the interpreter, or why there is none
 */
export async function python(packages, say) {
  const name = `python-${packages.join('-').replaceAll('==', '-')}`;
  const folder = join(CACHE, name);
  const interpreter = join(folder, 'bin/python');
  // An environment holds its own path, so it is made where it stays and marked when it is whole.
  const mark = join(folder, 'complete');
  if (existsSync(mark)) return { interpreter };
  say(`Installing ${packages.join(', ')} into ${CACHE}, once.`);
  try {
    mkdirSync(CACHE, { recursive: true });
    const quiet = { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' };
    execFileSync('python3', ['-m', 'venv', '--clear', folder], quiet);
    execFileSync(join(folder, 'bin/pip'), ['install', '-q', ...packages], quiet);
    writeFileSync(mark, '');
    return { interpreter };
  } catch (error) {
    const why = String(error.stderr || error.message)
      .trim()
      .split('\n')
      .at(-1);
    return { why: `cannot be installed (${why})` };
  }
}
