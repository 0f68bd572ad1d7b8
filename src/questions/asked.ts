import { parseCidr } from '../net/cidr.js';
import type { Column, ColumnType } from '../result.js';
import type { Query } from '../sql/query.js';
import { labelled } from './columns.js';
import { QUESTIONS } from './index.js';
import type { Question } from './question.js';
import type { Scope } from './scope.js';

/** All that is needed to show the answer to a question again from its rows. */
export interface Asked {
  readonly question: Question;
  readonly request: Scope;
  readonly shape: Pick<Query, 'columns' | 'asides' | 'weight' | 'limit'>;
  readonly output: AskedOutput;
}

/** How the answer was shown, beside its format. */
export interface AskedOutput {
  /** The columns of the answer that were picked; undefined for all. */
  readonly columns?: readonly string[] | undefined;
  /** Whether names of networks were shown. */
  readonly names: boolean;
  /** Columns left out, because the logs do not record them. */
  readonly lacking: readonly string[];
  /** The options in effect, and who said each. */
  readonly options?:
    | ReadonlyArray<{ readonly option: string; readonly value: string; readonly source: string }>
    | undefined;
}

/** As plain data. Blocks are written as `{ "cidr": "10.10.24.0/24" }`. */
export function writeAsked(request: Scope, query: Query, output: AskedOutput): unknown {
  const columns = query.columns.map(({ name, type, address, label }) => [
    name,
    type,
    ...(address ? ['address'] : label ? ['protocol'] : []),
  ]);
  const { asides, weight } = query;
  const plain = JSON.stringify({ request, columns, asides, weight, output }, (_key, value: unknown) =>
    isBlock(value) ? { cidr: value.text } : value,
  );
  return JSON.parse(plain);
}

const isBlock = (value: unknown): value is { text: string } =>
  typeof value === 'object' && value !== null && 'family' in value && 'prefix' in value && 'text' in value;

/** Reads what {@link writeAsked} wrote; undefined for anything else, such as what other versions of flowlog wrote. */
export function readAsked(name: string, data: unknown): Asked | undefined {
  const question = QUESTIONS.find((each) => each.name === name);
  if (!question || data === undefined) return undefined;
  try {
    const { request, columns, asides, weight, output } = JSON.parse(
      JSON.stringify(data),
      (_key, value: unknown) =>
        typeof value === 'object' && value !== null && 'cidr' in value
          ? parseCidr(String(value.cidr))
          : value,
    ) as Written;
    const { zone, limit } = request;
    return {
      question,
      request,
      shape: {
        columns: columns.map(([column, type, kind]) => columnFrom(column, type, kind, zone)),
        asides: asides === true,
        ...(weight === undefined ? {} : { weight }),
        limit,
      },
      output: {
        columns: output.columns,
        names: output.names !== false,
        lacking: output.lacking ?? [],
        options: output.options,
      },
    };
  } catch {
    return undefined;
  }
}

interface Written {
  readonly request: Scope;
  readonly columns: ReadonlyArray<readonly [name: string, type: ColumnType, kind?: string]>;
  readonly asides: boolean;
  readonly weight?: string;
  readonly output: AskedOutput;
}

function columnFrom(name: string, type: ColumnType, kind: string | undefined, zone: string): Column {
  if (type === 'time') return { name, type, zone };
  if (kind === 'address') return { name, type, address: true };
  return kind === 'protocol' ? labelled({ name, type }) : { name, type };
}
