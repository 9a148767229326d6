// Owns the operator's listener of a process: its metrics, whether it lives and whether it is ready. What they say is given.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { expositionType } from '../../metrics/exposition.ts';
import { listenError } from './listen-error.ts';

export interface OperatorPages {
  /** Prometheus' text format. */
  readonly metrics: () => string;
  readonly alive: () => boolean;
  /** Why it takes nothing new; undefined when it does. */
  readonly unready: () => string | undefined;
}

export interface OperatorServer {
  readonly port: number;
  close(): Promise<void>;
}

const maxConnections = 64;

/** Listens. Throws an Error that names the address when a port is taken or may not be used. */
export async function startOperatorServer(
  { host, port }: { readonly host: string; readonly port: number },
  pages: OperatorPages,
): Promise<OperatorServer> {
  const server = createServer({ requestTimeout: 10_000, keepAliveTimeout: 30_000 }, (request, response) => {
    request.resume();
    const { status, type, body } = page(request.method ?? '', request.url ?? '', pages);
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  server.maxConnections = maxConnections;
  await listen(server, host, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const text = (status: number, body: string): Page => ({ status, type: 'text/plain; charset=utf-8', body });

function page(method: string, url: string, { metrics, alive, unready }: OperatorPages): Page {
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'only GET\n');
  switch (url.split('?', 1)[0]) {
    case '/metrics':
      return { status: 200, type: expositionType, body: metrics() };
    case '/healthz':
      return alive() ? text(200, 'ok\n') : text(503, 'no media worker\n');
    case '/readyz': {
      const reason = unready();
      return reason === undefined ? text(200, 'ok\n') : text(503, `${reason}\n`);
    }
    default:
      return text(404, 'there is /metrics, /healthz and /readyz\n');
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
}
