// Owns the one UDP port all transports of a process share (ICE mux). It is held from start to end: a peer connection
// that fails to bind ends the process, so none may ever be the first to try.
import { createSocket } from 'node:dgram';
import { IceUdpMuxListener } from 'node-datachannel';
import { SluiceError } from '../../schemas/error.ts';

export interface UdpPort {
  readonly port: number;
  /** Gives the port back once the transports on it are closed. Idempotent. */
  close(): void;
}

const attempts = 100;

/**
 * Binds `wanted`, or the next free port after it, or any port when it is 0. Throws SluiceError `unavailable` when all
 * are taken.
 */
export async function openUdpPort(wanted: number, bindAddress: string | undefined): Promise<UdpPort> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = wanted === 0 ? await freePort(bindAddress) : wanted + attempt;
    if (port > 65_535) break;
    const listener = hold(port, bindAddress);
    if (!listener) continue;
    let open = true;
    return {
      port,
      close: () => {
        if (open) listener.stop();
        open = false;
      },
    };
  }
  throw new SluiceError('unavailable', `No free UDP port from ${String(wanted)}`);
}

function hold(port: number, bindAddress: string | undefined): IceUdpMuxListener | undefined {
  try {
    return new IceUdpMuxListener(port, bindAddress);
  } catch {
    return undefined;
  }
}

function freePort(bindAddress: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(bindAddress?.includes(':') === true ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.bind(0, bindAddress, () => {
      const { port } = socket.address();
      socket.close(() => {
        resolve(port);
      });
    });
  });
}
