// Owns a TCP balancer on loopback as stands in front of edges: it asks each whether it is ready, sends new connections to
// one that is, and leaves connections that it has alone. One client address stays with one edge while that is ready, as
// Socket.IO's long polling needs it.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Balancer {
  readonly url: string;
  /** Where new connections may go, e.g. `http://127.0.0.1:3000`; they do once it is ready. */
  add(target: string): Promise<void>;
  remove(target: string): void;
  close(): Promise<void>;
}

const lookEveryMs = 100;

export async function startBalancer(): Promise<Balancer> {
  const ready = new Map<string, boolean>();
  const sockets = new Set<Socket>();
  let sticky = '';

  async function look(target: string): Promise<boolean> {
    const isReady = await fetch(`${target}/readyz`, { headers: { connection: 'close' } }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready.has(target)) ready.set(target, isReady);
    return isReady;
  }

  const looking = setInterval(() => {
    for (const target of ready.keys()) void look(target);
  }, lookEveryMs);

  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => sockets.delete(client));
    const good = [...ready].flatMap(([target, isReady]) => (isReady ? [target] : []));
    // All clients have one address here.
    if (!good.includes(sticky)) sticky = good[0] ?? '';
    lead(client, [sticky, ...good.filter((each) => each !== sticky)]);
  });

  /** To the first of `targets` that takes the connection. */
  function lead(client: Socket, [target, ...others]: readonly string[]): void {
    if (target === undefined || target === '') {
      client.resetAndDestroy();
      return;
    }
    const { hostname, port } = new URL(target);
    const upstream = connect(Number(port), hostname);
    sockets.add(upstream);
    upstream.on('close', () => sockets.delete(upstream));
    const refused = (): void => lead(client, others);
    upstream.once('error', refused);
    upstream.once('connect', () => {
      upstream.off('error', refused);
      upstream.on('error', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
      upstream.pipe(client);
      client.pipe(upstream);
    });
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async add(target) {
      ready.set(target, false);
      while (!(await look(target))) await new Promise((tick) => setTimeout(tick, lookEveryMs));
    },
    remove: (target) => void ready.delete(target),
    async close() {
      clearInterval(looking);
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
