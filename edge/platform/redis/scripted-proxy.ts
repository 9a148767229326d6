// Owns a TCP proxy for tests that lies between a client and Redis, and can lose replies, cut connections and lead
// elsewhere.
import { connect, createServer, type Socket } from 'node:net';

export interface ScriptedProxy {
  readonly url: string;
  /** The port that new connections are led to. */
  target: number;
  /** While set, what Redis says gets lost. */
  deaf: boolean;
  /** Called with what clients send, before it goes on. */
  passing: (bytes: Buffer) => void;
  /** Ends every connection. */
  cut(): void;
  close(): Promise<void>;
}

export async function createProxy(target: number): Promise<ScriptedProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket, other: () => Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      other().destroy();
    });
  };
  const server = createServer((near) => {
    const far = connect(proxy.target, '127.0.0.1');
    keep(near, () => far);
    keep(far, () => near);
    near.on('data', (bytes: Buffer) => {
      proxy.passing(bytes);
      far.write(bytes);
    });
    far.on('data', (bytes: Buffer) => {
      if (!proxy.deaf) near.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const proxy: ScriptedProxy = {
    url: `redis://127.0.0.1:${port}`,
    target,
    deaf: false,
    passing: () => undefined,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      proxy.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
