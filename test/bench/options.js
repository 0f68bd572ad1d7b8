import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export const HELP = `Races flowlog against other ways to the same answer.

  --records 1000000,4000000,16000000   records in all
  --files 100,10000                    files they are in
  --cores 1,all                        processors that may be used
  --only text,store,mawk,…             contestants (text and store are flowlog's own)
  --no-others                          the race alone: not CSV, start-up and sample logs
  --runs 5                             counted runs of each, after one that is not
  --out bench-results                  folder for speed.md, speed.svg and speed.json
`;

const numbers = (text) => text.split(',').map(Number);

/** What was asked for on the command line. */
export function optionsOf(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      help: { type: 'boolean' },
      records: { type: 'string', default: '1000000,4000000,16000000' },
      files: { type: 'string', default: '100,10000' },
      cores: { type: 'string', default: '1,all' },
      only: { type: 'string' },
      'no-others': { type: 'boolean' },
      runs: { type: 'string', default: '5' },
      out: { type: 'string', default: 'bench-results' },
    },
  });
  const all = availableParallelism();
  const cores = values.cores.split(',').map((text) => (text === 'all' ? all : Number(text)));
  return {
    help: values.help === true,
    records: numbers(values.records),
    files: numbers(values.files),
    // On a machine with one processor, all is one.
    cores: [...new Set(cores)].filter((count) => count <= all),
    only: values.only?.split(','),
    others: !values['no-others'],
    runs: Number(values.runs),
    out: values.out,
  };
}
