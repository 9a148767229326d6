// Owns a way between a test's client and a worker on which handshakes go wrong: the worker is told to give up in the
// client's name, of which the client knows nothing.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

const host = '127.0.0.1';
const handshake = 22;
/** A DTLS record with a fatal alert: handshake failure. */
const alert = Buffer.from('15fefd000000000000000000020228', 'hex');
/** The worker's own check waits 50 ms from the last request that it had. */
const repeatMs = 200;

export class StumblingPath {
  readonly #toClient: Socket;
  readonly #toWorker: Socket;
  readonly #workerPort: number;
  readonly #stumbles: number;
  #isSilent = false;
  #clientPort = 0;
  #request: Buffer | undefined;
  #hello: Buffer | undefined;
  #alerts = 0;
  #answered = false;
  readonly #repeating: NodeJS.Timeout;

  private constructor([toClient, toWorker]: readonly [Socket, Socket], workerPort: number, stumbles: number) {
    this.#toClient = toClient;
    this.#toWorker = toWorker;
    this.#workerPort = workerPort;
    this.#stumbles = stumbles;
    toClient.on('message', (packet, { port }) => {
      this.#clientPort = port;
      this.#fromClient(packet);
    });
    toWorker.on('message', (packet) => {
      if (packet[0] === handshake) this.#answered = true;
      toClient.send(packet, this.#clientPort, host);
    });
    // A browser asks again after 50 ms and less; this client after a second, and its ICE after five.
    this.#repeating = setInterval(() => {
      if (this.#hello !== undefined && this.#request !== undefined && !this.#answered) {
        this.#fromClient(this.#request);
        this.#fromClient(this.#hello);
      }
    }, repeatMs);
  }

  /** The first `stumbles` handshake messages are replaced by an alert. */
  static async open(workerPort: number, stumbles: number): Promise<StumblingPath> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
    await Promise.all(
      sockets.map(async (socket) => {
        socket.bind(0, host);
        await once(socket, 'listening');
      }),
    );
    return new StumblingPath(sockets, workerPort, stumbles);
  }

  /** How often the worker was told to give up. */
  get alerts(): number {
    return this.#alerts;
  }

  /** No handshake message comes through any more. */
  fallSilent(): void {
    this.#isSilent = true;
  }

  /** The answer with this way in place of the worker's own. */
  through(answer: string): string {
    const { port }: AddressInfo = this.#toClient.address();
    const candidate = `a=candidate:1 1 UDP 2122317823 ${host} ${String(port)} typ host`;
    return answer.replace(/a=candidate:.*/g, candidate);
  }

  close(): void {
    clearInterval(this.#repeating);
    this.#toClient.close();
    this.#toWorker.close();
  }

  #fromClient(packet: Buffer): void {
    if (packet[0] === 0 && packet[1] === 1) this.#request ??= packet;
    if (packet[0] !== handshake) {
      this.#pass(packet);
      return;
    }
    this.#hello ??= packet;
    if (this.#isSilent) return;
    if (this.#alerts < this.#stumbles) {
      this.#alerts++;
      this.#pass(alert);
    } else this.#pass(packet);
  }

  #pass(packet: Buffer): void {
    this.#toWorker.send(packet, this.#workerPort, host);
  }
}
