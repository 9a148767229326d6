// Owns the WebSocket to the portal: joining, resuming after a break, command ids, one frame per tick, and the sequence
// number up to which the room is known. It knows nothing of media, nor what notices mean; what waits for a reply is in
// `outbox.ts`.
import type { Notice } from '../../schemas/notice.ts';
import type { IceServers } from '../../schemas/ice-servers.ts';
import type {
  EdgeAddress,
  GivenTicket,
  JoinResult,
  RoomView,
  ServerFrame,
  SignalMessage,
  SignalReply,
} from '../../schemas/signal.ts';
import { SluiceError } from '../../schemas/error.ts';
import { backOffMs } from './back-off.ts';
import { Emitter } from './emitter.ts';
import type { Off } from './emitter.ts';
import { Outbox } from './outbox.ts';
import type { OpenSocket, Socket } from './socket.ts';
import type { Timers } from './timers.ts';
import {
  closeCodes,
  decodeFrame,
  encodeFrame,
  incomplete,
  moveUrl,
  readJoin,
  readResume,
  readTicket,
} from './wire.ts';
import type { SignalBody } from './wire.ts';

export type ConnectionState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'joining' }
  | { readonly phase: 'open' }
  | { readonly phase: 'reconnecting'; readonly attempt: number }
  | { readonly phase: 'closed'; readonly reason: string };

export interface ConnectionEvents {
  state: ConnectionState;
  /** All notices of one frame, in order. */
  notices: readonly Notice[];
  /** What was missed is no longer kept: the whole room instead. Comes before later notices. */
  room: RoomView;
  /** Given at every resume. */
  'ice-servers': IceServers;
  /** The participant is gone at the server: only a new join helps. The connection is idle again. */
  lost: SluiceError;
  /** The server ended this participation. The connection is closed. */
  dropped: string;
}

export interface ConnectionDeps {
  readonly url: string;
  readonly openSocket: OpenSocket;
  readonly timers: Timers;
}

const userAgent = { sdk: { type: 'Sluice', version: '0.1' } };
const retry = { firstMs: 150, maxMs: 4000 };
const tickMs = 5000;
const joinWithinMs = 20_000;
const deadAfterMs = 10_000;
const quietMs = 20_000;
const maxUrls = 4;

export class Connection {
  readonly events = new Emitter<ConnectionEvents>();
  readonly #deps: ConnectionDeps;
  readonly #outbox = new Outbox();
  #state: ConnectionState = { phase: 'idle' };
  #socket: Socket | undefined;
  /** Where the server may be, the likeliest first: where it said that it would be, where we were last, where we began. */
  #urls: readonly string[];
  #session: { ticket: string; epoch: string; readonly keepMs: number } | undefined;
  #renewTicketAt = 0;
  #seq = -1;
  #lastCid = 0;
  #brokeAt = 0;
  #receivedAt = 0;
  #flushing = false;
  #stopRetry: Off | undefined;
  #stopTick: Off | undefined;
  #stopWaiting: Off | undefined;
  #isWritable = false;
  #rejectJoin: ((error: SluiceError) => void) | undefined;
  /** It was left while it was broken: it comes back only to say so. */
  #farewell = false;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
    this.#urls = [deps.url];
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /**
   * Joins with a token of one use. `read` is called before any notice of the same frame is seen. Throws SluiceError as
   * the server refused, or `unavailable`.
   */
  async join(token: string, read: (result: JoinResult) => void): Promise<void> {
    if (this.#state.phase !== 'idle') throw new SluiceError('bad-request', 'Already joined');
    this.#enter({ phase: 'joining' });
    return new Promise((resolve, reject) => {
      this.#rejectJoin = reject;
      const fail = (error: SluiceError): void => {
        // The server may have let us in all the same.
        this.#sayLeave();
        this.#end({ phase: 'idle' }, error);
      };
      this.#connect(
        this.#deps.url,
        { do: 'join', cid: ++this.#lastCid, token, userAgent },
        joinWithinMs,
        (reply) => {
          if (!reply.ok) {
            this.#end({ phase: 'idle' }, new SluiceError(reply.error.code, reply.error.message));
            return;
          }
          const result = readJoin(reply.data);
          if (result === undefined) {
            fail(incomplete('join'));
            return;
          }
          this.#rejectJoin = undefined;
          this.#session = { ticket: '', epoch: result.epoch, keepMs: result.keepMs };
          this.#hold(result);
          this.#seq = -1;
          this.#isAt(this.#deps.url, result.others);
          this.#stopTick = this.#deps.timers.every(tickMs, () => this.#tick());
          read(result);
          this.#enter({ phase: 'open' });
          this.#flushSoon();
          resolve();
        },
        (code, reason) =>
          fail(new SluiceError('unavailable', reason || `The server cannot be reached (${code})`)),
      );
    });
  }

  /**
   * Sends a command, now or after a break is mended. `read` is called with the reply's data before any notice of the
   * same frame is seen, so what it notes is there when they come. Throws SluiceError as the server refused, or
   * `unavailable` when no reply can be had any more.
   */
  async request<T>(body: SignalBody, read: (data: unknown) => T): Promise<T> {
    if (this.#state.phase === 'idle' || this.#state.phase === 'closed')
      throw new SluiceError('unavailable', 'Not connected');
    if (this.#outbox.isFull) throw new SluiceError('unavailable', 'Too many requests wait');
    return new Promise((resolve, reject) => {
      const cid = ++this.#lastCid;
      const settle = (reply: SignalReply): void => {
        if (!reply.ok) {
          reject(new SluiceError(reply.error.code, reply.error.message));
          return;
        }
        try {
          resolve(read(reply.data));
        } catch (error) {
          reject(error instanceof Error ? error : new SluiceError('internal', 'Unreadable reply', error));
        }
      };
      this.#outbox.add(cid, { body, settle, reject });
      this.#flushSoon();
    });
  }

  /** Tries at once when a retry is being waited for, e.g. because the network came back. */
  hurry(): void {
    if (this.#state.phase !== 'reconnecting' || this.#socket !== undefined) return;
    this.#stopRetry?.();
    this.#resume(this.#state.attempt);
  }

  /**
   * Leaves the room and closes, at once: safe to call while the page goes away. Where the connection is broken at that
   * moment, the server is told as soon as it is reached. Idempotent.
   */
  leave(): void {
    const { phase } = this.#state;
    if (phase === 'closed') return;
    if (phase === 'reconnecting') {
      const waiting = this.#takeWaiting();
      this.#enter({ phase: 'closed', reason: 'left' });
      this.#farewell = true;
      for (const reject of waiting) reject(wasLeft());
      return;
    }
    this.#flush();
    this.#sayLeave();
    this.#close('left');
  }

  /** `onFirst` gets the reply to `first`, unless `onClosed` is told before that there will be none. */
  #connect(
    url: string,
    first: SignalMessage,
    withinMs: number,
    onFirst: (reply: SignalReply) => void,
    onClosed: (code: number, reason: string) => void,
  ): void {
    let waiting = true;
    const socket = this.#deps.openSocket(url, {
      opened: () => {
        if (this.#socket !== socket) return;
        this.#isWritable = true;
        socket.send(encodeFrame([first]));
      },
      received: (bytes) => {
        if (this.#socket !== socket) return;
        this.#receivedAt = this.#deps.timers.now();
        const frame = this.#read(bytes);
        if (frame === undefined) return;
        const reply = waiting ? frame.replies?.find(({ cid }) => cid === first.cid) : undefined;
        if (reply !== undefined) {
          waiting = false;
          this.#stopWaiting?.();
          onFirst(reply);
        }
        if (this.#socket === socket) this.#take(frame);
      },
      closed: (code, reason) => {
        if (this.#socket !== socket) return;
        this.#letGo();
        if (waiting) onClosed(code, reason);
        else this.#broke(code, reason);
      },
    });
    this.#socket = socket;
    this.#isWritable = false;
    this.#receivedAt = this.#deps.timers.now();
    this.#stopWaiting = this.#deps.timers.after(withinMs, () => onClosed(1006, 'The server did not answer'));
  }

  #read(bytes: ArrayBuffer): ServerFrame | undefined {
    try {
      return decodeFrame(bytes);
    } catch {
      this.#drop();
      this.#broke(closeCodes.badMessage, 'Unreadable frame');
      return undefined;
    }
  }

  /** The server is there: next time it is looked for there first, then where we came from, then where it said. */
  #isAt(url: string, others: readonly EdgeAddress[] = []): void {
    const elsewhere = others.flatMap((other) => moveUrl(this.#deps.url, other) ?? []);
    this.#urls = [...new Set([url, this.#deps.url, ...elsewhere])].slice(0, maxUrls);
  }

  #take({ replies, seq, notices, moveTo, epoch }: ServerFrame): void {
    if (epoch !== undefined && this.#session !== undefined) this.#session.epoch = epoch;
    const moved = moveTo && moveUrl(this.#deps.url, moveTo);
    if (moved !== undefined) this.#urls = [...new Set([moved, ...this.#urls])].slice(0, maxUrls);
    for (const reply of replies ?? []) this.#outbox.settle(reply);
    // Told twice, where a resume and the live stream overlap: once is enough.
    const known = seq !== undefined && seq <= this.#seq;
    if (seq !== undefined && !known) this.#seq = seq;
    if (notices === undefined || notices.length === 0 || known) return;
    this.events.emit('notices', notices);
    const dropped = notices.find((notice) => notice.type === 'dropped');
    if (dropped !== undefined) {
      this.#close(dropped.reason);
      this.events.emit('dropped', dropped.reason);
    }
  }

  #broke(code: number, reason: string): void {
    if (this.#session === undefined) {
      this.#end({ phase: 'idle' }, new SluiceError('unavailable', reason));
      return;
    }
    switch (code) {
      case closeCodes.dropped:
      case closeCodes.replaced:
        this.#close(reason || 'dropped');
        this.#emit('dropped', reason || 'dropped');
        return;
      case closeCodes.unauthenticated:
        this.#lose(new SluiceError('unauthenticated', reason || 'The server no longer knows us'));
        return;
      default:
        this.#outbox.unsend();
        if (this.#state.phase !== 'reconnecting') this.#brokeAt = this.#deps.timers.now();
        this.#retry(0);
    }
  }

  #retry(attempt: number): void {
    const { timers } = this.#deps;
    if (timers.now() - this.#brokeAt > (this.#session?.keepMs ?? 0)) {
      this.#lose(new SluiceError('unavailable', 'The server could not be reached in time'));
      return;
    }
    this.#enter({ phase: 'reconnecting', attempt });
    this.#stopRetry = timers.after(backOffMs(retry, attempt, timers.random()), () => this.#resume(attempt));
  }

  #resume(attempt: number): void {
    const session = this.#session;
    if (session === undefined) return;
    const seq = Math.max(0, this.#seq);
    // A balancer leads to another edge by the old address, where there is one: each attempt takes the next.
    const url = this.#urls[attempt % this.#urls.length] ?? this.#deps.url;
    this.#connect(
      url,
      { do: 'resume', cid: ++this.#lastCid, ticket: session.ticket, seq, epoch: session.epoch },
      deadAfterMs,
      (reply) => {
        if (!reply.ok) {
          const { code, message } = reply.error;
          // We are still known, but not where the room is kept: that may be away for a while.
          if (code === 'unavailable') {
            this.#drop();
            this.#retry(attempt + 1);
          } else this.#lose(new SluiceError(code, message));
          return;
        }
        const result = readResume(reply.data);
        if (result === undefined) {
          this.#lose(incomplete('resume'));
          return;
        }
        if (this.#farewell) {
          this.#sayLeave();
          this.#close('left');
          return;
        }
        this.#hold(result);
        this.#isAt(url, result.others);
        if (result.room !== undefined) this.#seq = -1;
        session.epoch = result.epoch;
        this.#enter({ phase: 'open' });
        this.#outbox.resume(result.lastCid, () => ++this.#lastCid);
        this.#flushSoon();
        this.events.emit('ice-servers', result);
        if (result.room !== undefined) this.events.emit('room', result.room);
      },
      (code, reason) => {
        this.#drop();
        if (code === closeCodes.unauthenticated)
          this.#lose(new SluiceError('unauthenticated', reason || 'The server no longer knows us'));
        else this.#retry(attempt + 1);
      },
    );
  }

  /** Another one is asked for long before it expires: a break may last, and the ticket is to outlive it. */
  #hold({ ticket, ticketMs }: GivenTicket): void {
    if (this.#session !== undefined) this.#session.ticket = ticket;
    this.#renewTicketAt = this.#deps.timers.now() + ticketMs / 2;
  }

  #renewTicket(): void {
    this.#renewTicketAt = Infinity;
    this.request({ do: 'ticket' }, readTicket).then(
      (given) => this.#hold(given),
      () => {
        this.#renewTicketAt = 0;
      },
    );
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#state.phase !== 'open' || this.#socket === undefined) return;
    for (const messages of this.#outbox.frames(this.#deps.timers.now()))
      this.#socket.send(encodeFrame(messages));
  }

  /** Finds out a dead path, which a browser's WebSocket does not tell of for minutes. */
  #tick(): void {
    if (this.#state.phase !== 'open') return;
    const now = this.#deps.timers.now();
    if (now >= this.#renewTicketAt) this.#renewTicket();
    const quiet = now - this.#receivedAt;
    const oldest = this.#outbox.expire(now);
    if (quiet >= deadAfterMs && now - oldest >= deadAfterMs) {
      this.#drop();
      this.#broke(1006, 'No answer');
    } else if (quiet >= quietMs) {
      // Any answer, also a refusal, proves the path.
      this.request({ do: 'stats', transport: 'none' }, () => undefined).catch(() => undefined);
    }
  }

  #lose(error: SluiceError): void {
    this.#end({ phase: 'idle' }, error);
    this.#emit('lost', error);
  }

  #close(reason: string): void {
    this.#end({ phase: 'closed', reason }, wasLeft());
  }

  #end(state: ConnectionState, error: SluiceError): void {
    this.#stopRetry?.();
    this.#stopTick?.();
    this.#drop();
    this.#session = undefined;
    const waiting = this.#takeWaiting();
    this.#enter(state);
    for (const reject of waiting) reject(error);
  }

  /** How to refuse whoever waits for something, who waits no longer. */
  #takeWaiting(): readonly ((error: SluiceError) => void)[] {
    const joining = this.#rejectJoin;
    this.#rejectJoin = undefined;
    const asked = this.#outbox.empty().map((pending) => (error: SluiceError) => pending.reject(error));
    return joining === undefined ? asked : [joining, ...asked];
  }

  /** Nobody waits for the reply: the server sees to it. */
  #sayLeave(): void {
    if (this.#isWritable) this.#socket?.send(encodeFrame([{ do: 'leave', cid: ++this.#lastCid }]));
  }

  /** Lets go of the socket; its later events are ignored. */
  #drop(): void {
    const socket = this.#socket;
    this.#letGo();
    socket?.close();
  }

  #letGo(): void {
    this.#stopWaiting?.();
    this.#socket = undefined;
    this.#isWritable = false;
  }

  /** To who has left, nothing happens any more. */
  #enter(state: ConnectionState): void {
    if (this.#farewell) return;
    this.#state = state;
    this.events.emit('state', state);
  }

  #emit<Name extends keyof ConnectionEvents>(name: Name, detail: ConnectionEvents[Name]): void {
    if (!this.#farewell) this.events.emit(name, detail);
  }
}

function wasLeft(): SluiceError {
  return new SluiceError('unavailable', 'The conference was left');
}
