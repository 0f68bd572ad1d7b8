import { createHash } from 'node:crypto';
import { visible } from './text.js';

/** Text that stays text in a page, wherever it stands there. */
export const escaped = (text: string): string =>
  visible(text).replace(
    /[&<>"']/g,
    (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[character]!,
  );

const STYLE = `
:root { color-scheme: light dark; --ink: #1a1d21; --soft: #555c66; --line: #d5d9df; --paper: #fff; --card: #f5f6f8;
  --good: #12693b; --bad: #a3191f; --doubt: #7a4d00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #b0b6bf; --line: #3a3f47; --paper: #15181c; --card: #1e2227;
  --good: #6fd39b; --bad: #ff9a94; --doubt: #f0c060; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, "Hiragino Sans", "Noto Sans CJK JP", "Yu Gothic", sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p, ul, dl { margin: .5rem 0; max-width: 60rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
small, .soft { color: var(--soft); font-size: .875rem; }
code, pre { font: .875rem/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; }
pre { background: var(--card); padding: .75rem 1rem; overflow-x: auto; border-radius: .25rem; }
.verdict { border-left: .5rem solid; padding: 1rem 1.25rem; background: var(--card); border-radius: .25rem; }
.verdict strong { font-size: 1.35rem; display: block; }
.good { border-color: var(--good); } .good strong { color: var(--good); }
.bad { border-color: var(--bad); } .bad strong { color: var(--bad); }
.doubt { border-color: var(--doubt); } .doubt strong { color: var(--doubt); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td { overflow-wrap: break-word; } td.number, th.number { text-align: right; white-space: nowrap; }
td.time { white-space: nowrap; }
figure { margin: 1rem 0; } figure img { max-width: 100%; height: auto; background: #fff; border-radius: .25rem; }
@media print { :root { --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --card: #f2f2f2; --good: #12693b; --bad: #a3191f; --doubt: #7a4d00; }
  @page { size: A4; margin: 16mm 14mm; }
  body { font-size: 10pt; } main { max-width: none; padding: 0; } h2 { break-after: avoid; } tr, figure, .verdict { break-inside: avoid; }
  thead { display: table-header-group; } table { font-size: 8pt; width: 100%; } .scroll { overflow: visible; } th { white-space: normal; } }
`;

const digest = createHash('sha256').update(STYLE).digest('base64');
/** Nothing is loaded, nothing runs: what a value of a log looks like makes no difference. */
const POLICY = `default-src 'none'; style-src 'sha256-${digest}'; img-src data:; base-uri 'none'; form-action 'none'`;

export interface PageTitle {
  readonly lang: 'en' | 'ja';
  readonly title: string;
}

/** The page up to its content. */
export const pageHead = ({ lang, title }: PageTitle): string => `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
`;

export const PAGE_END = '</main>\n</body>\n</html>\n';

/** A heading of a table's column, or a cell of it. */
export type CellKind = 'text' | 'number' | 'time';

export const headCell = (text: string, kind: CellKind): string =>
  `<th scope="col"${kind === 'number' ? ' class="number"' : ''}>${escaped(text)}</th>`;
export const cell = (text: string, kind: CellKind): string =>
  `<td${kind === 'text' ? '' : ` class="${kind}"`}>${escaped(text)}</td>`;

/** Pairs of a term and what it is, where there is something. */
export const definitions = (
  pairs: ReadonlyArray<readonly [term: string, text: string | undefined]>,
): string =>
  `<dl>\n${pairs
    .filter(([, text]) => text !== undefined && text !== '')
    .map(([term, text]) => `<dt>${escaped(term)}</dt><dd>${escaped(text!)}</dd>\n`)
    .join('')}</dl>\n`;
