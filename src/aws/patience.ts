import { setMaxListeners } from 'node:events';
import { Interrupted } from '../errors.js';

/** What a client of the SDK has of its chain of steps that is needed here. */
interface Chain {
  add(
    middleware: unknown,
    options: { readonly step: 'initialize' | 'deserialize'; readonly name: string },
  ): void;
}

type Next = (args: unknown) => Promise<unknown>;

export interface Patience {
  /** Ends every call that is under way. */
  readonly signal?: AbortSignal | undefined;
  /** Told once, for all calls that wait meanwhile, that nothing came and the call is made again. */
  readonly onSilence?: ((text: string) => void) | undefined;
}

/**
 * Milliseconds that a call may take after the signal. A query that Athena is starting must be known before it can be
 * stopped, and stopping it is what is done after the signal.
 */
const GRACE: Readonly<Record<string, number>> = {
  StartQueryExecutionCommand: 10_000,
  StopQueryExecutionCommand: 10_000,
};

/** Makes all calls of a client end at the signal, whoever makes them, and say when a server does not answer. */
export function withPatience<Client extends { readonly middlewareStack: unknown }>(
  client: Client,
  { signal, onSilence }: Patience,
): Client {
  const chain = client.middlewareStack as Chain;
  if (signal) {
    // One for each call under way is no leak.
    setMaxListeners(0, signal);
    chain.add(
      (next: Next, { commandName = '' }: { commandName?: string }) =>
        (args: unknown) =>
          interruptible(() => next(args), signal, GRACE[commandName] ?? 0),
      { step: 'initialize', name: 'flowlogInterrupt' },
    );
  }
  if (onSilence) {
    chain.add(
      (next: Next) => (args: unknown) =>
        next(args).catch((error) => {
          const { hostname } = (args as { request: { hostname?: string } }).request;
          if ((error as Error).name === 'TimeoutError')
            onSilence(`No answer from ${hostname}; trying again.`);
          throw error;
        }),
      { step: 'deserialize', name: 'flowlogSilence' },
    );
  }
  return client;
}

/** @throws Interrupted the grace after the signal, whatever the work does */
async function interruptible<T>(work: () => Promise<T>, signal: AbortSignal, grace: number): Promise<T> {
  if (signal.aborted && grace === 0) throw new Interrupted();
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(new Interrupted()), grace);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
