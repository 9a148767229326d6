// Owns the listeners of an edge on Node: HTTP and HTTPS, each with the web application, `/signal` and `/socket.io/`.
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Log } from '../../clock.ts';
import { commonHeaders } from '../../management/replies.ts';
import type { Portal } from '../../portal/portal.ts';
import { completeHost } from './host-header.ts';
import { listenError } from './listen-error.ts';
import { isPlainTarget } from './request-target.ts';
import { attachSignal } from './signal-server.ts';
import { attachSocketIo, type SocketIoOptions } from './socketio.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface Answering {
  fetch(request: Request, env: { readonly address?: string }): Response | Promise<Response>;
}

export interface ServerOptions {
  /** Told the network address of the other end with each request. */
  readonly app: Answering;
  readonly portal: Portal;
  readonly http?: ListenAddress;
  /** `key` and `cert` are PEM texts. */
  readonly https?: ListenAddress & { readonly key: string; readonly cert: string };
  readonly socketio?: SocketIoOptions;
  readonly log: Log;
}

export interface RunningServer {
  /** The port taken, where that listener was asked for. */
  readonly httpPort?: number;
  readonly httpsPort?: number;
  /** From now on each answer ends its connection: who asks again comes by another one, to another edge. */
  drain(): void;
  /**
   * Takes no more requests, answers those it has, closes the portal, which tells its clients, then the listeners and what
   * is left of their connections.
   */
  close(): Promise<void>;
}

/** How long connections may take to end by themselves. */
const closeGraceMs = 500;
/** How long requests under way may take when the server closes. */
const answerGraceMs = 3000;

/** Listens. Throws an Error that names the address when a port is taken or may not be used; nothing listens then. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { app, portal, http, https, socketio = {}, log } = options;
  const listeners: Listener[] = [];
  const answering = new Answers();
  const add = async (server: HttpServer | HttpsServer, address: ListenAddress) => {
    const listener = new Listener(server, portal, socketio);
    const port = await listener.listen(address);
    listeners.push(listener);
    return port;
  };
  const close = async () => {
    for (const listener of listeners) listener.stopListening();
    answering.drain();
    await Promise.all([portal.close(), answering.done(answerGraceMs)]);
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  try {
    const httpPort = http && (await add(createHttpServer(requestListener(app, answering)), http));
    const httpsPort = https && (await add(httpsServer(app, https, answering), https));
    log.info('listening', { httpPort, httpsPort });
    return {
      ...(httpPort === undefined ? {} : { httpPort }),
      ...(httpsPort === undefined ? {} : { httpsPort }),
      drain: () => answering.drain(),
      close,
    };
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()));
    throw error;
  }
}

function httpsServer(
  app: Answering,
  { key, cert }: { key: string; cert: string },
  answers: Answers,
): HttpsServer {
  return createHttpsServer({ key, cert, minVersion: 'TLSv1.2' }, requestListener(app, answers));
}

type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

function requestListener(app: Answering, answers: Answers): RequestListener {
  const listener = getRequestListener((request, { incoming }) => app.fetch(request, addressOf(incoming)), {
    overrideGlobalObjects: false,
  });
  return (request, response) => {
    answers.begin(response);
    const host = completeHost(request.headers, request.socket.localPort);
    if (host !== undefined) request.headers.host = host;
    if (isPlainTarget(request.url ?? '')) void listener(request, response);
    else refuseTarget(request, response);
  };
}

/** A connection that has ended has none any more. */
function addressOf({ socket: { remoteAddress: address } }: Pick<IncomingMessage, 'socket'>) {
  return address === undefined ? {} : { address };
}

function refuseTarget(request: IncomingMessage, response: ServerResponse): void {
  const body = JSON.stringify({ error: { code: 1201, message: 'Path is not plain' } });
  const length = { 'content-length': Buffer.byteLength(body) };
  response.writeHead(400, { ...commonHeaders, 'content-type': 'application/json', ...length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The requests under way. */
class Answers {
  readonly #open = new Set<ServerResponse>();
  #draining = false;

  begin(response: ServerResponse): void {
    if (this.#draining) response.setHeader('connection', 'close');
    this.#open.add(response);
    response.on('close', () => this.#open.delete(response));
  }

  drain(): void {
    this.#draining = true;
    for (const response of this.#open) if (!response.headersSent) response.setHeader('connection', 'close');
  }

  /** Resolves when all are answered, or after `withinMs`. */
  async done(withinMs: number): Promise<void> {
    let late = (): void => undefined;
    const timer = setTimeout(() => late(), withinMs);
    const tooLate = new Promise<void>((resolve) => (late = resolve));
    const closed = [...this.#open].map((response) => once(response, 'close').catch(() => undefined));
    await Promise.race([Promise.all(closed), tooLate]);
    clearTimeout(timer);
  }
}

class Listener {
  readonly #server: HttpServer | HttpsServer;
  readonly #gateways: readonly { close(): Promise<void> }[];
  /** All there are: the server itself knows none that has begun no TLS, or was upgraded. */
  readonly #connections = new Set<Socket>();
  #closed: Promise<void> | undefined;

  constructor(server: HttpServer | HttpsServer, portal: Portal, socketio: SocketIoOptions) {
    this.#server = server;
    server.on('connection', (connection: Socket) => {
      this.#connections.add(connection);
      connection.once('close', () => this.#connections.delete(connection));
    });
    // Socket.IO's own `upgrade` listener also ends upgrades that nobody answers.
    this.#gateways = [attachSocketIo(server, portal, socketio), attachSignal(server, portal)];
  }

  async listen({ host, port }: ListenAddress): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(listenError(error, host, port)));
      this.#server.listen(port, host, resolve);
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  stopListening(): void {
    this.#closed ??= new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async close(): Promise<void> {
    this.stopListening();
    await Promise.all(this.#gateways.map((gateway) => gateway.close()));
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, closeGraceMs);
    await this.#closed;
    clearTimeout(timer);
  }
}
