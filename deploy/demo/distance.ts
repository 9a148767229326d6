// Owns distance: a TCP way to a server on this machine on which everything takes its time, in each direction, and keeps its
// order. For demonstrations and tests of what is far away.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Distance {
  readonly port: number;
  /** Ends every connection; new ones are served. */
  cut(): void;
  close(): Promise<void>;
}

interface Travelling {
  readonly dueMs: number;
  /** Undefined: the end. */
  readonly bytes: Buffer | undefined;
}

/** Under way in one direction of a connection; then its sender has to wait. */
const maxBytes = 16_777_216;

/** Leads to `port` on this machine; every byte takes `oneWayMs` each way. */
export async function startDistance(port: number, oneWayMs: number): Promise<Distance> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    carry(near, far, oneWayMs);
    carry(far, near, oneWayMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const cut = (): void => {
    for (const socket of [...sockets]) socket.destroy();
  };
  return {
    port: address === null || typeof address === 'string' ? 0 : address.port,
    cut,
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

function carry(from: Socket, to: Socket, oneWayMs: number): void {
  const underWay: Travelling[] = [];
  let bytesUnderWay = 0;
  const arrive = () => {
    // A timer may ring a little early by the other clock.
    const now = performance.now() + 0.5;
    for (let first = underWay[0]; first && first.dueMs <= now; first = underWay[0]) {
      underWay.shift();
      bytesUnderWay -= first.bytes?.length ?? 0;
      if (first.bytes) to.write(first.bytes);
      else to.end();
    }
    if (from.isPaused() && bytesUnderWay < maxBytes) from.resume();
    const [next] = underWay;
    if (next && !to.destroyed) setTimeout(arrive, Math.max(0, next.dueMs - performance.now()));
  };
  const depart = (bytes: Buffer | undefined) => {
    underWay.push({ dueMs: performance.now() + oneWayMs, bytes });
    bytesUnderWay += bytes?.length ?? 0;
    if (bytesUnderWay >= maxBytes) from.pause();
    if (underWay.length === 1) setTimeout(arrive, oneWayMs);
  };
  from.on('data', depart);
  from.on('end', () => depart(undefined));
  // What broke is not heard of earlier than what was said before.
  from.on('close', (broken) => {
    if (broken || !from.readableEnded) depart(undefined);
  });
}
