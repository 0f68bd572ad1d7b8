// Draws a terminal's text, with its colours, as an SVG: the picture in the README.
//   FORCE_COLOR=1 flowlog … | node docs/picture.js '$ flowlog …' > docs/egress.svg
import { readFileSync } from 'node:fs';

const command = process.argv[2];
const text = `\u001b[36m${command}\u001b[0m\n${readFileSync(0, 'utf8').trimEnd()}`;
const CHARACTER = { width: 7.8, height: 18 };
const MARGIN = 16;
const STYLES = { 1: 'font-weight="bold"', 2: 'opacity="0.5"', 31: 'fill="#ff7b72"', 36: 'fill="#79c0ff"' };

// A browser makes one space of many, and does not hear that it should not from every element.
const escaped = (part) =>
  part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(' ', '\u00a0');

function spans(line) {
  let style = '';
  let out = '';
  for (const part of line.split(/(\u001b\[\d+m)/)) {
    const code = /\[(\d+)m/.exec(part)?.[1];
    if (code !== undefined) style = STYLES[code] ?? '';
    else if (part !== '') out += style ? `<tspan ${style}>${escaped(part)}</tspan>` : escaped(part);
  }
  return out;
}

const lines = text.split('\n');
const columns = Math.max(...lines.map((line) => line.replace(/\u001b\[\d+m/g, '').length));
const width = Math.ceil(columns * CHARACTER.width + 2 * MARGIN);
const height = lines.length * CHARACTER.height + 2 * MARGIN;
const rows = lines.map(
  (line, i) => `<text x="${MARGIN}" y="${MARGIN + 13 + i * CHARACTER.height}">${spans(line)}</text>`,
);
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" fill="#e6edf3">
${rows.join('\n')}
</g>
</svg>
`);
