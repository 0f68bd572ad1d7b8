import type { Renderer } from './renderer.js';

export const FORMATS = ['table', 'csv', 'json', 'ndjson', 'markdown'] as const;
export type Format = (typeof FORMATS)[number];

/** The renderer of a format. Each is loaded when asked for: a CSV needs no table library. */
export async function loadRenderer(format: Format): Promise<Renderer> {
  switch (format) {
    case 'table':
      return (await import('./table.js')).renderTable;
    case 'csv':
      return (await import('./csv.js')).renderCsv;
    case 'json':
      return (await import('./json.js')).renderJson;
    case 'ndjson':
      return (await import('./json.js')).renderNdjson;
    case 'markdown':
      return (await import('./markdown.js')).renderMarkdown;
  }
}
