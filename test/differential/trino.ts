/** What a statement comes to. */
export interface Answer {
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: string }>;
  /** Values as JSON has them. */
  readonly rows: ReadonlyArray<readonly unknown[]>;
  readonly stats: {
    /** Read from files. */
    readonly physicalInputBytes: number;
    readonly elapsedTimeMillis: number;
    readonly totalSplits: number;
  };
}

interface Page {
  readonly nextUri?: string;
  readonly columns?: Answer['columns'];
  readonly data?: ReadonlyArray<readonly unknown[]>;
  readonly stats: Answer['stats'];
  readonly error?: { readonly message: string; readonly errorName: string };
}

/** A statement that Trino does not take, in its own words. */
export class TrinoError extends Error {}

/** Asks a Trino by its client protocol. */
export class Trino {
  constructor(readonly url: string) {}

  async version(): Promise<string> {
    const { nodeVersion } = (await (await fetch(`${this.url}/v1/info`)).json()) as {
      nodeVersion: { version: string };
    };
    return nodeVersion.version;
  }

  /** Runs a statement, with parameters by Trino's own EXECUTE … USING. */
  async run(statement: string, parameters: readonly string[] = []): Promise<Answer> {
    const body =
      parameters.length === 0
        ? statement
        : `EXECUTE IMMEDIATE '${statement.replaceAll("'", "''")}' USING ${parameters.join(', ')}`;
    const headers = { 'X-Trino-User': 'flowlog', 'X-Trino-Catalog': 'awsdatacatalog' };
    let page = await this.page(fetch(`${this.url}/v1/statement`, { method: 'POST', headers, body }));
    let columns: Answer['columns'] = [];
    const rows: Array<readonly unknown[]> = [];
    for (;;) {
      columns = page.columns ?? columns;
      rows.push(...(page.data ?? []));
      if (page.error) throw new TrinoError(`${page.error.errorName}: ${page.error.message}`);
      if (page.nextUri === undefined) return { columns, rows, stats: page.stats };
      page = await this.page(fetch(page.nextUri));
    }
  }

  private async page(asked: Promise<Response>): Promise<Page> {
    const response = await asked;
    if (!response.ok) throw new Error(`Trino answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Page;
  }
}
