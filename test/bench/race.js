import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { storeOf } from './logs.js';
import { CACHE } from './places.js';
import { inTurn, run } from './run.js';

/**
 * One race: the same question on the same files for all that can take part.
 *
 * @throws Error when two of them answer differently
 */
export async function race(setting, entered, { runs }, say) {
  const { records, cores, folder } = setting;
  const usual = entered.filter(({ most }) => most === undefined || records <= most);
  const store = usual.some(({ id }) => id === 'store') ? storeOf(folder) : undefined;
  const fresh = join(CACHE, 'fresh-store');
  const answerOf = (id) => join(CACHE, `answer-${id}.csv`);
  const clear = () => rmSync(fresh, { recursive: true, force: true });
  const commands = Object.fromEntries(
    usual.map(({ id, command, imports }) => [
      id,
      {
        command: command({ folder, store, fresh, cores, answer: answerOf(id) }),
        ...(imports ? { before: clear } : {}),
      },
    ]),
  );
  const answers = usual.filter(({ bare, imports }) => !bare && !imports);
  const rows = compare(answers, commands, answerOf, cores);
  const times = inTurn(commands, { runs, cores });
  clear();
  const results = usual.map(({ id, name, bare, imports }) => {
    const { seconds, memory } = times[id];
    say(`  ${name.replace('\\|', '|').padEnd(28)} ${seconds.toFixed(2)} s`);
    return { id, name, kind: bare ? 'bare' : imports ? 'import' : 'answer', seconds, memory };
  });
  const left = entered.filter(({ most }) => most !== undefined && records > most);
  return {
    records,
    files: setting.files,
    cores,
    rows,
    results,
    left: left.map(({ name, most }) => ({ name, most })),
  };
}

/** Has each answer once and compares them; returns how many rows they have. */
function compare(answers, commands, answerOf, cores) {
  let first;
  for (const { id, name } of answers) {
    run(commands[id].command, cores);
    const lines = readFileSync(answerOf(id), 'utf8').replaceAll('"', '').trimEnd().split('\n');
    const rows = lines.filter((line) => !line.startsWith('start,')).sort();
    const hash = createHash('sha256').update(rows.join('\n')).digest('hex');
    first ??= { name, hash, rows: rows.length };
    if (hash !== first.hash) {
      throw new Error(
        `${name} answers with ${rows.length} rows that are not the ${first.rows} of ${first.name}.`,
      );
    }
  }
  return first?.rows;
}
