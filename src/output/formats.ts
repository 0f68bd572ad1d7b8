import { extname } from 'node:path';
import { UsageError } from '../errors.js';
import { renderCsv } from './csv.js';
import { renderJson, renderNdjson } from './json.js';
import { renderMarkdown } from './markdown.js';
import type { Renderer } from './renderer.js';

/** A way to write an answer. */
interface FormatSpec {
  /** For `flowlog help output`. */
  readonly about: string;
  /** Endings of file names that stand for this format, the first for advice. */
  readonly endings: readonly string[];
  readonly renderer: () => Renderer | Promise<Renderer>;
  /** Whether it is no text, which a terminal cannot show. */
  readonly binary?: boolean;
  /** Whether the question and the notes stand beside the rows: always, unless told not to, only when asked for, or never. */
  readonly notes: 'always' | 'usually' | 'asked' | 'never';
}

/** All formats: options, completion and help are made from this table. */
const SPECS = {
  table: {
    about: 'the default on a terminal; fitted to its width, first 1,000 rows',
    endings: ['txt'],
    notes: 'asked',
    // A CSV needs no table library.
    renderer: async () => (await import('./table.js')).renderTable,
  },
  csv: {
    about: 'the default for a pipe or file; RFC 4180 with a header',
    endings: ['csv'],
    notes: 'asked',
    renderer: () => renderCsv,
  },
  json: {
    about: 'one array, times with their offset, whole numbers at any size',
    endings: ['json'],
    notes: 'asked',
    renderer: () => renderJson,
  },
  ndjson: {
    about: 'one object a line',
    endings: ['ndjson', 'jsonl'],
    notes: 'never',
    renderer: () => renderNdjson,
  },
  html: {
    about: 'a page of its own: question, rows and notes, without scripts',
    endings: ['html', 'htm'],
    notes: 'always',
    renderer: async () => (await import('./html.js')).renderHtml,
  },
  svg: {
    about: 'a picture, for timeline, talkers, beacons and coverage',
    endings: ['svg'],
    notes: 'never',
    renderer: async () => (await import('./svg.js')).renderSvg,
  },
  markdown: {
    about: 'a table for a report',
    endings: ['md', 'markdown'],
    notes: 'usually',
    renderer: () => renderMarkdown,
  },
  xlsx: {
    about: 'a workbook: real times and numbers, and a sheet with the question and the notes',
    endings: ['xlsx'],
    notes: 'always',
    binary: true,
    renderer: async () => (await import('./xlsx.js')).renderXlsx,
  },
  parquet: {
    about: 'typed columns; the question and the notes are its metadata',
    endings: ['parquet'],
    notes: 'always',
    binary: true,
    renderer: async () => (await import('./parquet.js')).renderParquet,
  },
} satisfies Record<string, FormatSpec>;

export type Format = keyof typeof SPECS;
export const FORMATS = Object.keys(SPECS) as readonly Format[];

export const aboutFormat = (format: Format): string => SPECS[format].about;

/** What `--format` and `--output` say together: undefined where neither says which format it is. */
export function formatFor(format: Format | undefined, file: string | undefined): Format | undefined {
  const ending = file === undefined ? '' : extname(file).slice(1).toLowerCase();
  if (ending === '') return format;
  const meant = FORMATS.find((each) => (SPECS[each].endings as readonly string[]).includes(ending));
  if (meant === undefined) {
    if (format !== undefined) return format;
    const known = FORMATS.flatMap((each) => SPECS[each].endings.map((known) => `.${known}`));
    throw new UsageError(
      `-o ${file}: no format has the ending .${ending}.`,
      `Use ${known.slice(0, -1).join(', ')} or ${known.at(-1)}, or add --format.`,
    );
  }
  if (format !== undefined && format !== meant) {
    throw new UsageError(
      `-o ${file} ends like ${meant}, but the format is ${format}.`,
      `Use --format ${meant}, or a name that ends in .${SPECS[format].endings[0]}.`,
    );
  }
  return meant;
}

/** Whether the question and the notes are written with the rows. */
export function carriesNotes(
  format: Format,
  asked: { readonly withQuestion?: boolean; readonly withNotes?: boolean; readonly notes?: boolean },
): boolean {
  const { notes }: FormatSpec = SPECS[format];
  if (asked.withQuestion && format !== 'json') {
    throw new UsageError('--with-question requires --format json.', 'Add --format json.');
  }
  if (asked.withNotes && notes === 'never') {
    throw new UsageError(
      `--with-notes: ${format} has no place for notes.`,
      'Use --format json, or leave --with-notes out: the notes are on standard error.',
    );
  }
  if (notes === 'always') return true;
  return asked.withQuestion || asked.withNotes || (notes === 'usually' && asked.notes !== false);
}

/** @throws UsageError where a terminal cannot show the format */
export function checkTerminal(format: Format, isTTY: boolean): void {
  const { binary, endings }: FormatSpec = SPECS[format];
  if (binary && isTTY) {
    throw new UsageError(
      `A terminal cannot show ${format}.`,
      `Name a file: -o answer.${endings[0]}, or pipe it somewhere.`,
    );
  }
}

export async function loadRenderer(format: Format): Promise<Renderer> {
  return SPECS[format].renderer();
}
