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
    let page = await this.page(fetch(`${this.url}/v1/statement`, { method: 'POST', headers, body }));
    let columns: Answer['columns'] = [];
    const rows: Array<readonly unknown[]> = [];
    for (;;) {
      columns = page.columns ?? columns;
      rows.push(...(page.data ?? []));
      if (page.error) throw new TrinoError(page.error);
      if (page.nextUri === undefined) return { columns, rows, stats: page.stats };
      page = await this.page(fetch(page.nextUri));
    }
  }

  private async page(asked: Promise<Response>): Promise<Page> {
    const response = await asked;
    const text = await response.text();
    if (!response.ok) throw new Error(`Trino answered ${response.status}: ${text}`);
    return JSON.parse(exact(text)) as Page;
  }
}

/** JSON whose long whole numbers are texts, so that no digit is lost. */
const exact = (json: string) =>
  json.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![.\d])/g, (part) => (part[0] === '"' ? part : `"${part}"`));
