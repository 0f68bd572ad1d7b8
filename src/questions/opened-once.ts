import { countOnce, lookedAt, type Match } from './count-once.js';
import { mayOpen, type Opened, openers } from './opener.js';
import type { Records, Scope } from './scope.js';

interface Asking {
  readonly numbered?: boolean;
  readonly merged?: boolean;
  /** Only what the source opened, as far as that is told. */
  readonly initiated?: boolean;
}

/**
 * The records that match, each byte in one of them, and who opened the connections that these are of.
 *
 * Counting first leaves fewer records to put in order. But a filter must not hide the handshake of what it leaves: then it is
 * told first who opened.
 */
export function openedOnce(
  scope: Scope,
  records: Records,
  match: Match,
  { numbered = false, merged = false, initiated = false }: Asking = {},
): Opened {
  const asked = (opened: Opened) => (initiated ? [mayOpen(opened)] : []);
  const { action, dstPorts, hours, where = [] } = scope;
  if (action === undefined && dstPorts.length === 0 && !hours && where.length === 0) {
    const once = countOnce(scope, records, match, { merged });
    const opened = openers(scope, once.records, once.match, { numbered });
    return { ...opened, match: [...opened.match, ...asked(opened)] };
  }
  const opened = openers({ ...scope, keepRepeats: true }, records, lookedAt(records, match), { numbered });
  const matching = (each: Records) => [...match(each), ...asked(opened)];
  return { ...opened, ...countOnce(scope, opened.records, matching, { merged }) };
}
