import { Argument, Command } from 'commander';
import { candidates, type OwnNames } from '../completion/candidates.js';
import { SCRIPTS, SHELLS, type Shell } from '../completion/scripts.js';
import { EXIT } from '../errors.js';
import type { Io } from '../terminal/streams.js';
import { loadConfig } from './configuration.js';

const EXAMPLES = `
Examples:
  In bash, for this session (for all sessions, put it into ~/.bashrc):
    $ source <(flowlog completion bash)

  In zsh, into a folder of fpath:
    $ mkdir -p ~/.zfunc && flowlog completion zsh > ~/.zfunc/_flowlog

  In fish:
    $ mkdir -p ~/.config/fish/completions && flowlog completion fish > ~/.config/fish/completions/flowlog.fish
`;

export function completionCommand(io: Io, done: (code: number) => void): Command {
  return new Command('completion')
    .description('Print the completion script for a shell')
    .addArgument(new Argument('<shell>', 'name of the shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: Shell) => {
      await io.stdout.write(SCRIPTS[shell]);
      done(EXIT.done);
    });
}

/** What the scripts call. @param program whose commands are completed */
export function completeCommand(io: Io, done: (code: number) => void, program: Command): Command {
  return new Command('complete').argument('[words...]').action(async (words: string[]) => {
    const { values, files } = await candidates(program, words, ownNames(words, io));
    const lines = values.map(({ value, about }) => (about === '' ? value : `${value}\t${about}`));
    if (files) lines.push(':files');
    await io.stdout.write(lines.map((line) => `${line}\n`).join(''));
    done(EXIT.done);
  });
}

/** Names of the configuration; none where it is wrong: that is no news for who presses Tab. */
function ownNames(words: readonly string[], io: Io): OwnNames {
  const at = words.indexOf('--config');
  const file = words.includes('--no-config') ? false : at < 0 ? undefined : words[at + 1];
  const config = () => loadConfig(file, io).catch(() => undefined);
  return {
    networks: async () => [...((await config())?.networks.blocks.keys() ?? [])],
    profiles: async () => [...((await config())?.profiles.keys() ?? [])],
  };
}
