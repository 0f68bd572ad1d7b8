import { Worker } from 'node:worker_threads';

/** A thread, and what it failed with before anybody waited for it. */
export interface ReadyThread {
  readonly worker: Worker;
  failure?: Error;
}

/** Threads that may soon have work: starting them takes a while, in which other things can be done. */
export class ReadyThreads {
  private readonly ready: ReadyThread[] = [];
  private made = 0;

  /**
   * @param script what a thread runs
   * @param dataOf what a thread is given, by its number
   */
  constructor(
    private readonly script: URL,
    private readonly dataOf: (number: number) => unknown,
  ) {}

  /** Starts as many as are missing of this number. */
  protected begin(count: number): void {
    while (this.ready.length < count) this.ready.push(this.newThread());
  }

  /** One that is started, if there is any. */
  take(): ReadyThread {
    return this.ready.shift() ?? this.newThread();
  }

  private newThread(): ReadyThread {
    const thread: ReadyThread = { worker: new Worker(this.script, { workerData: this.dataOf(this.made++) }) };
    thread.worker.on('error', (error) => {
      thread.failure = error;
    });
    return thread;
  }

  /** Ends those that nobody took. */
  close(): void {
    for (const { worker } of this.ready.splice(0)) void worker.terminate();
  }
}
