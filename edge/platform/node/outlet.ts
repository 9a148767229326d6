// Owns what an Engine.IO connection still has to send, and how to know that what was sent arrived.

interface Question {
  readonly callback: () => void;
  /** Everything it asks about was given to the transport. */
  flushed: boolean;
  /** The ping that followed it there; 0 before. */
  ping: number;
}

/** What is needed of an Engine.IO connection. */
export interface EngineConnection {
  readonly transport: {
    readonly writable: boolean;
    prependListener(event: 'ready', listener: () => void): unknown;
  };
  on(event: 'packetCreate', listener: (packet: unknown) => void): unknown;
  on(event: 'flush' | 'drain' | 'upgrade', listener: () => void): unknown;
}

export class Outlet {
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

  /** Bytes not yet given to the network, roughly. */
  get bufferedBytes(): number {
    return this.#bytes + (this.#webSocket()?.bufferedAmount ?? 0);
  }

  /** Calls back once everything sent before has arrived. */
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
