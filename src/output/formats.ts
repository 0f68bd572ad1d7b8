import { renderCsv } from './csv.js';
import { renderJson, renderNdjson } from './json.js';
import { renderMarkdown } from './markdown.js';
import type { Renderer } from './renderer.js';

export const FORMATS = ['table', 'csv', 'json', 'ndjson', 'markdown'] as const;
export type Format = (typeof FORMATS)[number];

/** The renderer of a format. That of tables is loaded when asked for: a CSV needs no table library. */
export async function loadRenderer(format: Format): Promise<Renderer> {
  switch (format) {
    case 'table':
      return (await import('./table.js')).renderTable;
    case 'csv':
      return renderCsv;
    case 'json':
      return renderJson;
    case 'ndjson':
      return renderNdjson;
    case 'markdown':
      return renderMarkdown;
  }
}
