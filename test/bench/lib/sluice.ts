// Owns the bench's client of our own protocol: one WebSocket, replies by command id, round trips counted.
import { decode, encode } from '@msgpack/msgpack';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { signalSubprotocol } from '../../../schemas/signal.ts';
import { sendCandidatesLater, withoutCandidates } from '../../support/late-candidates.ts';

const replyTimeoutMs = 10_000;

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

/** A join token of the sample application for its sample room. */
export async function token(url: string, user: string): Promise<string> {
  const response = await fetch(`${url}/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, role: 'presenter' }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`no token: ${response.status} ${text}`);
  return text;
}

export class SluiceClient {
  readonly #socket: WebSocket;
  readonly #replies = new Map<number, (reply: unknown) => void>();
  readonly #streams = new Set<string>();
  #streamSeen: ((id: string) => void)[] = [];
  #cid = 0;
  roundTrips = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#receive(decode(data));
    });
  }

  static async join(url: string, joinToken: string): Promise<SluiceClient> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/signal`, signalSubprotocol, {
      perMessageDeflate: false,
    });
    await once(socket, 'open');
    const client = new SluiceClient(socket);
    const joined = await client.#ask({
      do: 'join',
      token: joinToken,
      userAgent: { sdk: { type: 'bench', version: '1' } },
    });
    const streams = field(field(joined, 'room'), 'streams');
    if (Array.isArray(streams)) {
      for (const stream of streams) {
        if (field(stream, 'type') === 'forward') client.#streams.add(String(field(stream, 'id')));
      }
    }
    return client;
  }

  #receive(frame: unknown): void {
    const replies = field(frame, 'replies');
    if (Array.isArray(replies)) {
      for (const reply of replies) {
        const cid = Number(field(reply, 'cid'));
        this.#replies.get(cid)?.(reply);
        this.#replies.delete(cid);
      }
    }
    const notices = field(frame, 'notices');
    if (!Array.isArray(notices)) return;
    for (const notice of notices) {
      if (field(notice, 'type') !== 'stream-added') continue;
      const id = String(field(field(notice, 'stream'), 'id'));
      this.#streams.add(id);
      for (const seen of this.#streamSeen.splice(0)) seen(id);
    }
  }

  #ask(message: { readonly do: string } & Readonly<Record<string, unknown>>): Promise<unknown> {
    this.roundTrips++;
    const cid = this.#send(message);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`no reply to ${message.do}`));
      }, replyTimeoutMs);
      this.#replies.set(cid, (reply) => {
        clearTimeout(late);
        if (field(reply, 'ok') === true) resolve(field(reply, 'data'));
        else reject(new Error(JSON.stringify(field(reply, 'error'))));
      });
    });
  }

  #send(message: Readonly<Record<string, unknown>>): number {
    const cid = ++this.#cid;
    this.#socket.send(encode({ ...message, cid }));
    return cid;
  }

  /** The id of a forward stream in the room, waiting for the first if there is none. */
  stream(): Promise<string> {
    const [known] = this.#streams;
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => this.#streamSeen.push(resolve));
  }

  publish(offer: string): Promise<string> {
    return this.#negotiate('publish', { type: 'video', mid: '0', source: 'camera' }, offer);
  }

  subscribe(stream: string, offer: string): Promise<string> {
    return this.#negotiate('subscribe', { type: 'video', mid: '0', from: stream }, offer);
  }

  async #negotiate(verb: 'publish' | 'subscribe', track: unknown, offer: string): Promise<string> {
    const request = { media: { tracks: [track] } };
    const reply = await this.#ask({ do: verb, request, offer: withoutCandidates(offer) });
    const transport = String(field(reply, 'transportId'));
    sendCandidatesLater(offer, (candidate) => {
      this.#send({ do: 'signal', transport, signaling: { type: 'candidate', candidate } });
    });
    return withoutCandidates(String(field(reply, 'answer')));
  }

  close(): void {
    this.#socket.terminate();
  }
}
