import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { QUESTIONS } from '../../src/questions/index.js';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('the list of questions', () => {
  it('is the table of the README', () => {
    const table = README.slice(README.indexOf('| question | answers |')).split('\n\n', 1)[0]!;
    const rows = [...table.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, name, about]) => [name, about]);
    const word = (argument: string) => ` ${argument.replace(/[<>.]/g, '').toUpperCase()}`;
    expect(rows.slice(0, -2)).toEqual(
      QUESTIONS.map(({ name, argument, summary }) => [`${name}${argument ? word(argument) : ''}`, summary]),
    );
    expect(rows.slice(-2).map(([name]) => name)).toEqual(['query', 'fields']);
  });

  it.each(QUESTIONS.map((question) => [question.name, question] as const))(
    '%s has examples that ask it',
    (name, { examples }) => {
      expect(examples.length).toBeGreaterThan(0);
      for (const { line } of examples) expect(line).toMatch(new RegExp(`^flowlog ${name} `));
    },
  );
});
