// Owns one connection to the home Redis: made again and again, logged in, and found out about when it is dead without
// saying so. What goes over it, and what is lost with it, is its user's.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Unsubscribe } from '../../../../schemas/bus.ts';
import type { Clock, Log } from '../../../clock.ts';
import type { RedisAddress } from '../address.ts';
import { backOffMs } from '../client.ts';
import { type Frame, FrameReader, type FrameLimits } from './frame-reader.ts';
import { requestOf } from './words.ts';

export interface HomeLineDeps {
  readonly address: RedisAddress;
  /** What Redis lists it as, and log lines. */
  readonly name: string;
  readonly limits: FrameLimits;
  readonly clock: Clock;
  readonly log: Log;
  /** Logged in: what is written from now on is done in order. Must not throw, as the others. */
  readonly ready: () => void;
  readonly frame: (frame: Frame) => void;
  /** After `ready`: the connection is gone, and with it the answers to what was written. */
  readonly lost: () => void;
  /** Nothing has come for a while: something must be asked that is answered at once. */
  readonly ask: () => void;
}

const connectMs = 5000;
const lookEveryMs = 500;
/** Silence before something is asked, and after something was asked before the connection counts as dead. */
const quietMs = 3000;
const answerMs = 2000;

export class HomeLine {
  readonly #deps: HomeLineDeps;
  readonly #stopLooking: Unsubscribe;
  #socket: Socket | undefined;
  #phase: 'connecting' | 'login' | 'ready' | 'closed' = 'connecting';
  #attempts = 0;
  #cancelRetry: Unsubscribe = () => undefined;
  /** Replies to the login that are still to come. */
  #loginReplies = 0;
  #heardAt = 0;
  /** When something was asked after the last thing heard. */
  #askedAt: number | undefined;
  #told = false;
  /** Written at the end of this turn of the event loop, as one. */
  #corked = false;

  constructor(deps: HomeLineDeps) {
    this.#deps = deps;
    this.#stopLooking = deps.clock.every(lookEveryMs, () => this.#look());
    this.#connect();
  }

  get ready(): boolean {
    return this.#phase === 'ready';
  }

  /** What is written and has not left this process yet. */
  get queuedBytes(): number {
    return this.#socket?.writableLength ?? 0;
  }

  /** Only while ready. */
  write(bytes: Buffer): void {
    const socket = this.#socket;
    if (!socket || this.#phase !== 'ready') return;
    this.#askedAt ??= this.#deps.clock.now();
    if (!this.#corked) {
      this.#corked = true;
      socket.cork();
      this.#deps.clock.after(0, () => {
        this.#corked = false;
        socket.uncork();
      });
    }
    socket.write(bytes);
  }

  /** Ends the connection; the next one is made at once. */
  renew(): void {
    this.#socket?.destroy();
  }

  close(): void {
    this.#phase = 'closed';
    this.#stopLooking();
    this.#cancelRetry();
    this.#socket?.destroy();
  }

  #connect(): void {
    const { address, clock, limits } = this.#deps;
    const [node] = address.nodes;
    if (this.#phase === 'closed' || !node) return;
    this.#phase = 'connecting';
    const socket = address.tls
      ? connectTls({ ...node, ...(isName(node.host) && { servername: node.host }) })
      : connectTcp({ ...node });
    this.#socket = socket;
    this.#corked = false;
    socket.setNoDelay(true);
    const late = clock.after(connectMs, () => socket.destroy(new Error('no answer in time')));
    const reader = new FrameReader('replies', limits);
    socket.once(address.tls ? 'secureConnect' : 'connect', () => {
      late();
      this.#heard();
      this.#login(socket);
    });
    socket.on('data', (chunk: Buffer) => {
      this.#heard();
      try {
        for (const frame of reader.push(chunk)) {
          if (this.#phase === 'ready') this.#deps.frame(frame);
          else this.#loginReply(socket, frame);
        }
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error('no Redis'));
      }
    });
    socket.on('error', (error: Error) => this.#tell(error.message));
    socket.once('close', () => {
      late();
      if (this.#socket === socket) this.#broken();
    });
  }

  #login(socket: Socket): void {
    const { username, password, db } = this.#deps.address;
    const requests = [requestOf('CLIENT', 'SETNAME', this.#deps.name)];
    if (password !== undefined) {
      requests.unshift(requestOf('AUTH', ...(username === undefined ? [] : [username]), password));
    }
    if (db > 0) requests.push(requestOf('SELECT', `${db}`));
    this.#phase = 'login';
    this.#loginReplies = requests.length;
    this.#askedAt = this.#deps.clock.now();
    socket.write(Buffer.concat(requests));
  }

  #loginReply(socket: Socket, frame: Frame): void {
    if (this.#phase !== 'login' || socket.destroyed) return;
    if (frame.type === 'too-large' || frame.bytes.toString('latin1', 0, 1) === '-') {
      const text = frame.type === 'too-large' ? 'no Redis' : frame.bytes.toString('latin1', 1, 200).trim();
      socket.destroy(new Error(text));
      return;
    }
    this.#loginReplies -= 1;
    if (this.#loginReplies > 0) return;
    const { log, name, ready } = this.#deps;
    log.info('the home is there', { line: name });
    this.#told = false;
    this.#attempts = 0;
    this.#askedAt = undefined;
    this.#phase = 'ready';
    ready();
  }

  #broken(): void {
    const was = this.#phase;
    if (was === 'closed') return;
    this.#tell('connection closed');
    this.#phase = 'connecting';
    this.#askedAt = undefined;
    this.#attempts += 1;
    const { clock, lost } = this.#deps;
    this.#cancelRetry = clock.after(backOffMs(this.#attempts, Math.random()), () => this.#connect());
    if (was === 'ready') lost();
  }

  #heard(): void {
    this.#heardAt = this.#deps.clock.now();
    this.#askedAt = undefined;
  }

  #look(): void {
    const now = this.#deps.clock.now();
    if (this.#askedAt !== undefined && now - this.#askedAt >= answerMs) {
      this.#socket?.destroy(new Error('no answer in time'));
    } else if (this.#phase === 'ready' && now - this.#heardAt >= quietMs) this.#deps.ask();
  }

  /** Once for each time that the home is away. */
  #tell(why: string): void {
    if (this.#told || this.#phase === 'closed') return;
    this.#told = true;
    this.#deps.log.warn('the home is away', { line: this.#deps.name, error: why });
  }
}

/** Addresses have no place in a TLS handshake (RFC 6066 §3). */
function isName(host: string): boolean {
  return !/^[\d.]+$|:/.test(host);
}
