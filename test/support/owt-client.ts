// Owns a participant that speaks to the server exactly as OWT's JavaScript SDK does, over any generation of Socket.IO
// client, with made-up video packets for media; and OWT's REST calls as its document describes them. It uses nothing of
// the server's own code for either.
import { createRequire } from 'node:module';
import * as v from 'valibot';
import { Publisher, Receiver } from '../bench/lib/peer.ts';
import { sendCandidatesLater, withoutCandidates } from './late-candidates.ts';
import { mauthHeader } from './management-call.ts';

interface IoSocket {
  on(event: string, listener: (data: unknown) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  disconnect(): unknown;
}
const load = createRequire(import.meta.url);
const modules = { '2.5.0': 'socket.io-client-2', '3.1.2': 'socket.io-client-3', '4.8.4': 'socket.io-client' };
export type IoVersion = keyof typeof modules;
export const ioVersions: readonly IoVersion[] = ['2.5.0', '3.1.2', '4.8.4'];

export interface Notification {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const waitMs = 15_000;
const packetsPerSecond = 200;
const payloadBytes = 500;
const tokenSchema = v.object({ host: v.string(), secure: v.boolean() });
const sessionSchema = v.object({ id: v.string(), transportId: v.string() });
const answerSchema = v.object({ type: v.literal('answer'), sdp: v.string() });
const loginSchema = v.looseObject({
  id: v.string(),
  user: v.string(),
  role: v.string(),
  reconnectionTicket: v.string(),
  room: v.looseObject({
    id: v.string(),
    participants: v.array(v.looseObject({ id: v.string(), user: v.string(), role: v.string() })),
    streams: v.array(v.looseObject({ id: v.string(), type: v.string() })),
  }),
});

/** A request as the REST document has it: HMAC-SHA256 over time stamp and nonce, its hex text in base64. */
export async function owtRest(
  url: string,
  { id, key }: { readonly id: string; readonly key: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${url}/v1${path}`, {
    method,
    headers: {
      authorization: mauthHeader({ id, key }),
      'content-type': body === undefined ? 'text/plain;charset=UTF-8' : 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

export class OwtClient {
  readonly #socket: IoSocket;
  readonly #notifications: Notification[] = [];
  readonly #looking = new Set<() => void>();
  readonly #closing: (() => void)[] = [];
  login: v.InferOutput<typeof loginSchema> | undefined;
  /** What each return after a break was answered, oldest first. */
  readonly relogins: string[] = [];

  private constructor(socket: IoSocket) {
    this.#socket = socket;
    for (const event of ['participant', 'text', 'stream', 'progress', 'drop', 'disconnect']) {
      socket.on(event, (data) => {
        this.#notifications.push({ event, data: isRecord(data) ? data : {} });
        for (const look of this.#looking) look();
      });
    }
  }

  /** Logs in where the token says, or at another edge. Rejects with the server's text. */
  static async join(version: IoVersion, token: string, at?: string): Promise<OwtClient> {
    const { host, secure } = v.parse(tokenSchema, JSON.parse(Buffer.from(token, 'base64').toString()));
    const io = load(modules[version]) as (url: string, options: object) => IoSocket;
    const options = { reconnection: true, reconnectionAttempts: 10, 'force new connection': true };
    const client = new OwtClient(io(at ?? `${secure ? 'https' : 'http'}://${host}`, options));
    const sdk = { version: '5.1', type: 'JavaScript' };
    const userAgent = {
      sdk,
      runtime: { name: 'Chrome', version: '120' },
      os: { name: 'Linux', version: '0' },
    };
    try {
      client.login = v.parse(loginSchema, await client.ask('login', { token, userAgent, protocol: '1.2' }));
    } catch (error) {
      client.close();
      throw error;
    }
    client.#comeBack(client.login.reconnectionTicket);
    return client;
  }

  /** Everything of one kind so far, oldest first. */
  told(event: string): readonly Notification['data'][] {
    return this.#notifications.flatMap((each) => (each.event === event ? [each.data] : []));
  }

  /** Resolves with the data of an acknowledgement `ok`, rejects with the text of any other. */
  ask(event: string, data?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no acknowledgement of ${event}`)), waitMs);
      const acknowledge = (status: unknown, reply: unknown): void => {
        clearTimeout(late);
        if (status === 'ok') resolve(reply);
        else reject(new Error(typeof reply === 'string' ? reply : JSON.stringify(reply)));
      };
      if (data === undefined) this.#socket.emit(event, acknowledge);
      else this.#socket.emit(event, data, acknowledge);
    });
  }

  /** The first notification, past or to come, for which `matches` holds. */
  notification(
    event: string,
    matches: (data: Readonly<Record<string, unknown>>) => boolean = () => true,
  ): Promise<Notification> {
    const find = () => this.#notifications.find((each) => each.event === event && matches(each.data));
    const known = find();
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#looking.delete(look);
        const came = this.#notifications.map((each) =>
          `${each.event} ${JSON.stringify(each.data)}`.slice(0, 150),
        );
        reject(new Error(`no such ${event}; came:\n${came.join('\n')}`));
      }, waitMs);
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(late);
        this.#looking.delete(look);
        resolve(found);
      };
      this.#looking.add(look);
    });
  }

  /** Publishes one video track and sends until closed; resolves with the stream's id once it is ready. */
  async publish(): Promise<string> {
    const tracks = [{ type: 'video', mid: '0', source: 'camera' }];
    let id = '';
    const publisher = await Publisher.connect(
      async (offer) => {
        const session = await this.#negotiate('publish', tracks, offer);
        ({ id } = session);
        return session.answer;
      },
      payloadBytes,
      packetsPerSecond,
    );
    const stop = publisher.pace(packetsPerSecond);
    this.#closing.push(() => {
      stop();
      publisher.close();
    });
    await this.notification('progress', ({ sessionId, status }) => sessionId === id && status === 'ready');
    return id;
  }

  /** Subscribes to the video of `from`; resolves with the subscription's id once a packet of it came. */
  async subscribe(from: string): Promise<string> {
    const tracks = [{ type: 'video', mid: '0', from, parameters: {} }];
    let id = '';
    const receiver = await Receiver.offer(async (offer) => {
      const session = await this.#negotiate('subscribe', tracks, offer);
      ({ id } = session);
      return session.answer;
    }, true);
    this.#closing.push(() => receiver.close());
    await inTime(receiver.firstPacket, `media of ${from}`);
    return id;
  }

  /** As the page is closed: no word to the server. */
  close(): void {
    for (const close of this.#closing.splice(0)) close();
    this.#socket.disconnect();
  }

  /** As the SDK does whenever its socket is connected again. */
  #comeBack(first: string): void {
    let ticket = first;
    this.#socket.on('connect', () => {
      this.ask('relogin', ticket).then(
        (next) => {
          ticket = String(next);
          this.relogins.push('ok');
        },
        (error: unknown) => this.relogins.push(String(error)),
      );
    });
  }

  /** Each session has a transport of its own here, so that the server gives its id. */
  async #negotiate(
    event: 'publish' | 'subscribe',
    tracks: readonly object[],
    offer: string,
  ): Promise<{ readonly id: string; readonly answer: string }> {
    const request = { media: { tracks }, transport: { type: 'webrtc' } };
    const { id, transportId } = v.parse(sessionSchema, await this.ask(event, request));
    const signal = (signaling: object): void => {
      // The SDK does not wait for it.
      this.ask('soac', { id: transportId, signaling }).catch(() => undefined);
    };
    signal({ type: 'offer', sdp: withoutCandidates(offer) });
    const { data } = await this.notification(
      'progress',
      (progress) => progress.id === transportId && progress.status === 'soac',
    );
    const { sdp } = v.parse(answerSchema, data.data);
    sendCandidatesLater(offer, ({ candidate, ...place }) => {
      signal({ type: 'candidate', candidate: { candidate: `a=${candidate}`, ...place } });
    });
    return { id, answer: withoutCandidates(sdp) };
  }
}

function inTime(promise: Promise<void>, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no ${what}`)), waitMs);
    void promise.then(() => {
      clearTimeout(late);
      resolve();
    });
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
