// The race: flowlog beside whatever else could answer the same question on the same files, as whole processes in one run, in
// turn, so that ratios hold on a noisy machine. Answers are compared before times count.
//   npm run bench                                        everything, three quarters of an hour
//   npm run bench -- --records 4000000 --only text,mawk  parts of it
//   npm run bench -- --help                              what there is
// Logs and Python tools are kept outside the checkout, in ~/.cache/flowlog-bench or FLOWLOG_BENCH_CACHE.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contestants } from './contestants.js';
import { logs } from './logs.js';
import { machine } from './machine.js';
import { HELP, optionsOf } from './options.js';
import { others } from './others.js';
import { plot } from './plot.js';
import { race } from './race.js';
import { readmeBlock, tables } from './report.js';

const options = optionsOf(process.argv.slice(2));
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const say = (text) => process.stderr.write(`${text}\n`);
const { entered, absent } = await contestants(options, say);
const races = [];
for (const records of options.records) {
  for (const files of options.files) {
    const folder = logs({ records, files, days: 25 }, say);
    for (const cores of options.cores) {
      say(`${records.toLocaleString('en')} records, ${files.toLocaleString('en')} files, ${cores} cores`);
      races.push(await race({ records, files, cores, folder }, entered, options, say));
    }
  }
}
const more = options.others ? await others(options, say) : [];
const results = { machine: machine(), runs: options.runs, races, absent, others: more };

mkdirSync(options.out, { recursive: true });
writeFileSync(join(options.out, 'speed.md'), tables(results));
writeFileSync(join(options.out, 'speed.svg'), plot(results));
writeFileSync(join(options.out, 'speed.json'), `${JSON.stringify(results, null, 1)}\n`);
say(`Written: speed.md, speed.svg and speed.json in ${options.out}. For the README:\n`);
process.stdout.write(readmeBlock(results));
