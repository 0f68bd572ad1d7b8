import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions as HttpsOptions } from 'node:https';
import type { Socket } from 'node:net';
import { Agent, type AgentConnectOpts } from 'agent-base';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { FlowlogError } from '../errors.js';
import { bypassesProxy, proxyFor } from './proxy.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The agents that take each request through the proxy that the environment names for it, or directly. */
export function proxiedAgents(
  env: Environment,
  options: HttpsOptions,
): { httpAgent: Agent; httpsAgent: Agent } {
  const plain = proxyFor('http:', env);
  const secure = proxyFor('https:', env);
  return {
    httpAgent: new Route(env, new HttpAgent(options), plain && new Forward(plain.href, options)),
    httpsAgent: new Route(env, new HttpsAgent(options), secure && new Tunnel(secure, options)),
  };
}

/** Chooses between two agents, by the host that a request is for. */
class Route extends Agent {
  constructor(
    private readonly env: Environment,
    private readonly direct: HttpAgent,
    private readonly proxied: HttpAgent | undefined,
  ) {
    super();
  }

  override async connect(_request: ClientRequest, { host, port }: AgentConnectOpts): Promise<HttpAgent> {
    return this.proxied === undefined || bypassesProxy(host ?? '', Number(port), this.env)
      ? this.direct
      : this.proxied;
  }

  override destroy(): void {
    this.direct.destroy();
    this.proxied?.destroy();
    super.destroy();
  }
}

class Forward extends HttpProxyAgent<string> {
  override connect(...args: Parameters<HttpProxyAgent<string>['connect']>): Promise<Socket> {
    return reached(this.proxy, super.connect(...args));
  }
}

class Tunnel extends HttpsProxyAgent<string> {
  constructor(
    proxy: URL,
    private readonly tls: HttpsOptions,
  ) {
    super(proxy.href, tls);
  }

  override async connect(
    request: ClientRequest,
    options: Parameters<HttpsProxyAgent<string>['connect']>[1],
  ): Promise<Socket> {
    let answer: { readonly statusCode: number; readonly statusText: string } | undefined;
    request.once('proxyConnect', (connect) => {
      answer = connect;
    });
    // The class gives the certificates to the connection with the proxy only.
    const { ca } = this.tls;
    const connected = super.connect(
      request,
      ca === undefined ? options : ({ ...options, ca } as typeof options),
    );
    const socket = await reached(this.proxy, connected);
    if (answer === undefined || answer.statusCode === 200) return socket;
    socket.destroy();
    // The class would hand out the proxy's answer as if AWS had given it.
    throw new FlowlogError(
      `The proxy ${this.proxy.host} refused a connection to ${options.host}: ${answer.statusCode} ${answer.statusText}`.trim(),
      answer.statusCode === 407
        ? 'It wants a user and password: set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT.'
        : 'Ask for access to this host at the proxy, or name the host in NO_PROXY when it is reachable without.',
    );
  }
}

/** A proxy that does not exist is not worth a second try, and not AWS's fault. */
async function reached<T>(proxy: URL, connected: Promise<T>): Promise<T> {
  try {
    return await connected;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ECONNREFUSED' && code !== 'ENOTFOUND') throw error;
    throw new FlowlogError(
      `The proxy ${proxy.host} cannot be reached: ${message}`,
      'Check HTTPS_PROXY and HTTP_PROXY.',
      1,
      { cause: error },
    );
  }
}
