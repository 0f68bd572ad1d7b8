import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrinoSQL } from 'dt-sql-parser';

const trino = new TrinoSQL();
type SyntaxErrors = ReturnType<typeof trino.validate>;

/**
 * Statements that are correct, by digests of their shape: the grammar takes seconds for the first in a process. Kept for other
 * processes too, for this version of the grammar.
 */
const manifest = createRequire(import.meta.url).resolve('dt-sql-parser/package.json');
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
const FOLDER = fileURLToPath(new URL(`../../node_modules/.cache/trino-grammar-${version}/`, import.meta.url));
mkdirSync(FOLDER, { recursive: true });
const correct = new Set<string>();

/** Comments, and what stands in literals, make no difference to a grammar. */
const shapeOf = (text: string) =>
  text
    .replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, (part) =>
      part.startsWith("'") ? "''" : part.startsWith('"') ? part : ' ',
    )
    .replace(/\b\d+\b/g, '0');

/** What the grammar of Trino says against a statement; empty where nothing. */
export function grammarErrors(text: string): SyntaxErrors {
  const digest = createHash('sha256').update(shapeOf(text)).digest('hex');
  if (correct.has(digest)) return [];
  const path = join(FOLDER, digest);
  const known = existsSync(path);
  if (!known) {
    // SLL is the faster way to read what is correct; of the rest, LL knows what is wrong.
    let errors = 0;
    const parser = trino.createParser(text, () => errors++);
    parser.interpreter.predictionMode = 0;
    parser.program();
    if (errors > 0) {
      const found = trino.validate(text);
      if (found.length > 0) return found;
    }
    writeFileSync(path, '');
  }
  correct.add(digest);
  return [];
}
