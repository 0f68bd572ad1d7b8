import type { WrappedText } from './wrapper.js';

/** Lines longer than this are no records (characters). */
const LONGEST = 1 << 20;

/** Cuts a text that comes in pieces into lines. */
export class LineCutter implements WrappedText {
  private rest = '';
  private number = 0;
  private overlong = false;

  constructor(
    private readonly onLine: (line: string, number: number) => void,
    private readonly onOverlong: (line: string, number: number) => void,
  ) {}

  text(piece: string): void {
    const lines = (this.rest + piece).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) this.tell(line);
    if (this.rest.length > LONGEST) {
      if (!this.overlong) this.onOverlong(this.rest, this.number + 1);
      this.overlong = true;
      this.rest = '';
    }
  }

  end(): void {
    if (this.rest !== '') this.tell(this.rest);
    this.rest = '';
  }

  private tell(line: string): void {
    this.number++;
    if (!this.overlong) this.onLine(line, this.number);
    this.overlong = false;
  }
}
