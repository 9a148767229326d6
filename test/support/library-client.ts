// Owns a participant that speaks through the client library's own connection, so that coming back after a break is the
// library's doing. It has no media; offers and answers pass through it as text.
import { WebSocket } from 'ws';
import { Connection, type ConnectionState } from '../../edge/client/connection.ts';
import type { OpenSocket } from '../../edge/client/socket.ts';
import { browserTimers } from '../../edge/client/timers.ts';
import type { SignalBody } from '../../edge/client/wire.ts';
import type { Notice } from '../../schemas/notice.ts';
import type { PublishRequest, SubscribeRequest } from '../../schemas/request.ts';
import { signalSubprotocol } from '../../schemas/signal.ts';
import type { SessionReply } from './signal-client.ts';

const waitMs = 20_000;

const openSocket: OpenSocket = (url, events) => {
  const socket = new WebSocket(url, signalSubprotocol, { perMessageDeflate: false });
  socket.binaryType = 'arraybuffer';
  socket.on('open', () => events.opened());
  socket.on('message', (data) => {
    if (data instanceof ArrayBuffer) events.received(data);
  });
  socket.on('error', () => undefined);
  socket.on('close', (code, reason) => events.closed(code, reason.toString()));
  return { send: (bytes) => socket.send(bytes), close: () => socket.close() };
};

export class LibraryClient {
  readonly notices: Notice[] = [];
  /** What became of its connection, and what ended it. */
  readonly states: ConnectionState['phase'][] = [];
  readonly ends: string[] = [];
  readonly #connection: Connection;
  readonly #looking = new Set<() => void>();

  private constructor(url: string) {
    this.#connection = new Connection({
      url: `${url.replace(/^http/, 'ws')}/signal`,
      openSocket,
      timers: browserTimers,
    });
    const { events } = this.#connection;
    events.on('state', ({ phase }) => void this.states.push(phase));
    events.on('lost', ({ message }) => void this.ends.push(message));
    events.on('dropped', (reason) => void this.ends.push(reason));
    events.on('room', () => void this.ends.push('the whole room again'));
    events.on('notices', (notices) => {
      this.notices.push(...notices);
      for (const look of [...this.#looking]) look();
    });
  }

  static async join(url: string, token: string): Promise<LibraryClient> {
    const client = new LibraryClient(url);
    await client.#connection.join(token, () => undefined);
    return client;
  }

  ask(body: SignalBody): Promise<unknown> {
    return this.#connection.request(body, (data) => data);
  }

  async publish(request: PublishRequest, offer: string): Promise<SessionReply> {
    return (await this.ask({ do: 'publish', request, offer })) as SessionReply;
  }

  async subscribe(request: SubscribeRequest, offer: string): Promise<SessionReply> {
    return (await this.ask({ do: 'subscribe', request, offer })) as SessionReply;
  }

  /** The first notice, past or to come, for which `matches` holds. */
  notice(matches: (notice: Notice) => boolean): Promise<Notice> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#looking.delete(look);
        reject(new Error(`no such notice; came: ${JSON.stringify(this.notices.slice(-20))}`));
      }, waitMs);
      const look = (): void => {
        const found = this.notices.find(matches);
        if (found === undefined) return;
        clearTimeout(late);
        this.#looking.delete(look);
        resolve(found);
      };
      this.#looking.add(look);
      look();
    });
  }

  get texts(): readonly string[] {
    return this.notices.flatMap((notice) => (notice.type === 'text' ? [notice.message] : []));
  }

  leave(): void {
    this.#connection.leave();
  }
}
