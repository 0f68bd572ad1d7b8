import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, FLOWLOG } from './places.js';

const sh = (command) => execFileSync('sh', ['-c', command]);

/** Sample logs, made once. The same options give the same bytes, so they need not be kept. */
export function logs({ records, files, days }, say) {
  const folder = join(CACHE, `logs-${records}-${files}-${days}`);
  if (existsSync(folder)) return folder;
  say(`Making ${folder} …`);
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  sh(`${FLOWLOG} sample '${partial}' --quiet --records ${records} --files ${files} --days ${days}`);
  renameSync(partial, folder);
  return folder;
}

/** The store of such logs, made anew by the program as it is now. */
export function storeOf(folder) {
  const store = `${folder}-store`;
  rmSync(store, { recursive: true, force: true });
  sh(`${FLOWLOG} import '${folder}' --to '${store}' --quiet`);
  return store;
}
