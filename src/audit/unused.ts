import type { RunOptions, Session } from '../engines/engine.js';
import type { Flaw } from '../logs/flaws.js';
import type { Names } from '../names/names.js';
import type { TimeRange } from '../time/range.js';
import type { AllowEntry, AllowList } from './allow-file.js';
import { Asking, outwardGroups, trafficOf } from './asking.js';
import { refusalOf } from './flow-group.js';

export interface Unused {
  /** Entries that no flow of the range matches, in the order of the list. */
  readonly entries: readonly AllowEntry[];
  readonly flows: number;
  readonly notes: readonly string[];
  readonly flaws: readonly Flaw[];
  readonly skipped: number;
}

/** Which entries match nothing that left. Whether they are approved, or others match the same, makes no difference. */
export async function unusedEntries(
  session: Session,
  {
    list,
    range,
    zone,
    names,
  }: {
    readonly list: AllowList;
    readonly range: TimeRange;
    readonly zone: string;
    readonly names: Names;
  },
  options: RunOptions,
): Promise<Unused> {
  const asking = new Asking(session, options);
  let entries = list.entries;
  let flows = 0;
  const asked = trafficOf(list.scope, { ...range, zone });
  for await (const group of outwardGroups(asking, asked, session.source, names)) {
    flows += group.flows;
    entries = entries.filter((entry) => refusalOf(entry, group, names, zone) !== undefined);
  }
  const { runs, flaws, skipped } = await asking.ended();
  return { entries, flows, notes: [...new Set(runs.flatMap((run) => run.notes))], flaws, skipped };
}
