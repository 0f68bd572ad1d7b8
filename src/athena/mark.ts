/** The comment that tells Athena's history what a statement is, so that its result can be shown again. */
export interface Mark {
  /** The question's name, or {@link OWN}. */
  readonly name: string;
  /** What was asked, as the query carried it (`Query.asked`); undefined in statements of older versions. */
  readonly asked?: unknown;
  /** What the engine said of the answer before it ran. */
  readonly notes: readonly string[];
}

const BEGINNING = '-- flowlog: ';
/** What a statement of the user's own is called. */
export const OWN = 'query';

/** Athena's limit on a statement, in bytes (Athena API Reference, StartQueryExecution, QueryString). */
const LONGEST = 262_144;

/**
 * The statement with its mark before it: one line, which the positions in Athena's errors count. A mark that would make the
 * statement too long has the name only.
 */
export function marked(text: string, { name, asked, notes }: Mark): string {
  const named = `${BEGINNING}${name}`;
  const whole = asked === undefined ? named : `${named} ${harmless({ asked, notes })}`;
  const statement = `${whole}\n${text}`;
  return Buffer.byteLength(statement) <= LONGEST ? statement : `${named}\n${text}`;
}

/** The mark of a statement; undefined where it is not one of flowlog's. */
export function readMark(statement: string): Mark | undefined {
  if (!statement.startsWith(BEGINNING)) return undefined;
  const line = statement.slice(BEGINNING.length).split('\n', 1)[0]!;
  const end = line.indexOf(' ');
  if (end < 0) return { name: line, notes: [] };
  const name = line.slice(0, end);
  try {
    const { asked, notes } = JSON.parse(line.slice(end)) as { asked?: unknown; notes?: unknown };
    return { name, asked, notes: Array.isArray(notes) ? notes.map(String) : [] };
  } catch {
    return { name, notes: [] };
  }
}

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * JSON that can neither end a comment nor be taken for a parameter, a quote or the end of a statement: everything but
 * letters, digits and a few signs is written as \uXXXX.
 */
const harmless = (value: unknown): string =>
  JSON.stringify(value)
    .replace(/\\(["\\bfnrt])/g, (_all, kind: string) => escaped(JSON.parse(`"\\${kind}"`) as string))
    .replace(/[^\w "{}[\]:,./+\\-]/g, escaped);
