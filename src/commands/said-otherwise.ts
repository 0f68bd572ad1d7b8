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

/** Options for a destination, which no question has as such: a condition says it. */
const DESTINATION = new Set(['--dst', '--dest', '--destination', '--dstaddr', '--to']);

/**
 * Commander's message about an option that is not known, with the option that is meant where people often say it otherwise.
 *
 * @param has whether the command has an option
 */
export function betterAdvice(message: string, has: (option: string) => boolean): string {
  const [, said] = /unknown option '(--[^'=]+)/.exec(message) ?? [];
  if (said === undefined) return message;
  const meant = MEANT.get(said);
  let advice = meant && has(meant) ? meant : undefined;
  if (advice === '--format') advice = `--format ${said.slice(2)}`;
  if (DESTINATION.has(said) && has('--where')) advice ??= '--where dstaddr=ADDRESS-OR-BLOCK';
  if (advice === undefined) return message;
  return `${message.split('\n')[0]}\n(Did you mean ${advice}?)\n`;
}

/** The words of a command line where each path that a shell made of a pattern after `--logs` is named by `--logs`. */
export function logsOfPattern(argv: readonly string[]): string[] {
  const words: string[] = [];
  let inLogs = false;
  for (const word of argv) {
    const isValue = words.at(-1) === '--logs';
    const isMore: boolean = inLogs && !isValue && !word.startsWith('-') && existsSync(word);
    if (isMore) words.push('--logs');
    words.push(word);
    inLogs = word === '--logs' || isValue || isMore;
  }
  return words;
}
