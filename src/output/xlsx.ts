import { Zip, ZipDeflate } from 'fflate';
import { FlowlogError } from '../errors.js';
import type { Column, Value } from '../result.js';
import { type About, type Renderer, shownOptions, type Write } from './renderer.js';
import { cellText, isNumeric, plainTime, visible } from './text.js';

/** Limits of Excel ("Excel specifications and limits"). */
const MOST_ROWS = 1_048_576;
const LONGEST = 32_767;
/** Excel keeps 15 digits of a number; what has more is written as text. */
const MOST_DIGITS = 15;
/** XML that is put together before it is packed. */
const BATCH = 1 << 16;

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** Formats of cells, by their place in the style sheet. */
const STYLE = { plain: 0, head: 1, time: 2, percent: 3, number: 4, wrapped: 5 } as const;

const STYLES = `${XML}<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="6"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="10" applyNumberFormat="1"/><xf numFmtId="3" applyNumberFormat="1"/><xf applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

const SHEETS = ['Answer', 'About'];

/** The files beside the sheets, by name. */
const PARTS: ReadonlyArray<readonly [name: string, text: string]> = [
  [
    '[Content_Types].xml',
    `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/>${SHEETS.map((_, i) => `<Override PartName="/xl/worksheets/sheet${i + 1}.xml" ContentType="${TYPE}.worksheet+xml"/>`).join('')}</Types>`,
  ],
  [
    '_rels/.rels',
    `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  ],
  [
    'xl/workbook.xml',
    `${XML}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${SHEETS.map((name, i) => `<sheet name="${name}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join('')}</sheets></workbook>`,
  ],
  [
    'xl/_rels/workbook.xml.rels',
    `${XML}<Relationships xmlns="${PACKAGE}/relationships">${SHEETS.map((_, i) => `<Relationship Id="rId${i + 1}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join('')}<Relationship Id="rId${SHEETS.length + 1}" Type="${RELATIONS}/styles" Target="styles.xml"/></Relationships>`,
  ],
  ['xl/styles.xml', STYLES],
];

/**
 * A workbook (ECMA-376): the rows with real times and numbers below a header that stays and filters, and a sheet about the
 * answer. Written row by row, since no library does that with two sheets. Texts are texts whatever they begin with: none is
 * a formula.
 */
export const renderXlsx: Renderer = async (result, write, { limit, about }) => {
  const zip = new Archive(write);
  for (const [name, text] of PARTS) await zip.file(name, [text]);
  let rows = 0;
  const answer = async function* () {
    yield sheetHead(result.columns);
    let text = '';
    for await (const batch of result.rows(limit)) {
      for (const row of batch) {
        if (++rows >= MOST_ROWS) throw tooMany();
        text += `<row>${result.columns.map((column, i) => cell(row[i]!, column)).join('')}</row>`;
        if (text.length >= BATCH) {
          yield text;
          text = '';
        }
      }
    }
    const last = `${letters(result.columns.length)}${rows + 1}`;
    yield `${text}</sheetData><autoFilter ref="A1:${last}"/></worksheet>`;
  };
  await zip.file('xl/worksheets/sheet1.xml', answer());
  await zip.file('xl/worksheets/sheet2.xml', [await aboutSheet(about, rows)]);
  await zip.end();
  return rows;
};

/** A ZIP file that is written as it is made. */
class Archive {
  private packed: Uint8Array[] = [];
  private failure: Error | undefined;
  private readonly zip = new Zip((error, bytes) => {
    if (error) this.failure = error;
    else this.packed.push(bytes);
  });

  constructor(private readonly write: Write) {}

  async file(name: string, texts: Iterable<string> | AsyncIterable<string>): Promise<void> {
    const file = new ZipDeflate(name, { level: 1 });
    // The earliest time that the format knows: the same answer makes the same bytes.
    file.mtime = new Date(1980, 0, 1);
    this.zip.add(file);
    for await (const text of texts) {
      file.push(Buffer.from(text));
      await this.flush();
    }
    file.push(new Uint8Array(), true);
    await this.flush();
  }

  async end(): Promise<void> {
    this.zip.end();
    await this.flush();
  }

  private async flush(): Promise<void> {
    if (this.failure) throw this.failure;
    const ready = this.packed;
    this.packed = [];
    for (const bytes of ready) await this.write(bytes);
  }
}

const WIDTHS: Readonly<Partial<Record<Column['type'], number>>> = { time: 20, text: 24 };

function sheetHead(columns: readonly Column[]): string {
  const widths = columns.map(({ name, type }, i) => {
    const width = Math.max(WIDTHS[type] ?? 12, name.length + 4);
    return `<col min="${i + 1}" max="${i + 1}" width="${width}" customWidth="1"/>`;
  });
  const names = columns.map(({ name }) => textCell(visible(name), STYLE.head));
  return `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData><row>${names.join('')}</row>`;
}

function cell(value: Value, column: Column): string {
  if (value === null) return '<c/>';
  if (column.type === 'time') return numberCell(serial(String(value)), STYLE.time);
  if (column.type === 'percent') return numberCell(Number(value) / 10_000, STYLE.percent);
  if (!isNumeric(column)) return textCell(cellText(value, column), STYLE.plain);
  const text = String(value);
  if (text.replace(/\D/g, '').length > MOST_DIGITS && column.type !== 'number')
    return textCell(text, STYLE.plain);
  return numberCell(text, column.type === 'bytes' ? STYLE.number : STYLE.plain);
}

const numberCell = (value: number | string, style: number) => `<c s="${style}"><v>${value}</v></c>`;

function textCell(text: string, style: number): string {
  if (text.length > LONGEST) {
    throw new FlowlogError(
      `A text of ${text.length} characters does not fit into a cell of Excel, which holds ${LONGEST}.`,
      'Use --format csv, or leave that column out.',
    );
  }
  return `<c t="inlineStr" s="${style}"><is><t xml:space="preserve">${xml(text)}</t></is></c>`;
}

const xml = (text: string): string =>
  /[&<>\ufffe\uffff]/.test(text)
    ? text.replace(
        /[&<>\ufffe\uffff]/g,
        (each) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[each] ?? '\ufffd',
      )
    : text;

/** Days since 30 December 1899 on the clock of the zone: a spreadsheet knows no zones. */
const serial = (iso: string): number =>
  Date.parse(`${plainTime(iso).replace(' ', 'T')}Z`) / 86_400_000 + 25_569;

/** The name of a column by its number from 1: 27 → AA. */
function letters(columns: number): string {
  const rest = (columns - 1) % 26;
  const before = (columns - 1 - rest) / 26;
  return (before > 0 ? letters(before) : '') + String.fromCharCode(65 + rest);
}

async function aboutSheet(about: About | undefined, rows: number): Promise<string> {
  const { question } = about ?? {};
  const pairs: Array<readonly [string, string]> = [
    ...(question ? [['question', `flowlog ${question.command}`] as const] : []),
    ...(question ? shownOptions(question).map(({ option, value }) => [option, value] as const) : []),
    ...((await about?.notes(rows)) ?? []).map((note) => ['note', note] as const),
  ];
  const lines = pairs.map(
    ([term, text]) => `<row>${textCell(term, STYLE.head)}${textCell(visible(text), STYLE.wrapped)}</row>`,
  );
  return `${XML}<worksheet xmlns="${MAIN}"><cols><col min="1" max="1" width="16" customWidth="1"/><col min="2" max="2" width="100" customWidth="1"/></cols><sheetData>${lines.join('')}</sheetData></worksheet>`;
}

const tooMany = () =>
  new FlowlogError(
    `A sheet of Excel holds ${(MOST_ROWS - 1).toLocaleString('en-US')} rows, and the answer has more.`,
    'Use --limit, a shorter range, or --format csv.',
  );
