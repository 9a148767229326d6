// Owns the real Socket.IO server: Engine.IO 3 and 4, polling and WebSocket, beside whatever else its HTTP server serves.
// What the events mean is edge/portal/socketio.
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Server, type Socket } from 'socket.io';
import { limits } from '../../../schemas/request.ts';
import type { Portal } from '../../portal/portal.ts';
import { acceptOwt } from '../../portal/socketio/owt-gateway.ts';
import type { SioSocket } from '../../portal/socketio/sio-socket.ts';

export interface SocketIoOptions {
  /** Origins that browsers may connect from; `*` is every one. */
  readonly origins?: readonly string[];
  readonly pingIntervalMs?: number;
  readonly pingTimeoutMs?: number;
}

/** Serves the OWT protocol at `/socket.io/` of a server; `close` ends its connections, not the server. */
export function attachSocketIo(
  server: HttpServer | HttpsServer,
  portal: Portal,
  options: SocketIoOptions,
): { close(): Promise<void> } {
  const { origins = ['*'], pingIntervalMs = 25_000, pingTimeoutMs = 20_000 } = options;
  const io = new Server(server, {
    allowEIO3: true,
    cors: { origin: origins.includes('*') ? true : [...origins], credentials: true },
    maxHttpBufferSize: limits.messageBytes,
    pingInterval: pingIntervalMs,
    pingTimeout: pingTimeoutMs,
    perMessageDeflate: false,
    serveClient: false,
  });
  io.on('connection', (socket) => {
    const connection = acceptOwt(portal, sioSocket(socket));
    socket.onAny((event: unknown, ...args: unknown[]) => {
      connection.received(String(event), args);
    });
    socket.on('disconnect', () => {
      connection.closed();
    });
  });
  return {
    async close() {
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
}

type EngineConnection = Socket['conn'];

function sioSocket(socket: Socket): SioSocket {
  const outlet = new Outlet(socket.conn);
  return {
    id: socket.id,
    emit(event, data) {
      socket.emit(event, data);
    },
    confirm(callback) {
      outlet.confirm(callback);
    },
    disconnect() {
      socket.disconnect(true);
    },
    cut() {
      socket.conn.close(true);
    },
    bufferedBytes: () => outlet.bufferedBytes,
  };
}

interface Question {
  readonly callback: () => void;
  /** Everything it asks about was given to the transport. */
  flushed: boolean;
  /** The ping that followed it there; 0 before. */
  ping: number;
}

/** What an Engine.IO connection still has to send, and how to know that it arrived. */
class Outlet {
  readonly #conn: EngineConnection;
  /** Packets made and not yet given to the transport. */
  #packets = 0;
  #bytes = 0;
  #questions: Question[] = [];
  /** Numbers the pings, so that a pong answers only what its own ping followed. */
  #pings = 0;
  #watched: unknown;

  constructor(conn: EngineConnection) {
    this.#conn = conn;
    conn.on('packetCreate', (packet: unknown) => {
      this.#packets += 1;
      this.#bytes += sizeOf(packet);
    });
    conn.on('flush', () => {
      this.#packets = 0;
      this.#bytes = 0;
      for (const question of this.#questions) question.flushed = true;
    });
    conn.on('drain', () => {
      this.#advance();
    });
    conn.on('upgrade', () => {
      this.#advance();
    });
  }

  get bufferedBytes(): number {
    return this.#bytes + (this.#webSocket()?.bufferedAmount ?? 0);
  }

  confirm(callback: () => void): void {
    this.#questions.push({ callback, flushed: this.#packets === 0, ping: 0 });
    this.#advance();
  }

  #advance(): void {
    const open = this.#questions.filter(({ flushed, ping }) => flushed && ping === 0);
    if (open.length === 0) return;
    const { transport } = this.#conn;
    const webSocket = this.#webSocket();
    const isNew = this.#watched !== transport;
    this.#watched = transport;
    if (webSocket === undefined) {
      // Long polling: the client asks again when it has the last response. Before Engine.IO answers that with more.
      if (isNew) {
        transport.prependListener('ready', () => {
          if (this.#conn.transport === transport) this.#answer(({ flushed }) => flushed);
        });
      }
      if (transport.writable) this.#answer(({ flushed }) => flushed);
      return;
    }
    // Browsers answer a WebSocket ping by themselves, whatever the Engine.IO version; its pong follows all before it.
    if (isNew) {
      webSocket.on('pong', (data) => {
        const pong = Number(Buffer.from(data).toString());
        this.#answer(({ ping }) => ping > 0 && ping <= pong);
      });
    }
    this.#pings += 1;
    for (const question of open) question.ping = this.#pings;
    webSocket.ping(String(this.#pings));
  }

  #answer(which: (question: Question) => boolean): void {
    const answered = this.#questions.filter(which);
    this.#questions = this.#questions.filter((question) => !which(question));
    for (const { callback } of answered) callback();
  }

  #webSocket(): Pingable | undefined {
    const { transport } = this.#conn;
    if (!('socket' in transport)) return undefined;
    return isPingable(transport.socket) ? transport.socket : undefined;
  }
}

/** What is needed of the `ws` socket inside Engine.IO's WebSocket transport. */
interface Pingable {
  readonly bufferedAmount: number;
  ping(data: string): void;
  on(event: 'pong', listener: (data: Uint8Array) => void): unknown;
}

function isPingable(value: unknown): value is Pingable {
  return typeof value === 'object' && value !== null && 'ping' in value && 'bufferedAmount' in value;
}

function sizeOf(packet: unknown): number {
  if (typeof packet !== 'object' || packet === null || !('data' in packet)) return 1;
  return typeof packet.data === 'string' ? packet.data.length : 1;
}
