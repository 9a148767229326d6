// Owns a participant at protocol level: one WebSocket of our own protocol, replies by command id, notices as they come.
// It has no media; offers and answers pass through it as text.
import { decode, encode } from '@msgpack/msgpack';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Notice } from '../../schemas/notice.ts';
import type { PublishRequest, SubscribeRequest } from '../../schemas/request.ts';
import {
  type JoinResult,
  type ResumeResult,
  type ServerFrame,
  signalSubprotocol,
} from '../../schemas/signal.ts';

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

const userAgent = { sdk: { type: 'test', version: '1' } };

async function opened(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/signal`, signalSubprotocol, {
    perMessageDeflate: false,
  });
  await once(socket, 'open');
  return socket;
}

export class SignalClient {
  #socket: WebSocket;
  readonly #replies = new Map<number, (reply: NonNullable<ServerFrame['replies']>[number]) => void>();
  readonly #waiting = new Set<(notice: Notice) => void>();
  #cid = 0;
  #seq = 0;
  #epoch = '';
  #ticket = '';
  /** Everything the server told so far, oldest first. */
  readonly notices: Notice[] = [];
  /** Resolves with the close code once the connection it has now is gone. */
  closed: Promise<number>;
  joined: JoinResult | undefined;
  /** From the request, on an open connection, to its answer. */
  joinMs = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = this.#use(socket);
  }

  static async join(url: string, token: string): Promise<SignalClient> {
    const client = new SignalClient(await opened(url));
    const asked = performance.now();
    client.joined = (await client.ask({ do: 'join', token, userAgent })) as JoinResult;
    client.joinMs = performance.now() - asked;
    client.#epoch = client.joined.epoch;
    client.#ticket = client.joined.ticket;
    return client;
  }

  /** Comes back on a new connection, to any edge; what was missed comes as notices. */
  async resume(url: string): Promise<ResumeResult> {
    this.#socket = await opened(url);
    this.closed = this.#use(this.#socket);
    const position = { seq: this.#seq, epoch: this.#epoch };
    const result = (await this.ask({ do: 'resume', ticket: this.#ticket, ...position })) as ResumeResult;
    this.#epoch = result.epoch;
    this.#ticket = result.ticket;
    return result;
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

  #use(socket: WebSocket): Promise<number> {
    socket.on('message', (data: Buffer) => {
      if (socket === this.#socket) this.#receive(decode(data) as ServerFrame);
    });
    socket.on('error', () => undefined);
    return new Promise((resolve) => socket.once('close', resolve));
  }

  #receive(frame: ServerFrame): void {
    this.#seq = frame.seq ?? this.#seq;
    this.#epoch = frame.epoch ?? this.#epoch;
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
