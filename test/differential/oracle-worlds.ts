import { fileName, folderOf } from '../../src/flowlog/s3-layout.js';
import { writeFiles } from '../folder.js';
import type { Asked } from '../oracle/asked.js';
import { questionsOf } from '../oracle/compared.js';
import { groupBy } from '../oracle/flow.js';
import { Random } from '../oracle/random.js';
import { randomWorld, type World } from '../oracle/world.js';
import { type LogRecord, logFile } from '../records.js';
import { SEED } from '../seed.js';
import type { Dataset } from './datasets.js';
import { FIRST_DAY } from './days.js';

const DAY = 86_400;
/** Of each, what flow logs of version 5 and of version 2 record, and others. */
const SEEDS = [1, 2, 3, 4].map((number) => 1000 * SEED + 200 + number);
const QUESTIONS = 40;

/** Random logs that have a table each. */
export const ORACLE_WORLDS = SEEDS.map((seed, i) => {
  const random = new Random(seed);
  const world = randomWorld(random, FIRST_DAY / 1000);
  return { name: `oracle_${i + 1}`, world, questions: [...questionsOf(random, world, QUESTIONS)] };
});

export const oracleQuestions = (name: string): readonly Asked[] =>
  ORACLE_WORLDS.find((each) => each.name === name)?.questions ?? [];

export const ORACLE_DATASETS: readonly Dataset[] = ORACLE_WORLDS.map(({ name, world }) => ({
  name,
  write: (folder) => writeWorld(folder, world),
  fields: 'default',
  fewFolders: true,
}));

/** A file for each day, as AWS delivers it. */
async function writeWorld(folder: string, { records, fields }: World): Promise<void> {
  const owner = { account: '123456789012', region: 'ap-northeast-1' };
  const dayOf = ({ start }: LogRecord) => Math.floor(Number(start) / DAY) * DAY;
  const files = groupBy(records, dayOf).map((of): [string, Buffer] => {
    const day = dayOf(of[0]!);
    const path = folderOf({ layout: 'plain', hourly: false, ...owner }, day);
    const name = fileName({
      ...owner,
      ...{ flowLogId: 'fl-0123456789abcdef0', unixSeconds: day + 300, hash: '00000001', format: 'text' },
    });
    return [path + name, logFile(of, fields)];
  });
  await writeFiles(folder, Object.fromEntries(files));
}
