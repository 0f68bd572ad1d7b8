import { setTimeout as sleep } from 'node:timers/promises';

const ATTEMPTS = 10;

/** What a statement comes to. */
export interface Answer {
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: string }>;
  /** Values as JSON has them; whole numbers that JavaScript's numbers cannot hold are their digits. */
  readonly rows: ReadonlyArray<readonly unknown[]>;
  readonly stats: {
    /** Read from files. */
    readonly physicalInputBytes: number;
  };
}

interface Page {
  readonly nextUri?: string;
  readonly columns?: Answer['columns'];
  readonly data?: ReadonlyArray<readonly unknown[]>;
  readonly stats: Answer['stats'];
  readonly error?: { readonly message: string; readonly errorName: string; readonly errorType: string };
}

/** A statement that Trino does not take, in its own words. */
export class TrinoError extends Error {
  constructor({ errorName, message }: NonNullable<Page['error']>) {
    super(`${errorName}: ${message}`);
  }
}

/** Asks a Trino by its client protocol. */
export class Trino {
  constructor(readonly url: string) {}

  /** Runs a statement, with parameters by Trino's own EXECUTE … USING. */
  async run(statement: string, parameters: readonly string[] = []): Promise<Answer> {
    const body =
      parameters.length === 0
        ? statement
        : `EXECUTE IMMEDIATE '${statement.replaceAll("'", "''")}' USING ${parameters.join(', ')}`;
    const headers = {
      'X-Trino-User': 'flowlog',
      'X-Trino-Catalog': 'awsdatacatalog',
      // Athena's sessions are in UTC, whatever the machine is in.
      'X-Trino-Time-Zone': 'UTC',
    };
    let page = await this.page(`${this.url}/v1/statement`, { method: 'POST', headers, body });
    let columns: Answer['columns'] = [];
    const rows: Array<readonly unknown[]> = [];
    for (;;) {
      columns = page.columns ?? columns;
      rows.push(...(page.data ?? []));
      if (page.error) throw new TrinoError(page.error);
      if (page.nextUri === undefined) return { columns, rows, stats: page.stats };
      page = await this.page(page.nextUri);
    }
  }

  /** A busy server closes a connection or asks to come again: its protocol wants that a client does, for the same page. */
  private async page(url: string, request?: RequestInit): Promise<Page> {
    for (let left = ATTEMPTS - 1; ; left--) {
      try {
        const response = await fetch(url, request);
        const text = await response.text();
        if (response.ok) return JSON.parse(exact(text)) as Page;
        if (left === 0 || ![429, 502, 503, 504].includes(response.status)) {
          throw new Error(`Trino answered ${response.status}: ${text}`);
        }
      } catch (error) {
        // What `fetch` throws where there is no answer.
        if (left === 0 || !(error instanceof TypeError)) throw error;
      }
      await sleep(100);
    }
  }
}

/** JSON whose long whole numbers are texts, so that no digit is lost; those with fractions, of progress, stay numbers. */
export const exact = (json: string) =>
  json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (part) =>
    /^-?\d{16,}$/.test(part) ? `"${part}"` : part,
  );
