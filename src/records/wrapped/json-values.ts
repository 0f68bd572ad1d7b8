/** A JSON value is not longer than this (characters). */
const LONGEST = 256 << 20;

const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;

/**
 * Cuts a text into the JSON objects and arrays that stand in it one after the other, with or without anything between. JSON has no
 * line end inside a text in quotes: where one comes, something is damaged, and the next line may be whole again.
 */
export class JsonValues {
  private readonly pieces: string[] = [];
  private length = 0;
  private depth = 0;
  private quoted = false;
  private escaped = false;
  private line = 1;
  private begun = 1;
  /** What stands outside of values. */
  private outside = '';

  /**
   * @param onValue told the text of a value and the line it begins in
   * @param onDamage told of what is no value
   */
  constructor(
    private readonly onValue: (text: string, line: number) => void,
    private readonly onDamage: (text: string, line: number) => void,
  ) {}

  text(piece: string): void {
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      if (code === NEWLINE) this.line++;
      if (this.quoted) {
        if (this.escaped) this.escaped = false;
        else if (code === BACKSLASH) this.escaped = true;
        else if (code === QUOTE) this.quoted = false;
        else if (code === NEWLINE) {
          this.keep(piece.slice(from, at));
          this.damaged();
          from = at + 1;
        }
      } else if (this.depth === 0) {
        if (OPEN.has(code)) {
          this.between(piece.slice(from, at));
          this.tellOutside();
          from = at;
          this.depth = 1;
          this.begun = this.line;
        } else if (code === NEWLINE) {
          this.between(piece.slice(from, at));
          this.tellOutside();
          from = at + 1;
        }
      } else if (code === QUOTE) {
        this.quoted = true;
      } else if (OPEN.has(code)) {
        this.depth++;
      } else if (CLOSE.has(code) && --this.depth === 0) {
        this.keep(piece.slice(from, at + 1));
        from = at + 1;
        this.tell();
      }
    }
    const rest = piece.slice(from);
    if (this.depth > 0) this.keep(rest);
    else this.between(rest);
    if (this.length > LONGEST) this.damaged();
  }

  end(): void {
    if (this.depth > 0) this.damaged();
    else this.tellOutside();
  }

  private keep(text: string): void {
    this.pieces.push(text);
    this.length += text.length;
  }

  private tell(): void {
    const text = this.taken();
    this.onValue(text, this.begun);
  }

  private damaged(): void {
    this.onDamage(this.taken(), this.begun);
    this.depth = 0;
    this.quoted = false;
    this.escaped = false;
  }

  private taken(): string {
    const text = this.pieces.join('');
    this.pieces.length = 0;
    this.length = 0;
    return text;
  }

  private between(text: string): void {
    if (this.outside.length < 200) this.outside += text;
  }

  /** Commas and closing brackets are left over where something before them was damaged. */
  private tellOutside(): void {
    const text = this.outside.replace(/^\ufeff/, '').trim();
    this.outside = '';
    if (/[^\s,\]}]/.test(text)) this.onDamage(text, this.line);
  }
}
