import { FlowlogError } from '../errors.js';

/**
 * The pages of a listing, each once. The SDK's paginators follow a token that comes again for ever.
 *
 * @param key where a page has the token of the next one
 * @param what is listed, for the message
 * @throws FlowlogError for a token that comes twice
 */
export async function* pagesOf<Page>(
  pages: AsyncIterable<Page>,
  key: keyof Page,
  what: string,
): AsyncGenerator<Page> {
  const check = tokenCheck(what);
  for await (const page of pages) {
    yield page;
    check(page[key]);
  }
}

/** A check that each token, one after the other, is new. */
export function tokenCheck(what: string): (token: unknown) => void {
  const seen = new Set<unknown>();
  return (token) => {
    if (!token) return;
    if (seen.has(token)) {
      throw new FlowlogError(
        `AWS returned the same page token twice for ${what}.`,
        'Not everything could be read. Run it again; if it stays so, something between here and AWS changes answers.',
      );
    }
    seen.add(token);
  };
}
