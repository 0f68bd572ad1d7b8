import type { Session } from '../../src/engines/engine.js';
import { Networks } from '../../src/net/networks.js';
import type { OptionSpec } from '../../src/option.js';
import { QUESTIONS } from '../../src/questions/index.js';
import { queryOf } from '../../src/questions/query-of.js';
import type { Question, Typed } from '../../src/questions/question.js';
import type { Row as Cells } from '../../src/result.js';
import type { OracleAnswer, Row } from './answers.js';
import type { Asked } from './asked.js';

const nameOf = ({ flags }: OptionSpec) =>
  /--([a-z-]+)/.exec(flags)![1]!.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** What the command line makes of options. */
function typedOptions(question: Question, { options }: Asked): Typed {
  const typed: Record<string, unknown> = { ...options, networks: new Networks(new Map()) };
  if (options.limit) typed.limit = Number(options.limit);
  for (const spec of question.options) {
    const name = nameOf(spec);
    const value = typed[name];
    if (value === undefined && spec.default) typed[name] = spec.default.value;
    else if (Array.isArray(value) && !spec.many) typed[name] = value[0];
    else if (spec.parse && typeof value === 'string') typed[name] = spec.parse(value);
  }
  return typed as unknown as Typed;
}

/** Asks what the command line would. */
export async function ask(session: Session, asked: Asked): Promise<OracleAnswer> {
  const question = QUESTIONS.find(({ name }) => name === asked.question) as Question;
  const typed = typedOptions(question, asked);
  const request = await question.request(typed, { now: () => 2_000_000_000, words: asked.words });
  const { query, columns } = queryOf(question, request, session.source);
  const { result } = await session.run(query, { onProgress: () => {}, onNote: () => {} });
  const shown = question.finish ? question.finish(result, request) : result;
  const names = shown.columns.map(({ name }) => name);
  const row = (cells: Cells): Row => {
    const entries = names.map((name, i) => [
      name,
      typeof cells[i] === 'bigint' ? Number(cells[i]) : cells[i],
    ]);
    return Object.fromEntries(entries.filter(([name]) => !columns || columns.includes(name as string)));
  };
  const rows: Row[] = [];
  for await (const batch of shown.rows(request.limit)) rows.push(...batch.map(row));
  const { asides, cut } = await shown.totals();
  // The gaps that are counted beside the rows are those in them.
  // A query that ends at its limit does not come to what it would set aside.
  const aside = [...asides].filter(([name]) => !name.startsWith('gap'));
  return { rows, asides: cut ? {} : Object.fromEntries(aside) };
}
