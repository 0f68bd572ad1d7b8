import { rmSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOPICS } from '../../src/help/topics.js';
import { createProgram } from '../../src/program.js';
import { outputTo } from '../../src/terminal/streams.js';
import { flowlog } from './bin.js';
import { exampleFolder, exampleShell } from './examples.js';

const nowhere = outputTo(new Writable());
const io = {
  stdin: Readable.from([]),
  stdout: nowhere,
  stderr: nowhere,
  env: {},
  now: () => 0,
  signal: new AbortController().signal,
};
const program = await createProgram(io, () => {});
const COMMANDS = program
  .createHelp()
  .visibleCommands(program)
  .map((command) => command.name());
const TOPIC_NAMES = TOPICS.map(({ name }) => name);
const PAGES = [
  ...COMMANDS.map((name) => ({ name, words: [name, '--help'] })),
  ...TOPIC_NAMES.map((name) => ({ name: `the topic ${name}`, words: ['help', name] })),
];

/** The command lines of a help text's examples; one that ends in a backslash goes on in the next line. */
function examples(help: string): string[] {
  const after = help.slice(help.lastIndexOf('\nExamples:\n'));
  return [...after.matchAll(/^ {4}\$ ((?:.*\\\n)*.*)$/gm)].map(([, line]) => line!);
}

describe('help', () => {
  it('alone lists commands and topics, as --help does', async () => {
    const { code, stdout, stderr } = await flowlog(['help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const page of [...COMMANDS, ...TOPIC_NAMES])
      expect(stdout).toMatch(new RegExp(`^  ${page}\\b`, 'm'));
    for (const words of [['--help'], []]) {
      expect(await flowlog(words)).toMatchObject({ code: 0, stdout, stderr: '' });
    }
  });

  it('lists commands in groups', async () => {
    const { stdout } = await flowlog(['help']);
    const groups = [...stdout.matchAll(/^([A-Z][\w ]*):$/gm)].map(([, title]) => title);
    expect(groups).toEqual(['Options', 'Ask', 'Audit', 'Set up Athena', 'Data', 'Settings and help']);
  });

  it('is the same with options before the command', async () => {
    const { stdout } = await flowlog(['egress', '--help']);
    for (const words of [
      ['--quiet', 'egress', '--help'],
      ['--tz', 'UTC', 'egress', '-h'],
    ]) {
      expect(await flowlog(words)).toMatchObject({ code: 0, stdout });
    }
  });

  it('with a topic that is a command too is about the topic, and says so', async () => {
    const { stdout } = await flowlog(['help', 'config']);
    expect(stdout).toContain(TOPICS.find(({ name }) => name === 'config')!.text);
    expect(stdout).toMatch(/flowlog config --help\n$/);
  });

  it('with a command is what --help says there', async () => {
    expect((await flowlog(['help', 'egress'])).stdout).toBe((await flowlog(['egress', '--help'])).stdout);
  });

  it('is the same of a command that is made without the others', async () => {
    for (const command of program.commands) {
      const name = command.name();
      const { commands } = await createProgram(io, () => {}, name);
      expect(commands.find((each) => each.name() === name)!.helpInformation()).toBe(
        command.helpInformation(),
      );
    }
  });

  it('with what is neither names what comes near', async () => {
    const { code, stdout, stderr } = await flowlog(['help', 'tme']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      "flowlog: 'tme' is neither a command nor a topic.\nDid you mean time? 'flowlog help' lists the commands and topics.\n",
    );
  });

  it('with a topic has lines that a page is wide', () => {
    for (const { text } of TOPICS) {
      for (const line of text.split('\n')) {
        if (!line.startsWith('    $ ')) expect(line.length).toBeLessThanOrEqual(128);
      }
    }
  });
});

describe('examples run as they stand', () => {
  let work: string;
  beforeAll(async () => {
    work = await exampleFolder();
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it.each(PAGES)('$name', async ({ words }) => {
    const lines = examples((await flowlog(words)).stdout);
    expect(lines.length).toBeGreaterThan(0);
    const run = await exampleShell(work);
    // One that names a variable goes with the line that sets it.
    const runs = lines.some((line) => /"\$[A-Z]+"/.test(line)) ? [lines.join('\n')] : lines;
    for (const line of runs) {
      // Logs to measure with are fewer here.
      const { code, stderr } = await run(line.replace('--records 4000000', '--records 40000'));
      // A verdict other than closed is an answer too.
      const codes = line.startsWith('flowlog audit ') ? [0, 3, 4] : [0];
      expect(codes, `${line}\n${stderr}`).toContain(code);
      expect(stderr, line).not.toContain('flowlog: ');
    }
  });

  it('and fail as they stand when they are wrong', async () => {
    const run = await exampleShell(work);
    expect(await run('flowlog egress --subnet nowhere --logs ./my-logs')).toMatchObject({ code: 2 });
    expect(await run('flowlog egress --subnet nowhere --logs ./my-logs | head')).toMatchObject({ code: 2 });
  });
});
