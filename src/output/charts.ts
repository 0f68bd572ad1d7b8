import { BarChart, HeatmapChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent, VisualMapComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import stringWidth from 'string-width';
import type { Column } from '../result.js';
import { type Bar, type Bars, shortTimes, valueText } from './bars.js';
import { escaped } from './page.js';

use([
  BarChart,
  HeatmapChart,
  GridComponent,
  LegendComponent,
  TitleComponent,
  VisualMapComponent,
  SVGRenderer,
]);

/** Colours that colour-blind people can distinguish, and that differ in black and white. */
const BLUE = '#2f6fb5';
const ORANGE = '#d9730d';
const GREY = '#c9ced6';
const INK = '#33383f';

const WIDTH = 960;

/** Where a reader prefers dark pages; viewers that do not know this draw the colours of the attributes. */
const DARK = `<style>@media (prefers-color-scheme: dark) { [fill="#ffffff"] { fill: #15181c } [fill="${INK}"] { fill: #e8eaed }
[stroke="${GREY}"], [stroke="#e4e7ec"] { stroke: #3a3f47 } [fill="${BLUE}"] { fill: #6ea8e6 } [fill="${ORANGE}"] { fill: #f0974a } }</style>`;

/** A picture as SVG, with a title and a description for those who do not see it. */
function svgOf(
  option: EChartsCoreOption,
  height: number,
  { title, description = '' }: { title: string; description?: string },
): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { color: INK, fontFamily: 'system-ui, sans-serif' },
    ...option,
  });
  // Styles are for a pointer that moves over it, and their names count the pictures of this process: the same facts are to make
  // the same bytes.
  const drawn = chart
    .renderToSVGString()
    .replace(/<style[^>]*>.*?<\/style>/gs, '')
    .replace(/ (?:class|ecmeta_\w+)="[^"]*"/g, '');
  chart.dispose();
  const about = `<title>${escaped(title)}</title>${description === '' ? '' : `<desc>${escaped(description)}</desc>`}`;
  return drawn.replace(/^<svg [^>]*>/, (start) => `${start.slice(0, -1)} role="img">\n${about}${DARK}`);
}

/** A picture in a page: nothing in it is part of the page's own text. */
function figure(option: EChartsCoreOption, height: number, about: string): string {
  return embedded(svgOf(option, height, { title: about }), height, about);
}

/** An SVG as an image of a page. */
function embedded(svg: string, height: number, about: string): string {
  const data = Buffer.from(svg).toString('base64');
  return `<figure><img src="data:image/svg+xml;base64,${data}" width="${WIDTH}" height="${height}" alt="${escaped(about)}"></figure>\n`;
}

const axis = { axisLabel: { color: INK }, axisLine: { lineStyle: { color: GREY } } };

/** Bars of two parts, one for each label. */
export function stackedBars(
  labels: readonly string[],
  [first, second]: readonly [readonly number[], readonly number[]],
  names: readonly [string, string],
  { about, format, across }: { about: string; format: (value: number) => string; across?: boolean },
): string {
  const categories = { type: 'category', data: [...labels], ...axis, ...(across ? { inverse: true } : {}) };
  const values = {
    type: 'value',
    ...axis,
    axisLabel: { color: INK, formatter: (value: number) => format(value) },
    splitLine: { lineStyle: { color: '#e4e7ec' } },
  };
  const series = (name: string, data: readonly number[], color: string) => ({
    ...{ name, type: 'bar', stack: 'all', data: [...data], itemStyle: { color }, barMaxWidth: 36 },
  });
  return figure(
    {
      legend: { top: 0, left: 0, itemGap: 28, textStyle: { color: INK } },
      // How wide a text will be in the reader's font is not known here.
      grid: { left: across ? 300 : 80, right: 40, top: 36, bottom: 28 },
      xAxis: across ? values : categories,
      yAxis: across ? categories : values,
      series: [series(names[0], first, BLUE), series(names[1], second, ORANGE)],
    },
    across ? 70 + 26 * labels.length : 300,
    about,
  );
}

/** A cell for each row and column: 0 nothing, 1 some of it in doubt, 2 all there. */
export function grid(
  rows: readonly string[],
  columns: readonly string[],
  cells: ReadonlyArray<readonly [column: number, row: number, state: 0 | 1 | 2]>,
  names: readonly [missing: string, doubt: string, whole: string],
  about: string,
): string {
  return figure(
    {
      grid: { left: 190, right: 60, top: 36, bottom: 28 },
      xAxis: { type: 'category', data: [...columns], ...axis, splitArea: { show: false } },
      yAxis: {
        type: 'category',
        data: [...rows],
        inverse: true,
        ...axis,
        axisLabel: { color: INK, fontSize: 11 },
      },
      visualMap: {
        type: 'piecewise',
        orient: 'horizontal',
        itemGap: 48,
        ...{ top: 0, left: 0, textStyle: { color: INK } },
        pieces: [
          { value: 2, label: names[2], color: BLUE },
          { value: 1, label: names[1], color: '#f2b36b' },
          { value: 0, label: names[0], color: '#8c1d18' },
        ],
      },
      series: [
        {
          type: 'heatmap',
          data: cells.map((each) => [...each]),
          itemStyle: { borderColor: '#ffffff', borderWidth: 0.5 },
        },
      ],
    },
    80 + 17 * rows.length,
    about,
  );
}

/** Bars of names stand one below the other and need this many pixels each. */
const ROW = 22;
const LONGEST_LABEL = 48;

/** The bars of an answer as SVG. */
export function barsSvg(bars: Bars, type: Column['type']): { svg: string; height: number; about: string } {
  const { picture, whole } = bars;
  const across = picture.overTime !== true;
  const all = bars.bars;
  const labels = across
    ? all.map(({ label, value, text }) =>
        value === undefined ? `${shortLabel(label)} ${text}` : shortLabel(label),
      )
    : shortTimes(all.map(({ label }) => label));
  const margin = across ? 24 + 7 * Math.max(...labels.map((label) => stringWidth(label)), 4) : 80;
  const height = across ? 84 + ROW * Math.max(all.length, 1) : 320;
  const categories = {
    type: 'category',
    // By its place: two rows may have the same name.
    data: labels.map((_, i) => i),
    ...axis,
    axisLabel: {
      color: INK,
      ...(across ? { interval: 0 } : {}),
      formatter: (at: string) => labels[Number(at)] ?? '',
    },
    ...(across ? { inverse: true } : {}),
  };
  const values = {
    type: 'value',
    ...axis,
    ...(picture.whole === undefined ? {} : { max: whole }),
    axisLabel: {
      color: INK,
      hideOverlap: true,
      formatter: (value: number) => valueText(value, picture, type),
    },
    splitLine: { lineStyle: { color: '#e4e7ec' } },
  };
  const option = {
    title: { text: picture.title, left: 0, top: 0, textStyle: { color: INK, fontSize: 14 } },
    grid: { left: margin, right: 40, top: 44, bottom: 28 },
    xAxis: across ? values : categories,
    yAxis: across ? categories : values,
    series: [
      {
        type: 'bar',
        data: all.map(({ value }) => value ?? null),
        itemStyle: { color: BLUE },
        barMaxWidth: 36,
      },
    ],
  };
  const most = all.reduce<Bar | undefined>(
    (most, each) => (most && (most.value ?? 0) >= (each.value ?? 0) ? most : each),
    undefined,
  );
  const description = most
    ? `${all.length} ${all.length === 1 ? 'bar' : 'bars'}; the longest is ${most.label}: ${most.text}.`
    : 'Nothing found.';
  const svg = svgOf(option, height, { title: picture.title, description });
  return { svg, height, about: `${picture.title}. ${description}` };
}

/** The bars of an answer in a page. */
export function barsFigure(bars: Bars, type: Column['type']): string {
  const { svg, height, about } = barsSvg(bars, type);
  return embedded(svg, height, about);
}

const shortLabel = (label: string): string => {
  const characters = [...label];
  return characters.length <= LONGEST_LABEL ? label : `${characters.slice(0, LONGEST_LABEL - 1).join('')}…`;
};
