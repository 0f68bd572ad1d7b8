import { Command } from 'commander';
import { closestMatch } from 'leven';
import { EXIT, UsageError } from '../errors.js';
import { TOPICS } from '../help/topics.js';
import type { Io } from '../terminal/streams.js';

const EXAMPLES = `
Examples:
  List commands and topics:
    $ flowlog help

  A command, and a topic:
    $ flowlog help egress
    $ flowlog help time
`;

/** The topics as the program's help lists them. */
export function topicList(): string {
  const width = Math.max(...TOPICS.map(({ name }) => name.length));
  const lines = TOPICS.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`);
  return `\nTopics ('flowlog help TOPIC'):\n${lines.join('\n')}\n`;
}

/** @param program whose commands are helped with */
export function helpCommand(io: Io, done: (code: number) => void, program: Command): Command {
  return new Command('help')
    .description('Show help for a command or topic')
    .argument('[topic]', 'a command or a topic')
    .addHelpText('after', () => `${topicList()}${EXAMPLES}`)
    .action(async (asked: string | undefined) => {
      if (asked === undefined) program.outputHelp();
      else await help(asked, program, io);
      done(EXIT.done);
    });
}

async function help(asked: string, program: Command, io: Io): Promise<void> {
  const command = program.commands.find((each) => each.name() === asked);
  const topic = TOPICS.find(({ name }) => name === asked);
  if (topic) {
    const other = command ? `\nOf the command of this name: flowlog ${asked} --help\n` : '';
    return io.stdout.write(`${topic.text}${other}`);
  }
  if (command) return command.outputHelp();
  const known = [...program.commands.map((each) => each.name()), ...TOPICS.map(({ name }) => name)];
  const near = closestMatch(asked, known, { maxDistance: 3 });
  throw new UsageError(
    `'${asked}' is neither a command nor a topic.`,
    `${near ? `Did you mean ${near}? ` : ''}'flowlog help' lists the commands and topics.`,
  );
}
