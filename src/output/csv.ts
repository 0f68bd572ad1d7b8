import type { Column, Result, Row, Value } from '../result.js';
import { aboutLines, type Renderer, type RenderOptions, type Write } from './renderer.js';
import { percentText, plainTime, visible, visibleLines } from './text.js';

/** Written at a time: large enough that the writing does not show. */
const BATCH = 1 << 16;

/**
 * RFC 4180 with a header line; NULL is nothing and an empty text is `""`. Lines end in LF, which every reader of CSV takes
 * and line tools need; `excel` gives the CRLF of the standard.
 */
export const renderCsv: Renderer = async (result, write, options) => {
  const end = options.excel ? '\r\n' : '\n';
  const rows = await renderRecords(result, write, options, end);
  // Readers that know comments skip these; a spreadsheet shows them below the rows.
  if (options.about) {
    for (const line of await aboutLines(options.about, rows))
      await write((options.excel ? quote(`# ${line}`) : `# ${line}`) + end);
  }
  return rows;
};

async function renderRecords(
  result: Result,
  write: Write,
  { excel, terminal, limit }: RenderOptions,
  end: string,
): Promise<number> {
  const header = result.columns
    .map(({ name }) => quote(excel ? guarded(visible(name)) : visible(name)))
    .join(',');
  await write((excel ? '\ufeff' : '') + header + end);
  if (result.csv && !excel && !terminal) return writeReady(result, result.csv(limit), write, limit);

  const fields = result.columns.map((column) => fieldWriter(column, excel, terminal));
  let rows = 0;
  let text = '';
  for await (const batch of result.rows(limit)) {
    for (const row of batch) {
      text += record(row, fields) + end;
      if (text.length >= BATCH) {
        await write(text);
        text = '';
      }
    }
    rows += batch.length;
  }
  if (text !== '') await write(text);
  return rows;
}

async function writeReady(
  result: Result,
  texts: AsyncIterable<string | Uint8Array>,
  write: Write,
  limit: number | undefined,
): Promise<number> {
  for await (const text of texts) await write(safe(text));
  const { rows } = await result.totals();
  return Math.min(rows, limit ?? rows);
}

/** Ready text, as the database wrote it: what a terminal would act on is written out. */
const safe = (text: string | Uint8Array): string | Uint8Array => {
  const plain =
    typeof text === 'string'
      ? text
      : Buffer.from(text.buffer, text.byteOffset, text.length).toString('latin1');
  if (!/[^\n\x20-\x7e]/.test(plain)) return text;
  return visibleLines(typeof text === 'string' ? text : Buffer.from(text).toString());
};

function record(row: Row, fields: ReadonlyArray<(value: Value) => string>): string {
  let line = '';
  for (let i = 0; i < fields.length; i++) line += (i > 0 ? ',' : '') + fields[i]!(row[i]!);
  return line;
}

function fieldWriter(column: Column, excel: boolean, terminal: boolean): (value: Value) => string {
  if (column.type === 'time') return (value) => (value === null ? '' : plainTime(String(value)));
  if (column.type === 'percent') return (value) => (value === null ? '' : percentText(value));
  if (column.type !== 'text') return (value) => (value === null ? '' : String(value));
  return (value) => {
    if (value === null) return '';
    const text = terminal ? visible(String(value)) : visibleLines(String(value));
    return quote(excel ? guarded(text) : text);
  };
}

/**
 * A field of a record, in quotes where it needs them, as DuckDB has it: what begins a comment for some readers is quoted too.
 */
export const quote = (text: string) =>
  text === '' || /[",\r\n#]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** A spreadsheet runs a cell that begins like a formula, in Japan also in full width; with an apostrophe before it, it is text. */
const guarded = (text: string) => (/^[=+\-@＝＋－＠\t\r]/.test(text) ? `'${text}` : text);
