import { existsSync } from 'node:fs';

/** What people who come from other tools try first, and what says it here. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  '--subnet': [
    '--from',
    '--source',
    '--src',
    '--srcaddr',
    '--cidr',
    '--network',
    '--ip',
    '--host',
    '--address',
  ],
  '--dst-port': ['--port', '--dport', '--dstport', '--ports', '--destination-port'],
  '--to': ['--to-subnet'],
  '--since': ['--start', '--start-time', '--after', '--begin'],
  '--until': ['--end', '--end-time', '--before', '--stop'],
  '--logs': ['--path', '--dir', '--folder', '--input', '--file', '--files', '--bucket', '--s3'],
  '--output': ['--out', '--outfile'],
  '--format': ['--json', '--csv', '--html', '--markdown', '--xlsx', '--parquet'],
  '--tz': ['--timezone', '--time-zone', '--zone'],
  '--limit': ['--top', '--max', '--head', '--count'],
  '--by': ['--group-by', '--groupby'],
  '--aws-region': ['--region-of-logs'],
  '--protocol': ['--proto'],
};
const MEANT = new Map(Object.entries(OPTIONS).flatMap(([meant, said]) => said.map((each) => [each, meant])));

/** Options that no question has as such: how a condition says them. */
const CONDITIONS: ReadonlyMap<string, string> = new Map(
  ['--dst', '--dest', '--destination', '--dstaddr', '--to'].map((each) => [each, '--where dstaddr=']),
);

/**
 * Commander's message about an option that is not known, with the option that is meant where people often say it otherwise.
 *
 * @param has whether the command has an option
 */
export function betterAdvice(message: string, has: (option: string) => boolean): string {
  const [, said] = /unknown option '(--[^'=]+)/.exec(message) ?? [];
  const meant = said && MEANT.get(said);
  const condition = said && has('--where') ? CONDITIONS.get(said) : undefined;
  const advice =
    meant && has(meant)
      ? meant === '--format'
        ? `--format ${said.slice(2)}`
        : meant
      : condition && `${condition}ADDRESS-OR-BLOCK`;
  if (advice === undefined) return message;
  return `${message.split('\n')[0]}\n(Did you mean ${advice}?)\n`;
}

/** The words of a command line where each path that a shell made of a pattern after `--logs` is named by `--logs`. */
export function logsOfPattern(argv: readonly string[]): string[] {
  const words: string[] = [];
  let inLogs = false;
  for (const word of argv) {
    const before = words.at(-1);
    const isPath = !word.startsWith('-') && existsSync(word);
    if (inLogs && isPath && before !== '--logs') words.push('--logs');
    words.push(word);
    inLogs = word === '--logs' || (inLogs && (isPath || before === '--logs'));
  }
  return words;
}
