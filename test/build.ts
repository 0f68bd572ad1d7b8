import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Tests run the built program and install the built package, so that is built once before any test. */
export default function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
  });
}
