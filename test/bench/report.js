const thousands = (number) => number.toLocaleString('en');
const seconds = (value) => value.toFixed(value < 9.95 ? 2 : 1);
const of = (race, id) => race.results.find((result) => result.id === id)?.seconds;

/** The fastest way to unpack the files and do nothing. */
export function bareLimit(race) {
  const bare = race.results.filter(({ kind }) => kind === 'bare');
  return bare.length === 0 ? undefined : bare.reduce((a, b) => (a.seconds <= b.seconds ? a : b));
}

const titleOf = ({ records, files, cores }) =>
  `${thousands(records)} records in ${thousands(files)} files, ${cores} ${cores === 1 ? 'core' : 'cores'}`;

/** All results, as Markdown. */
export function tables({ machine, runs, races, absent, others }) {
  const parts = [
    '# Speed',
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node.slice(1)}. Medians of ${runs} runs in turn, in seconds, ` +
      'the start of the process included; all answers are the same, row for row. Made by `npm run bench`.',
  ];
  for (const race of races) parts.push(`## ${titleOf(race)}`, table(race));
  if (others.length > 0) {
    parts.push(
      '## Other figures',
      ['| what | |', '|---|---:|', ...others.map(({ what, value }) => `| ${what.trim()} | ${value} |`)].join(
        '\n',
      ),
    );
  }
  if (absent.length > 0)
    parts.push(`Not in the race: ${absent.map(({ name, why }) => `${name} (${why})`).join('; ')}.`);
  return `${parts.join('\n\n')}\n`;
}

function table(race) {
  const limit = bareLimit(race);
  const text = of(race, 'text');
  const lines = race.results.map(({ id, name, kind, seconds: time, memory }) => {
    const marked = id === limit?.id ? `${name}: the bare limit` : name;
    const cells = [
      kind === 'bare' ? `*${marked}*` : marked,
      seconds(time),
      limit ? (time / limit.seconds).toFixed(2) : '',
      text ? (time / text).toFixed(2) : '',
      memory ? `${Math.round(memory / 1e6)} MB` : '',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const left = race.left.map(
    ({ name, most }) => `${name} is raced with ${thousands(most)} records at most: it takes too long.`,
  );
  return [
    `${race.rows === undefined ? '' : `The answer has ${thousands(race.rows)} rows.\n\n`}| | seconds | to the bare limit | to flowlog on text | memory |`,
    '|---|---:|---:|---:|---:|',
    ...lines,
    ...(left.length > 0 ? ['', ...left] : []),
  ].join('\n');
}

/** The part of it that the README shows. */
export function readmeBlock({ machine, runs, races, others }) {
  const most = Math.max(...races.map(({ cores }) => cores));
  const shown = races.filter(
    ({ cores, files }) => cores === most && files === Math.min(...races.map((race) => race.files)),
  );
  const ids = [
    ...new Map(shown.flatMap(({ results }) => results.map(({ id, name }) => [id, name]))).entries(),
  ];
  const limits = shown.map(bareLimit);
  const lines = ids
    .filter(([id]) => !id.startsWith('bare-'))
    .map(([id, name]) => [
      name,
      ...shown.map((race) => (of(race, id) === undefined ? '' : seconds(of(race, id)))),
    ]);
  if (limits.some(Boolean)) {
    lines.push([
      '*the files unpacked on all cores and thrown away*',
      ...limits.map((limit) => (limit ? seconds(limit.seconds) : '')),
    ]);
  }
  const head = ['seconds', ...shown.map(({ records }) => `${thousands(records / 1e6)} M records`)];
  const rows = [head, ['---', ...shown.map(() => '---:')], ...lines].map(
    (cells) => `| ${cells.join(' | ')} |`,
  );
  return [
    `On ${machine.cores} cores of an ${machine.processor} with Node ${machine.node.slice(1)}, medians of ${runs}:`,
    '',
    ...rows,
    '',
    ...others.map(({ what, value }) => `- ${what.trim()}: ${value}`),
    '',
  ].join('\n');
}
