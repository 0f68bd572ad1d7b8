import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Tests run the built program and install the built package, so that is built once before any test. With FLOWLOG_TEST_BUILT
 * what `npm ci` has just built is taken.
 */
export default function build(): void {
  if (process.env.FLOWLOG_TEST_BUILT) return;
  execFileSync('npm', ['run', '--silent', 'build'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
  });
}
