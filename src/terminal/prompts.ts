import { Writable } from 'node:stream';
import { Interrupted } from '../errors.js';
import type { Io, Output } from './streams.js';

export interface TextQuestion {
  readonly message: string;
  /** What stands there already. */
  readonly initial?: string;
  /** What to write, shown while nothing is written. */
  readonly placeholder?: string;
  /** What is wrong with an answer; undefined where nothing is. */
  readonly check?: (answer: string) => string | undefined;
}

/** Asks a person at a terminal. Each rejects with Interrupted at Ctrl-C or Escape. */
export interface Prompts {
  text(question: TextQuestion): Promise<string>;
  choose<T extends string>(
    message: string,
    choices: ReadonlyArray<readonly [value: T, label: string]>,
  ): Promise<T>;
}

/** Whether there is a person to ask. */
export const canAsk = ({ stdin, stderr }: Io): boolean =>
  (stdin as { isTTY?: boolean }).isTTY === true && stderr.isTTY;

/** Questions on standard error, since standard output is for data. Their library is loaded when this is called. */
export async function openPrompts({ stdin: input, stderr }: Io): Promise<Prompts> {
  const { isCancel, select, text } = await import('@clack/prompts');
  const output = terminalStream(stderr);
  /** The answer, once all that shows it is drawn: what is written next must not come in between. */
  const given = async <T>(answer: T): Promise<Exclude<T, symbol>> => {
    await new Promise((resolve) => output.write('', resolve));
    if (isCancel(answer)) throw new Interrupted();
    return answer as Exclude<T, symbol>;
  };
  return {
    async text({ message, initial, placeholder, check }) {
      const answer = await text({
        message,
        input,
        output,
        ...(initial === undefined ? {} : { initialValue: initial }),
        ...(placeholder === undefined ? {} : { placeholder }),
        validate: (value) => check?.(value ?? ''),
      });
      return (await given(answer)).trim();
    },
    async choose<T extends string>(message: string, choices: ReadonlyArray<readonly [T, string]>) {
      const options = choices.map(([value, label]) => ({ value: value as string, label }));
      const answer = await select({ message, options, input, output });
      return (await given(answer)) as T;
    },
  };
}

function terminalStream(output: Output): Writable {
  const stream = new Writable({
    write: (chunk, _encoding, done) => void output.write(String(chunk)).then(() => done(), done),
  });
  return Object.assign(stream, { isTTY: true, columns: output.width, rows: 24 });
}
