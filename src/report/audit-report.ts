import { type AllowEntry, entryText } from '../audit/allow-file.js';
import type { AuditFacts, Exception, ExceptionKind, InterfaceCoverage, Verdict } from '../audit/facts.js';
import { protocolName } from '../flowlog/protocols.js';
import { grid, stackedBars } from '../output/charts.js';
import { type CellKind, cell, definitions, escaped, headCell, PAGE_END, pageHead } from '../output/page.js';
import { grouped, humanBytes } from '../terminal/units.js';
import { minuteTime, utcTime } from '../time/zone.js';
import { VERSION } from '../version.js';
import { type Lang, WORDS, type Words } from './words.js';

/** Rows of a table in the page; the files have all. */
const MOST_ROWS = 25;
const MOST_INTERFACES = 30;
const MOST_COLUMNS = 62;
const MOST_DESTINATIONS = 12;
const HOUR = 3_600;
const DAY = 24;

const CLASSES: Readonly<Record<Verdict, string>> = {
  closed: 'good',
  'not closed': 'bad',
  'cannot be said': 'doubt',
};

/** The facts of an audit as a page of its own. */
export function auditReport(facts: AuditFacts, lang: Lang): string {
  const words = WORDS[lang];
  const { verdict, period, reasons, limits } = facts;
  const [headline, meaning] = words.verdicts[verdict];
  const heading = (text: string) => `<h2>${escaped(text)}</h2>\n`;
  return [
    pageHead({ lang, title: words.title }),
    `<div class="verdict ${CLASSES[verdict]}"><strong>${escaped(headline)}</strong>${escaped(meaning)}</div>\n`,
    about(facts, words),
    ...(reasons.length === 0
      ? []
      : [
          heading(verdict === 'cannot be said' ? words.headings.whyNot : words.headings.incomplete),
          list(reasons.map((reason) => reasonText(reason, words))),
        ]),
    heading(words.headings.exceptions),
    exceptions(facts, words),
    heading(words.headings.allowed),
    allowed(facts, words),
    heading(words.headings.days),
    days(facts, words),
    destinations(facts, words),
    heading(words.headings.coverage),
    coverage(facts, words),
    heading(words.headings.unseen),
    list([...words.unseen, ...limits].map(escaped)),
    heading(words.headings.verify),
    `<p>${escaped(words.verify)}</p>\n<pre>sha256sum --check SHA256SUMS\nflowlog verify . --key audit.pub.pem</pre>\n`,
    `<p class="soft">flowlog ${escaped(VERSION)} · ${escaped(minuteTime(period.until, period.zone))} ${escaped(period.zone)}</p>\n`,
    PAGE_END,
  ].join('');
}

const list = (items: readonly string[]) =>
  `<ul>\n${items.map((item) => `<li>${item}</li>\n`).join('')}</ul>\n`;

function about({ period, scope, records, assumed }: AuditFacts, { terms }: Words): string {
  const { since, until, zone } = period;
  return definitions([
    [terms.period, `${minuteTime(since, zone)} – ${minuteTime(until, zone)} ${zone}`],
    [terms.utc, `${utcTime(since)} – ${utcTime(until)}`],
    [terms.scope, scope.subnets.join(', ')],
    [terms.inside, `${scope.vpc.join(', ')}${scope.vpcAssumed ? ` ${terms.assumedVpc}` : ''}`],
    [terms.excluded, scope.exclude.join(', ')],
    [terms.records, grouped(records)],
    [terms.assumed, assumed.join(', ')],
  ]);
}

function reasonText({ code, what, settle }: AuditFacts['reasons'][number], { reasons }: Words): string {
  const details = `${escaped(what)} <span class="soft">${escaped(settle)}</span>`;
  return reasons ? `${escaped(reasons[code])}<br><small lang="en">${details}</small>` : details;
}

interface TableColumn<T> {
  readonly title: string;
  readonly kind?: CellKind;
  readonly text: (row: T) => string | undefined;
}

/** @param file has the rows that the page leaves out */
function table<T>(
  rows: readonly T[],
  columns: ReadonlyArray<TableColumn<T>>,
  words: Words,
  file: string,
): string {
  if (rows.length === 0) return `<p>${escaped(words.none)}</p>\n`;
  const head = columns.map(({ title, kind = 'text' }) => headCell(title, kind)).join('');
  const body = rows
    .slice(0, MOST_ROWS)
    .map(
      (row) =>
        `<tr>${columns.map(({ text, kind = 'text' }) => cell(text(row) ?? '–', kind)).join('')}</tr>\n`,
    );
  const more = rows.length - MOST_ROWS;
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(columns[0]!.title)}"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('')}</tbody>\n</table></div>\n${
    more > 0 ? `<p class="soft">${escaped(words.more(grouped(more), file))}</p>\n` : ''
  }`;
}

function exceptions({ exceptions: all, period: { zone } }: AuditFacts, words: Words): string {
  const { columns, kinds } = words;
  const shown: ReadonlyArray<TableColumn<Exception>> = [
    { title: columns.srcaddr, text: (each) => named(each.srcaddr, each.srcName) },
    { title: columns.dstaddr, text: (each) => named(each.dstaddr, each.dstName) },
    { title: columns.service, text: serviceOf },
    { title: columns.way, text: (each) => each.way },
    { title: columns.flows, kind: 'number', text: (each) => grouped(each.flows) },
    { title: columns.bytes, kind: 'number', text: (each) => humanBytes(each.bytes) },
    { title: columns.first, kind: 'time', text: (each) => minuteTime(each.first, zone) },
    { title: columns.last, kind: 'time', text: (each) => minuteTime(each.last, zone) },
    { title: columns.nearly, text: (each) => each.nearly },
  ];
  const parts = (Object.keys(kinds) as ExceptionKind[]).flatMap((kind) => {
    const found = all.filter((each) => each.kind === kind);
    if (found.length === 0) return [];
    return [
      `<h3>${escaped(kinds[kind])} (${grouped(found.length)})</h3>\n`,
      table(found, shown, words, 'exceptions.csv'),
    ];
  });
  return parts.length > 0 ? parts.join('') : `<p>${escaped(words.none)}</p>\n`;
}

const named = (address: string, name: string | undefined) =>
  name === undefined ? address : `${address} (${name})`;

const serviceOf = ({ protocol, port }: Exception): string | undefined =>
  protocol === null ? undefined : `${protocolName(protocol)}${port === null ? '' : ` ${port}`}`;

function allowed({ allowed: uses }: AuditFacts, words: Words): string {
  const { columns } = words;
  const entry = (text: (entry: AllowEntry) => string | undefined) => (use: (typeof uses)[number]) =>
    text(use.entry);
  return table(
    uses,
    [
      { title: columns.entry, text: entry(entryText) },
      { title: columns.reason, text: entry(({ reason }) => reason) },
      { title: columns.owner, text: entry(({ owner }) => owner) },
      {
        title: columns.approved,
        text: ({ entry: { approved }, pending }) => (pending ? words.pending : approved),
      },
      { title: columns.expires, text: entry(({ expires }) => expires) },
      { title: columns.flows, kind: 'number', text: ({ flows }) => grouped(flows) },
      { title: columns.bytes, kind: 'number', text: ({ bytes }) => humanBytes(bytes) },
    ],
    words,
    'allowed.csv',
  );
}

function days({ days: all }: AuditFacts, words: Words): string {
  if (all.length === 0) return `<p>${escaped(words.none)}</p>\n`;
  const { columns, legend, headings } = words;
  const picture = stackedBars(
    all.map(({ day }) => day),
    [all.map(({ allowedBytes }) => allowedBytes), all.map(({ leakedBytes }) => leakedBytes)],
    [legend.allowed, legend.leaked],
    { about: headings.days, format: humanBytes },
  );
  return (
    picture +
    table(
      all,
      [
        { title: columns.day, kind: 'time', text: ({ day }) => day },
        { title: columns.allowedBytes, kind: 'number', text: ({ allowedBytes }) => humanBytes(allowedBytes) },
        { title: columns.leakedBytes, kind: 'number', text: ({ leakedBytes }) => humanBytes(leakedBytes) },
        { title: columns.attempts, kind: 'number', text: ({ attempts }) => grouped(attempts) },
      ],
      words,
      'report.json',
    )
  );
}

function destinations({ destinations: all }: AuditFacts, words: Words): string {
  const most = all.slice(0, MOST_DESTINATIONS);
  if (most.length === 0) return '';
  const label = ({ address, name }: (typeof most)[number]) => {
    const text = name === undefined ? address : `${name} (${address})`;
    return text.length > 40 ? `${text.slice(0, 39)}…` : text;
  };
  return `<h2>${escaped(words.headings.destinations)}</h2>\n${stackedBars(
    most.map(label),
    [most.map(({ allowedBytes }) => allowedBytes), most.map(({ leakedBytes }) => leakedBytes)],
    [words.legend.allowed, words.legend.leaked],
    { about: words.headings.destinations, format: humanBytes, across: true },
  )}`;
}

/** Interfaces by hours, or by spans of several hours where there would be too many. */
function coverage({ coverage: all, period }: AuditFacts, words: Words): string {
  const { since, until, zone } = period;
  const scope = all.filter(({ inScope }) => inScope);
  if (scope.length === 0) return `<p>${escaped(words.none)}</p>\n`;
  const start = since - (since % HOUR);
  const hours = Math.ceil((until - start) / HOUR);
  const step = [1, 2, 3, 6, 12, DAY, 7 * DAY].find((each) => hours / each <= MOST_COLUMNS) ?? 28 * DAY;
  const columns = Array.from({ length: Math.ceil(hours / step) }, (_, i) => i);
  const shown = [...scope].sort((a, b) => a.hours.size - b.hours.size).slice(0, MOST_INTERFACES);
  const stateOf = ({ hours: recorded }: InterfaceCoverage, column: number): 0 | 1 | 2 => {
    const within = Array.from({ length: Math.min(step, hours - column * step) }, (_, i) =>
      recorded.get(column * step + i),
    );
    if (within.every((state) => state === undefined)) return 0;
    return within.every((state) => state === 'recorded') ? 2 : 1;
  };
  const cells = shown.flatMap((each, row) =>
    columns.map((column) => [column, row, stateOf(each, column)] as const),
  );
  const { legend, headings } = words;
  const picture = grid(
    shown.map(({ interfaceId }) => interfaceId),
    columns.map((column) => minuteTime(start + column * step * HOUR, zone).slice(5, step < DAY ? 16 : 10)),
    cells,
    [legend.missing, legend.skipped, legend.recorded],
    headings.coverage,
  );
  const note = words.coverageNote(grouped(shown.length), grouped(scope.length), spanText(step, words));
  return (
    `<p class="soft">${escaped(note)}</p>\n${picture}` +
    table(
      shown,
      [
        { title: words.columns.interface, text: ({ interfaceId }) => interfaceId },
        { title: words.columns.name, text: ({ name }) => name },
        {
          title: words.columns.hours,
          kind: 'number',
          text: (each) => `${grouped(each.hours.size)} / ${grouped(hours)}`,
        },
        {
          title: words.columns.gaps,
          kind: 'number',
          text: ({ gaps }) => (gaps === undefined ? undefined : grouped(gaps)),
        },
      ],
      words,
      'coverage.csv',
    )
  );
}

const spanText = (hours: number, words: Words): string =>
  words === WORDS.ja
    ? hours < DAY
      ? ` ${hours} 時間`
      : ` ${hours / DAY} 日`
    : hours < DAY
      ? `${hours} ${hours === 1 ? 'hour' : 'hours'}`
      : `${hours / DAY} ${hours === DAY ? 'day' : 'days'}`;
