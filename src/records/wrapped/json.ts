import { gunzipSync } from 'node:zlib';
import { JsonValues } from './json-values.js';
import { fieldsByName, valuesOf } from './named-values.js';
import type { Unwrapping, WrappedText, Wrapper } from './wrapper.js';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textIn = (value: Json, names: readonly string[]): string | undefined => {
  const name = names.find((each) => typeof value[each] === 'string');
  return name === undefined ? undefined : (value[name] as string);
};

/**
 * A value of JSON. Of a name that an object has twice, JSON.parse keeps the last and loses the other without a word: that is
 * damage too.
 *
 * @throws SyntaxError
 */
function parse(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const strings = text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g);
  let names = 0;
  for (const [, colon] of strings) if (colon !== undefined) names++;
  if (names !== namesIn(value)) throw new SyntaxError('a name stands twice');
  return value;
}

function namesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inside = Object.values(value).reduce<number>((sum, each) => sum + namesIn(each), 0);
  return inside + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

const STREAMS = ['logStreamName', 'logStream', '@logStream', 'log_stream'];
const MESSAGES = ['message', '@message'];
/** Lists of what is wrapped: of FilterLogEvents and GetLogEvents, of subscriptions, of GetQueryResults, of `flowlog … --format json`. */
const LISTS = ['events', 'logEvents', 'results', 'rows'];

/**
 * JSON from wherever records pass: one object for all, an object a line, or objects one after the other. Events hold a record as
 * their message (CloudWatch Logs, Data Firehose), or objects hold its values by name.
 */
class JsonText implements WrappedText {
  private readonly values: JsonValues;
  /** Names seen last, and the fields that they are: of a text, most objects have the same. */
  private last: { readonly key: string; readonly fields: ReturnType<typeof fieldsByName> } | undefined;

  constructor(
    private readonly to: Unwrapping,
    private readonly zone: string,
  ) {
    const damage = (text: string, line: number) => to.malformed(line, text, 'damaged JSON');
    this.values = new JsonValues(
      (text, line) => {
        let value: unknown;
        try {
          value = parse(text);
        } catch {
          this.salvage(text, line, damage);
          return;
        }
        this.take(value, line);
      },
      (text, line) => this.salvage(text, line, damage),
    );
  }

  text(piece: string): void {
    this.values.text(piece);
  }

  end(): void {
    this.values.end();
  }

  /** Of a value that is damaged somewhere, the objects inside that are whole; the damage itself is told of once. */
  private salvage(text: string, line: number, damage: (text: string, line: number) => void): void {
    damage(text, line);
    let number = line;
    let from = 0;
    for (const found of text.matchAll(/\{[^{}]*\}/g)) {
      if (found.index === 0 && found[0].length === text.length) return;
      number += text.slice(from, found.index).split('\n').length - 1;
      from = found.index;
      try {
        const value = parse(found[0]);
        if (isObject(value) && this.isRecord(value)) this.take(value, number);
      } catch {
        // Part of the damage.
      }
    }
  }

  private isRecord(value: Json): boolean {
    return textIn(value, MESSAGES) !== undefined || this.fieldsOf(Object.keys(value)) !== undefined;
  }

  private take(value: unknown, line: number, stream?: string): void {
    const { to } = this;
    if (Array.isArray(value)) {
      // A row of GetQueryResults is a list of names and values.
      if (value.length > 0 && value.every((each) => isObject(each) && 'field' in each && 'value' in each)) {
        this.take(Object.fromEntries(value.map(({ field, value }) => [field, value])), line, stream);
        return;
      }
      for (const each of value) this.take(each, line, stream);
      return;
    }
    if (!isObject(value)) {
      to.malformed(line, JSON.stringify(value) ?? '', 'no object');
      return;
    }
    if (value.messageType === 'CONTROL_MESSAGE') return;
    const from = textIn(value, STREAMS) ?? stream;
    const message = textIn(value, MESSAGES);
    if (message !== undefined) {
      this.message(message, line, from);
      return;
    }
    const list = LISTS.find((name) => Array.isArray(value[name]));
    if (list !== undefined) {
      this.take(value[list], line, from);
      return;
    }
    const packed = isObject(value.awslogs) ? value.awslogs.data : undefined;
    if (typeof packed === 'string') {
      this.packed(packed, line);
      return;
    }
    const names = Object.keys(value);
    const fields = this.fieldsOf(names);
    if (fields) to.record(valuesOf(fields, Object.values(value), this.zone), line, from);
    else to.malformed(line, JSON.stringify(value), 'no record of a flow log');
  }

  /** A message may hold its values by name, too. */
  private message(message: string, line: number, stream: string | undefined): void {
    if (!message.trimStart().startsWith('{')) {
      for (const each of message.split('\n')) this.to.line(each, line, stream);
      return;
    }
    try {
      this.take(parse(message), line, stream);
    } catch {
      this.to.malformed(line, message, 'damaged JSON');
    }
  }

  /** What a function with a subscription is given. */
  private packed(data: string, line: number): void {
    try {
      this.take(parse(gunzipSync(Buffer.from(data, 'base64')).toString('utf8')), line);
    } catch {
      this.to.malformed(line, data, 'damaged data of a subscription');
    }
  }

  private fieldsOf(names: readonly string[]) {
    const key = names.join('\n');
    if (this.last?.key !== key) this.last = { key, fields: fieldsByName(names) };
    return this.last.fields;
  }
}

export const json: Wrapper = {
  name: 'JSON',
  matches: (head) => /^\s*[{[]/.test(head),
  // Logs have `start`, answers of flowlog `start_time`.
  isAnswer: (head) => /"start_time"\s*:\s*["\d]/.test(head),
  read: (to, zone) => new JsonText(to, zone),
};
