// Owns a client for tests that must hold in both protocols: one shape, spoken by Socket.IO and by `sluice.1` over real
// sockets. Requests have the names of the OWT protocol.
import { decode, encode } from '@msgpack/msgpack';
import { WebSocket } from 'ws';
import { signalSubprotocol, type ServerFrame, type SignalReply } from '../../../schemas/signal.ts';
import { ioClients } from './scripted-server.ts';

/** `text` is that of a refusal. */
export interface Answer {
  readonly ok: boolean;
  readonly data?: unknown;
  readonly text?: string;
}

export interface Joined {
  readonly id: string;
  readonly ticket: string;
}

export interface Speaker {
  readonly protocol: 'owt' | 'sluice.1';
  /** With a good user agent; `over` replaces fields of the OWT login. */
  login(token: unknown, over?: object): Promise<Answer>;
  relogin(ticket: unknown): Promise<Answer>;
  ask(request: string, data?: unknown): Promise<Answer>;
  joined(answer: Answer): Joined;
  /** Resolves once the server has closed the connection. */
  closed(): Promise<void>;
  isOpen(): boolean;
  end(): void;
}

/** How long a test waits for what must come. */
const patienceMs = 20_000;

function soon<T>(what: string, start: (resolve: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not seen in time: ${what}`)), patienceMs);
    start((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

export async function owtSpeaker(url: string): Promise<Speaker> {
  const socket = ioClients['4.8.4'](url, { forceNew: true, reconnection: false, transports: ['websocket'] });
  let isOpen = true;
  const closed = new Promise<void>((resolve) =>
    socket.on('disconnect', () => {
      isOpen = false;
      resolve();
    }),
  );
  await soon('a connection', (resolve) => void socket.once('connect', () => resolve(true)));
  const ask = (event: string, ...data: unknown[]) =>
    soon<Answer>(`an acknowledgement of ${event}`, (resolve) => {
      socket.emit(event, ...data, (status: unknown, value: unknown) =>
        resolve(status === 'ok' ? { ok: true, data: value } : { ok: false, text: String(value) }),
      );
    });
  return {
    protocol: 'owt',
    login: (token, over = {}) =>
      ask('login', {
        token,
        userAgent: { sdk: { type: 'JavaScript', version: '5.1' } },
        protocol: '1.2',
        ...over,
      }),
    relogin: (ticket) => ask('relogin', ticket),
    ask: (request, data) => (data === undefined ? ask(request) : ask(request, data)),
    joined({ data }) {
      const { id, reconnectionTicket: ticket } = data as { id: string; reconnectionTicket: string };
      return { id, ticket };
    },
    closed: async () => {
      await soon('the end of the connection', (resolve) => void closed.then(resolve));
    },
    isOpen: () => isOpen,
    end: () => void socket.disconnect(),
  };
}

export async function signalSpeaker(url: string): Promise<Speaker> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/signal`, signalSubprotocol);
  socket.binaryType = 'arraybuffer';
  const waiting = new Map<number, (reply: SignalReply) => void>();
  let [cid, epoch, seq] = [0, 'none', 0];
  socket.on('message', (data: ArrayBuffer) => {
    const frame = decode(new Uint8Array(data)) as ServerFrame;
    seq = frame.seq ?? seq;
    for (const reply of frame.replies ?? []) waiting.get(reply.cid)?.(reply);
  });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await soon('a connection', (resolve) => void socket.once('open', () => resolve(true)));
  const ask = (body: object) =>
    soon<Answer>(`a reply to ${JSON.stringify(body).slice(0, 60)}`, (resolve) => {
      cid += 1;
      waiting.set(cid, (reply) => {
        if (reply.ok) resolve({ ok: true, data: reply.data });
        else resolve({ ok: false, text: reply.error.message });
      });
      socket.send(encode({ ...body, cid }, { ignoreUndefined: true }));
    });
  return {
    protocol: 'sluice.1',
    login: (token) => ask({ do: 'join', token, userAgent: { sdk: { type: 'test', version: '1' } } }),
    relogin: (ticket) => ask({ do: 'resume', ticket, seq, epoch }),
    ask(request, data) {
      if (request === 'logout') return ask({ do: 'leave' });
      if (request !== 'soac') return ask({ do: request, request: data });
      const { id, signaling } = data as { id: unknown; signaling: unknown };
      return ask({ do: 'signal', transport: id, signaling });
    },
    joined({ data }) {
      const {
        participant,
        ticket,
        epoch: told,
      } = data as Joined & {
        readonly participant: { readonly id: string };
        readonly epoch: string;
      };
      epoch = told;
      return { id: participant.id, ticket };
    },
    closed: async () => {
      await soon('the end of the connection', (resolve) => void closed.then(resolve));
    },
    isOpen: () => socket.readyState === WebSocket.OPEN,
    end: () => socket.close(),
  };
}
