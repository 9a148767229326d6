// Owns a way over UDP between two ports of this host that a test can make lossy, cut and mend, as a network would. Each end
// sees the proxy in place of the other.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export interface UdpProxy {
  /** Where the first end reaches the second, and the second the first. */
  readonly toSecond: number;
  readonly toFirst: number;
  /** Share of datagrams dropped each way, 0…1; chance is seeded. */
  loss: number;
  cut: boolean;
  readonly dropped: number;
  readonly relayed: number;
  close(): void;
}

const loopback = '127.0.0.1';

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, loopback);
  await once(socket, 'listening');
  return socket;
}

/** Relays between two ports of loopback. Connectivity checks are dropped like everything else. */
export async function startUdpProxy(first: number, second: number, seed = 1): Promise<UdpProxy> {
  const [atFirst, atSecond] = [await bound(), await bound()];
  let state = seed;
  const random = (): number => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const proxy = { loss: 0, cut: false, dropped: 0, relayed: 0 };
  const relay = (message: Buffer, out: Socket, port: number): void => {
    if (proxy.cut || random() < proxy.loss) {
      proxy.dropped++;
      return;
    }
    proxy.relayed++;
    out.send(message, port, loopback);
  };
  // What comes to the second's stand-in goes out of the first's, and the other way round.
  atSecond.on('message', (message) => {
    relay(message, atFirst, second);
  });
  atFirst.on('message', (message) => {
    relay(message, atSecond, first);
  });
  return Object.assign(proxy, {
    toSecond: atSecond.address().port,
    toFirst: atFirst.address().port,
    close: () => {
      atFirst.close();
      atSecond.close();
    },
  });
}
