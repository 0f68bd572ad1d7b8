import { bareLimit } from './report.js';

const WIDTH = 880;
const LEFT = 230;
const BAR = 18;
const GAP = 6;
const COLORS = { text: '#2563eb', store: '#16a34a', other: '#94a3b8', limit: '#dc2626' };

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const label = (text) => escaped(text.replace('\\|', '|'));

/** Bars for the races on all cores, a panel each: seconds, and a line where the bare limit is. */
export function plot({ machine, races }) {
  const most = Math.max(...races.map(({ cores }) => cores));
  const panels = races.filter(({ cores }) => cores === most);
  let y = 34;
  const parts = [];
  for (const race of panels) {
    const bars = race.results.filter(({ kind }) => kind === 'answer').sort((a, b) => a.seconds - b.seconds);
    if (bars.length === 0) continue;
    parts.push(panel(race, bars, y));
    y += 40 + bars.length * (BAR + GAP) + 22;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="13" fill="#334155">`,
    `<rect width="${WIDTH}" height="${y}" fill="#ffffff"/>`,
    `<text x="16" y="22" font-weight="600">What left a subnet: seconds to the same answer, ${most} cores of an ${escaped(machine.processor)}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function panel(race, bars, top) {
  const slowest = Math.max(...bars.map(({ seconds }) => seconds));
  const scale = (WIDTH - LEFT - 80) / slowest;
  const lines = [
    `<text x="16" y="${top + 20}">${race.records.toLocaleString('en')} records in ${race.files.toLocaleString('en')} files</text>`,
  ];
  bars.forEach(({ id, name, seconds }, i) => {
    const y = top + 32 + i * (BAR + GAP);
    const width = Math.max(seconds * scale, 1).toFixed(1);
    lines.push(
      `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${label(name)}</text>`,
      `<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR}" fill="${COLORS[id] ?? COLORS.other}"/>`,
      `<text x="${LEFT + Number(width) + 6}" y="${y + 14}">${seconds.toFixed(2)}</text>`,
    );
  });
  const limit = bareLimit(race);
  if (limit && limit.seconds <= slowest) {
    const x = (LEFT + limit.seconds * scale).toFixed(1);
    const bottom = top + 32 + bars.length * (BAR + GAP);
    lines.push(
      `<path d="M${x} ${top + 28}V${bottom}" stroke="${COLORS.limit}" stroke-dasharray="4 3"/>`,
      `<text x="${x}" y="${bottom + 12}" font-size="11" fill="${COLORS.limit}" text-anchor="middle">files unpacked, bytes thrown away</text>`,
    );
  }
  return lines.join('\n');
}
