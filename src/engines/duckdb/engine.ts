import type { Engine } from '../engine.js';
import { LocalSession } from './session.js';
import type { LocalSettings } from './settings.js';

/** The embedded engine: DuckDB in this process, over log files of this machine. */
export const localEngine = (settings: LocalSettings): Engine => ({
  open: (range, signal = new AbortController().signal) => LocalSession.open(settings, range, signal),
});
