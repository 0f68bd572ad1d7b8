// Phrases that this project does not write, with what it writes instead. Part of the lint step.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const PHRASES = [
  [/\bpass(?:ed|es)? over\b/, 'skip'],
  [/\bgo(?:es)? slower\b/, 'throttle'],
  [/\ball the way down\b/, 'recursively'],
  [/\bsays otherwise\b/, 'unless you set X'],
  [/\bwhat there is to\b/, 'name the thing'],
  [/\b(?:is|are) not there\b/, 'does not exist, no such file or directory'],
  [/\b(?:those of which|such as are|told apart by)\b/, 'turn the sentence round'],
  [/\bgoes before\b/, 'overrides'],
  [/\bso many\b/, 'a number of, up to this number'],
  [/\bmade if missing\b/, 'created if it does not exist'],
  [/\bmend\b/i, 'fix'],
  [/\bof no use\b/, 'requires X, does not apply'],
  [/\bneeds to know more\b/, 'required'],
  [/(?<!\bthere )\bis no (?:flow|log|record)\b/i, 'is not a'],
  [/\bsummed up\b/, 'aggregated'],
  [/\btakes? the statement\b/, 'SQL error'],
  [/\bonly those (?:of|that)\b/, 'name them'],
];

const files = execFileSync('git', ['ls-files', '*.md', 'src', 'rooms.js', ':!README.ja.md', ':!docs/ja'], {
  cwd: import.meta.dirname,
  encoding: 'utf8',
});
let found = 0;
for (const file of files.trimEnd().split('\n')) {
  const lines = readFileSync(new URL(file, import.meta.url), 'utf8').split('\n');
  for (const [i, line] of lines.entries()) {
    for (const [phrase, better] of PHRASES) {
      if (!phrase.test(line)) continue;
      found++;
      console.error(`${file}:${i + 1}: "${phrase.exec(line)[0]}": ${better}`);
    }
  }
}
if (found > 0) process.exit(1);
