import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** What befalls one request for an object. */
export type Fault =
  /** The connection is cut after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly after: number }
  /** S3 asks to go slower. */
  | { readonly kind: 'slow-down' }
  /** The body comes in pieces with pauses between them (milliseconds). */
  | { readonly kind: 'trickle'; readonly pause: number }
  /** So many bytes of the body come, and then nothing more. */
  | { readonly kind: 'stall'; readonly after: number };

/** Stands between the program and an S3 server, and lets go wrong what goes wrong on real networks. */
export class FaultProxy {
  /** Keys of objects that were asked for, in order. */
  readonly asked: string[] = [];
  /** Keys whose bodies went through to their end. */
  readonly given: string[] = [];
  /** Asked for each request of an object, before it is passed on; `nth` counts those of this key from 1. */
  faultOf: (key: string, nth: number) => Fault | undefined | Promise<Fault | undefined> = () => undefined;
  private readonly server = createServer((request, response) => {
    this.pass(request, response).catch(() => response.destroy());
  });

  private constructor(private readonly target: URL) {}

  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(target));
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      proxy.server.closeAllConnections();
      proxy.server.close();
    });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, , ...rest] = new URL(request.url!, this.target).pathname.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    const isObject = request.method === 'GET' && key !== '';
    if (isObject) this.asked.push(key);
    const nth = this.asked.filter((each) => each === key).length;
    const fault = isObject ? await this.faultOf(key, nth) : undefined;
    if (fault?.kind === 'slow-down') {
      response
        .writeHead(503, { 'content-type': 'application/xml' })
        .end('<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>');
      return;
    }
    const { host: _host, ...headers } = request.headers;
    const { hostname, port } = this.target;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const onward = httpRequest(
        // Signatures are of the host that was asked.
        {
          hostname,
          port,
          path: request.url,
          method: request.method,
          headers: { ...headers, host: request.headers.host },
        },
        resolve,
      );
      onward.on('error', reject);
      request.pipe(onward);
    });
    response.writeHead(answer.statusCode!, answer.headers);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (fault?.kind === 'cut' || fault?.kind === 'stall') {
      await new Promise((resolve) => response.write(body.subarray(0, fault.after), resolve));
      if (fault.kind === 'stall') return;
      await sleep(20);
      response.socket?.destroy();
      return;
    }
    if (fault?.kind === 'trickle') {
      for (let at = 0; at < body.length; at += 1000) {
        response.write(body.subarray(at, at + 1000));
        await sleep(fault.pause);
      }
    }
    response.end(fault ? undefined : body, () => {
      if (isObject && answer.statusCode === 200) this.given.push(key);
    });
  }
}
