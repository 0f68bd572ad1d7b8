import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { flowlog } from './e2e/bin.js';
import { testFolder } from './folder.js';

const CASES = fileURLToPath(new URL('cases', import.meta.url));

/** The folders of test/cases. The input of those named `s3-…` is the content of a bucket. */
export function casesIn({ s3 }: { s3: boolean }): string[] {
  return readdirSync(CASES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('s3-') === s3)
    .map(({ name }) => name)
    .sort();
}

/** The bucket that the command of a case reads, and the folder that holds its content. */
export function bucketOfCase(name: string): { bucket: string; content: string } {
  const bucket = /s3:\/\/([a-z0-9.-]+)/.exec(textOf(name, 'command')!)?.[1];
  if (bucket === undefined) throw new Error(`${name}: the command names no bucket`);
  return { bucket, content: join(CASES, name, 'input') };
}

/**
 * Runs a case in a copy of its folder and compares what it prints with the files beside the command:
 *
 * - `command`: what a user types, one command a line; `< FILE` gives it standard input, and a line after `#` is a comment
 * - `expected`: standard output of all of them, byte for byte
 * - `expected-stderr`: lines, or parts of lines, that standard error must contain
 * - `exit`: exit code of the last command; 0 unless given
 */
export async function checkCase(name: string, env: Record<string, string> = {}): Promise<void> {
  const cwd = join(testFolder(), name);
  cpSync(join(CASES, name), cwd, { recursive: true });
  const lines = textOf(name, 'command')!.split('\n');
  const commands = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const expected = textOf(name, 'expected');
  const said = textOf(name, 'expected-stderr')?.split('\n').filter(Boolean) ?? [];
  const exit = Number(textOf(name, 'exit') ?? 0);
  expect(expected !== undefined || said.length > 0 || exit > 0, `${name} expects nothing`).toBe(true);

  let stdout = '';
  let stderr = '';
  const codes: Array<number | null> = [];
  for (const command of commands) {
    const { args, input } = parseCommand(command);
    const outcome = await flowlog(args, {
      cwd,
      env: { FLOWLOG_CACHE_DIR: join(cwd, '.cache'), ...env },
      ...(input === undefined ? {} : { input: readFileSync(join(cwd, input)) }),
    });
    stdout += outcome.stdout;
    stderr += outcome.stderr;
    codes.push(outcome.code);
  }
  if (expected !== undefined) expect(stdout, stderr).toBe(expected);
  for (const text of said) expect(stderr).toContain(text);
  expect(codes, stderr).toEqual(commands.map((_, i) => (i === commands.length - 1 ? exit : 0)));
}

function textOf(name: string, file: string): string | undefined {
  const path = join(CASES, name, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Splits a command line as a shell does: quotes, backslashes and `< FILE`; nothing is substituted. */
export function parseCommand(line: string): { args: string[]; input: string | undefined } {
  const words = [...line.matchAll(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/g)].map(([word]) => word);
  const plain = words.map((word) =>
    word.replace(
      /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
      (_, single?: string, double?: string, escaped?: string) =>
        single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped!,
    ),
  );
  if (plain[0] !== 'flowlog') throw new Error(`not a command of flowlog: ${line}`);
  const at = words.indexOf('<');
  if (at < 0) return { args: plain.slice(1), input: undefined };
  return { args: plain.filter((_, i) => i !== 0 && i !== at && i !== at + 1), input: plain[at + 1] };
}
