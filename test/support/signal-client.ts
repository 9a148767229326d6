// Owns a participant at protocol level: one WebSocket of our own protocol, replies by command id, notices as they come.
// It has no media; offers and answers pass through it as text.
import { decode, encode } from '@msgpack/msgpack';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Notice } from '../../schemas/notice.ts';
import type { PublishRequest, SubscribeRequest } from '../../schemas/request.ts';
import { type JoinResult, type ServerFrame, signalSubprotocol } from '../../schemas/signal.ts';

const replyTimeoutMs = 10_000;

export interface SessionReply {
  readonly id: string;
  readonly transportId: string;
  readonly answer: string;
}

/** A join token of the sample application, for its sample room or another. */
export async function sampleToken(url: string, user: string, room?: string): Promise<string> {
  const response = await fetch(`${url}/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, role: 'presenter', ...(room === undefined ? {} : { room }) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`no token: ${response.status} ${text}`);
  return text;
}

export class SignalClient {
  readonly #socket: WebSocket;
  readonly #replies = new Map<number, (reply: NonNullable<ServerFrame['replies']>[number]) => void>();
  readonly #waiting = new Set<(notice: Notice) => void>();
  #cid = 0;
  /** Everything the server told so far, oldest first. */
  readonly notices: Notice[] = [];
  /** Resolves with the close code once the connection is gone. */
  readonly closed: Promise<number>;
  joined: JoinResult | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#receive(decode(data) as ServerFrame);
    });
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
  }

  static async join(url: string, token: string): Promise<SignalClient> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/signal`, signalSubprotocol, {
      perMessageDeflate: false,
    });
    await once(socket, 'open');
    const client = new SignalClient(socket);
    const userAgent = { sdk: { type: 'test', version: '1' } };
    client.joined = (await client.ask({ do: 'join', token, userAgent })) as JoinResult;
    return client;
  }

  /** Resolves with the reply's data, rejects with its error as JSON text. */
  ask(message: { readonly do: string } & Readonly<Record<string, unknown>>): Promise<unknown> {
    const cid = ++this.#cid;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#replies.delete(cid);
        reject(new Error(`no reply to ${message.do}`));
      }, replyTimeoutMs);
      this.#replies.set(cid, (reply) => {
        clearTimeout(late);
        if (reply.ok) resolve(reply.data);
        else reject(new Error(JSON.stringify(reply.error)));
      });
      this.#socket.send(encode({ ...message, cid }));
    });
  }

  async publish(request: PublishRequest, offer: string): Promise<SessionReply> {
    return (await this.ask({ do: 'publish', request, offer })) as SessionReply;
  }

  async subscribe(request: SubscribeRequest, offer: string): Promise<SessionReply> {
    return (await this.ask({ do: 'subscribe', request, offer })) as SessionReply;
  }

  /** The first notice, past or to come, for which `matches` holds. */
  notice(matches: (notice: Notice) => boolean, timeoutMs = replyTimeoutMs): Promise<Notice> {
    const known = this.notices.find(matches);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`no such notice in ${timeoutMs} ms; came: ${JSON.stringify(this.notices)}`));
      }, timeoutMs);
      const look = (notice: Notice): void => {
        if (!matches(notice)) return;
        clearTimeout(late);
        this.#waiting.delete(look);
        resolve(notice);
      };
      this.#waiting.add(look);
    });
  }

  /** Leaves the room and closes. */
  async leave(): Promise<void> {
    await this.ask({ do: 'leave' });
    this.#socket.terminate();
    await this.closed;
  }

  /** Breaks the connection without a word. */
  break(): void {
    this.#socket.terminate();
  }

  #receive(frame: ServerFrame): void {
    for (const reply of frame.replies ?? []) {
      this.#replies.get(reply.cid)?.(reply);
      this.#replies.delete(reply.cid);
    }
    for (const notice of frame.notices ?? []) {
      this.notices.push(notice);
      for (const look of this.#waiting) look(notice);
    }
  }
}
