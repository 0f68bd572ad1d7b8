import type { Logs, Row } from './answers.js';
import { type Cell, compare, type Flow, groupBy, inRange } from './flow.js';

interface Gap {
  readonly from: number;
  readonly to: number;
}

/** What no record of an interface covers. */
export function coverage(logs: Logs): Row[] {
  const { asked } = logs;
  const { options } = asked;
  const seconds = (text: string) => Date.parse(text) / 1000;
  const read = logs.flows.filter(
    (flow) =>
      inRange(options, flow) &&
      (!options.interface || options.interface.includes(flow.text('interface_id') ?? '')),
  );
  const first = options.since ? seconds(options.since) : Math.min(...read.map(({ start }) => start));
  const last = options.until ? seconds(options.until) : Math.max(...read.map(({ end }) => end));
  const known = groupBy(read, (flow) => flow.get('interface_id'));
  const named = (options.interface ?? []).filter(
    (id) => !known.some((group) => group[0]!.get('interface_id') === id),
  );
  const bounded = read.length > 0 || (options.since !== undefined && options.until !== undefined);
  const rows = [...known, ...named.map((id) => [id] as const)].map((group) => {
    const flows = typeof group[0] === 'string' ? [] : (group as readonly Flow[]);
    const id = flows[0]?.get('interface_id') ?? (group[0] as string);
    const interval = Number(options.interval ?? intervalOf(flows));
    const gaps = bounded ? gapsOf(flows, interval, first, last) : undefined;
    const lengths = gaps?.map(({ from, to }) => to - from);
    const count = (status: string) => flows.filter((flow) => flow.get('log_status') === status).length;
    const at = (times: readonly number[], pick: (...values: number[]) => number) =>
      logs.time(times.length === 0 ? null : pick(...times));
    const row = {
      interface_id: id,
      records: flows.length,
      ...{ ok: count('OK'), nodata: count('NODATA'), skipdata: count('SKIPDATA') },
      first_seen: at(
        flows.map(({ start }) => start),
        Math.min,
      ),
      last_seen: at(
        flows.map(({ end }) => end),
        Math.max,
      ),
      gaps: lengths?.length ?? null,
      gap_s: lengths?.reduce((sum, length) => sum + length, 0) ?? null,
      longest_gap_s: lengths ? Math.max(0, ...lengths) : null,
      ...{ late_files: null, longest_delay_s: null },
      interval_s: interval,
    };
    return { row, gaps: gaps ?? [] };
  });
  rows.sort((a, b) => compare(a.row.interface_id, b.row.interface_id));
  if (!options.by) return rows.map(({ row }) => row);
  const unit = { hour: 3600, day: 86_400 }[options.by[0]!];
  if (unit) return rows.flatMap(({ row, gaps }) => inUnits(logs, row.interface_id, gaps, unit));
  return rows.flatMap(({ row, gaps }) =>
    [...gaps]
      .sort((a, b) => a.from - b.from)
      .map(({ from, to }) => ({
        interface_id: row.interface_id,
        ...{ gap_start: logs.time(from), gap_end: logs.time(to), gap_s: to - from },
      })),
  );
}

/** What of each hour or day of the zone is in gaps. */
function inUnits(logs: Logs, interface_id: Cell, gaps: readonly Gap[], unit: number): Row[] {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(logs.time(gaps[0]?.from ?? 0)!)!;
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
  const found = new Map<number, number[]>();
  for (const { from, to } of gaps) {
    let at = from;
    while (at < to) {
      const start = Math.floor((at + offset) / unit) * unit - offset;
      const until = Math.min(start + unit, to);
      found.set(start, [...(found.get(start) ?? []), until - at]);
      at = until;
    }
  }
  const name = unit === 3600 ? 'hour' : 'day';
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([start, parts]) => ({
      interface_id,
      [name]: logs.time(start),
      gaps: parts.length,
      gap_s: parts.reduce((sum, part) => sum + part, 0),
    }));
}

/** 60 where records are short and start in three minutes out of ten that have any. */
function intervalOf(flows: readonly Flow[]): number {
  if (flows.length === 0) return 600;
  const lasts = flows.map(({ start, end }) => end - start).filter((length) => length > 0 && length < 86_400);
  if (Math.max(0, ...lasts) > 90) return 600;
  const minutes = new Set(flows.map(({ start }) => Math.floor(start / 60))).size;
  const tens = new Set(flows.map(({ start }) => Math.floor(start / 600))).size;
  return minutes >= 3 * tens ? 60 : 600;
}

/** A gap is two intervals or more; of one, where a record says that AWS skipped what was in it. */
function gapsOf(flows: readonly Flow[], interval: number, first: number, last: number): Gap[] {
  const isSkip = (flow: Flow) => flow.get('log_status') === 'SKIPDATA';
  const covering = flows.filter((flow) => !isSkip(flow)).sort((a, b) => a.start - b.start);
  const skips = flows.filter(isSkip).map(({ start }) => start);
  const gaps: Gap[] = [];
  let covered = first;
  const add = (to: number) => {
    const skipped = skips.some((at) => at >= covered && at < to);
    if (to - covered >= 2 * interval || (to - covered >= interval && skipped))
      gaps.push({ from: covered, to });
  };
  for (const { start, end } of covering) {
    add(start);
    covered = Math.max(covered, end);
  }
  add(last);
  return gaps;
}
