import { renderCsv } from './csv.js';
import { renderJson, renderNdjson } from './json.js';
import { renderMarkdown } from './markdown.js';
import type { Renderer } from './renderer.js';

/** A way to write an answer. */
interface FormatSpec {
  /** For `flowlog help output`. */
  readonly about: string;
  readonly renderer: () => Renderer | Promise<Renderer>;
}

/** All formats: options, completion and help are made from this table. */
const SPECS = {
  table: {
    about: 'the default on a terminal; fitted to its width, first 1,000 rows',
    // A CSV needs no table library.
    renderer: async () => (await import('./table.js')).renderTable,
  },
  csv: { about: 'the default for a pipe or file; RFC 4180 with a header', renderer: () => renderCsv },
  json: {
    about: 'one array, times with their offset, whole numbers at any size',
    renderer: () => renderJson,
  },
  ndjson: { about: 'one object a line', renderer: () => renderNdjson },
  markdown: { about: 'a table for a report', renderer: () => renderMarkdown },
} satisfies Record<string, FormatSpec>;

export type Format = keyof typeof SPECS;
export const FORMATS = Object.keys(SPECS) as readonly Format[];

export const aboutFormat = (format: Format): string => SPECS[format].about;

export async function loadRenderer(format: Format): Promise<Renderer> {
  return SPECS[format].renderer();
}
