import { Command, Option } from 'commander';
import { EXIT, FlowlogError } from '../errors.js';
import { type Column, givenRows, type Row } from '../result.js';
import type { Io } from '../terminal/streams.js';
import { renderResult } from './answer.js';
import { configurationOf, type EffectiveSetting, settingsOf } from './configuration.js';
import type { OutputOptions } from './options.js';

interface ConfigOptions extends OutputOptions {
  readonly path?: boolean;
}

const EXAMPLES = `
Examples:
  Every setting, its value, and who says it:
    $ flowlog config

  What a question would run with:
    $ flowlog config --tz UTC --limit 10

  Which file is read:
    $ flowlog config --path
`;

const COLUMNS: readonly Column[] = ['setting', 'value', 'source'].map((name) => ({ name, type: 'text' }));

/** @param program whose commands have the settings there are: any of their options may be given here too */
export function configCommand(io: Io, done: (code: number) => void, program: Command): Command {
  const command = new Command('config')
    .description('Show every setting, its value, and where it comes from')
    .addOption(new Option('--path', 'print the path of the configuration file, and nothing else'))
    .addOption(new Option('-o, --output <file>', 'write to a file instead of standard output'));
  const taken = new Set(['path', 'output']);
  for (const setting of program.commands.flatMap(settingsOf)) {
    if (taken.has(setting.key)) continue;
    taken.add(setting.key);
    command.addOption(setting.unneeded());
  }
  return command.addHelpText('after', EXAMPLES).action(async (options: ConfigOptions) => {
    const { config, settings } = configurationOf(command)!;
    if (options.path) {
      if (!config) {
        throw new FlowlogError(
          'There is no configuration file.',
          "'flowlog init' writes one; 'flowlog help config' says where one is looked for.",
        );
      }
      await io.stdout.write(`${config.path}\n`);
      return done(EXIT.done);
    }
    const networks = [...(config?.networks.blocks ?? [])].map(
      ([name, blocks]): Row => [`networks.${name}`, blocks.map(({ text }) => text).join(', '), config!.path],
    );
    const rows = [...settings.map(settingRow), ...networks];
    // All of them, whatever `limit` is set to: that is for answers.
    await renderResult(givenRows(COLUMNS, rows), { ...options, limit: rows.length }, io);
    done(EXIT.done);
  });
}

function settingRow({ setting, texts, source }: EffectiveSetting): Row {
  const set = texts.length > 0;
  return [setting.key, set ? texts.join(', ') : null, set ? source : null];
}
