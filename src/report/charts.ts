import { BarChart, HeatmapChart } from 'echarts/charts';
import { GridComponent, LegendComponent, VisualMapComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { escaped } from '../output/page.js';

use([BarChart, HeatmapChart, GridComponent, LegendComponent, VisualMapComponent, SVGRenderer]);

/** Colours that colour-blind people can distinguish, and that differ in black and white. */
const BLUE = '#2f6fb5';
const ORANGE = '#d9730d';
const GREY = '#c9ced6';
const INK = '#33383f';

const WIDTH = 960;

/** A picture in a page: nothing in it is part of the page's own text. */
function figure(option: EChartsCoreOption, height: number, about: string): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { color: INK, fontFamily: 'system-ui, sans-serif' },
    ...option,
  });
  // Styles are for a pointer that moves over it, and their names count the pictures of this process: the same facts are to make
  // the same bytes.
  const svg = chart
    .renderToSVGString()
    .replace(/<style[^>]*>.*?<\/style>/gs, '')
    .replace(/ (?:class|ecmeta_\w+)="[^"]*"/g, '');
  chart.dispose();
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
