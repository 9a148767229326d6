// Owns a participant of a chaos run on our own protocol: the client library over a Node WebSocket that goes to another edge
// when one does not answer, as through a balancer. What it is asked and hears is recorded; it joins anew when it is put out.
import { WebSocket } from 'ws';
import { Connection } from '../../../edge/client/connection.ts';
import { emptyMirror, foldNotice, replaceMirror, type RoomMirror } from '../../../edge/client/room-mirror.ts';
import type { OpenSocket } from '../../../edge/client/socket.ts';
import { browserTimers } from '../../../edge/client/timers.ts';
import type { SignalBody } from '../../../edge/client/wire.ts';
import { SluiceError } from '../../../schemas/error.ts';
import type { Notice } from '../../../schemas/notice.ts';
import { signalSubprotocol } from '../../../schemas/signal.ts';
import type { Saying } from './record.ts';
import { Talker, type TalkerDeps } from './talker.ts';

export interface MemberDeps extends TalkerDeps {
  /** A notice in its turn, after it was folded. */
  readonly noticed?: (notice: Notice) => void;
}

const rejoinMs = 200;

export class Member extends Talker {
  readonly #noticed: ((notice: Notice) => void) | undefined;
  #connection: Connection | undefined;
  #gone = false;
  #socket: WebSocket | undefined;
  mirror: RoomMirror = emptyMirror;
  #toldAt = 0;
  /** Called at every change of the connection. */
  #watchers = new Set<() => void>();

  constructor(deps: MemberDeps) {
    super(deps);
    this.#noticed = deps.noticed;
  }

  get connected(): boolean {
    return this.#phase === 'open';
  }

  get #phase(): string {
    return this.#connection?.state.phase ?? 'not joined yet';
  }

  /** How it knows what it sees. */
  get standing(): string {
    const ago = Math.round(performance.now() - this.#toldAt);
    return `${this.#phase} at ${this.edge}, told something ${ago} ms ago`;
  }

  /** Joins, again and again until that is done. */
  async join(): Promise<void> {
    while (!this.#gone) {
      try {
        const given = await this.nextToken();
        if (this.#isGone()) return;
        this.note(`asks ${this.edge} to be let in`);
        await this.#join(given);
        return;
      } catch (error) {
        this.note(`is not let in: ${error instanceof Error ? error.message : String(error)}`);
        this.moveOn();
        await new Promise((resolve) => setTimeout(resolve, rejoinMs));
      }
    }
  }

  /** As the library's `request`. */
  ask<T>(body: SignalBody, read: (data: unknown) => T): Promise<T> {
    if (this.#connection === undefined) return Promise.reject(new SluiceError('unavailable', 'Not joined'));
    return this.#connection.request(body, read);
  }

  /** Resolves when `holds`, looked at at each change of the connection. */
  until(holds: () => boolean, timeoutMs: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (result: boolean): void => {
        clearTimeout(late);
        this.#watchers.delete(look);
        resolve(result);
      };
      const look = (): void => {
        if (holds()) done(true);
      };
      const late = setTimeout(() => done(holds()), timeoutMs);
      this.#watchers.add(look);
    });
  }

  /** Leaves with a word. */
  leave(): void {
    this.note(`leaves ${this.edge} while it is ${this.#phase}`);
    this.#gone = true;
    this.endLife();
    this.#connection?.leave();
  }

  /** Is gone without a word, and never comes back. */
  vanish(): void {
    this.note(`is gone without a word from ${this.edge}`);
    this.#gone = true;
    this.endLife();
    this.#socket?.terminate();
    // What it would say now nobody hears.
    this.#connection?.leave();
  }

  protected override tell(message: string): Promise<unknown> {
    return this.ask({ do: 'text', request: { to: 'all', message } }, () => undefined);
  }

  /** What the server could not do it may have done all the same; so with what nobody answered. */
  protected override outcomeOf(error: unknown): Saying['outcome'] {
    const isRule = error instanceof SluiceError && !['unavailable', 'internal'].includes(error.code);
    return isRule && error.code !== 'not-found' ? 'refused' : 'unknown';
  }

  async #join(token: string): Promise<void> {
    const { record, room } = this;
    const connection = new Connection({ url: '', openSocket: this.#open, timers: browserTimers });
    connection.events.on('notices', (notices) => this.#hear(connection, notices));
    connection.events.on('room', (view) => {
      if (this.#connection !== connection) return;
      this.life?.heard.push({ anew: true });
      this.mirror = replaceMirror(this.mirror, view).room;
    });
    connection.events.on('state', ({ phase }) => {
      this.note(`is ${phase} at ${this.edge}`);
      for (const look of [...this.#watchers]) look();
    });
    const ended = (why: string): void => {
      if (this.#connection !== connection || this.#gone) return;
      record.ended.push({ room, participant: this.participant, why });
      this.note(`was ended: ${why}`);
      this.endLife();
      void this.join();
    };
    connection.events.on('lost', (error) => ended(error.message));
    connection.events.on('dropped', ended);
    this.#connection = connection;
    await connection.join(token, (result) => {
      this.life = record.begin(room, result.participant.id);
      this.mirror = replaceMirror(emptyMirror, result.room).room;
    });
  }

  #isGone(): boolean {
    return this.#gone;
  }

  #hear(connection: Connection, notices: readonly Notice[]): void {
    if (this.#connection !== connection) return;
    this.#toldAt = performance.now();
    for (const notice of notices) {
      this.mirror = foldNotice(this.mirror, notice).room;
      if (notice.type === 'text') this.life?.heard.push({ text: notice.message });
      this.#noticed?.(notice);
    }
  }

  readonly #open: OpenSocket = (_url, events) => {
    const socket = new WebSocket(`${this.edge.replace(/^http/, 'ws')}/signal`, signalSubprotocol, {
      perMessageDeflate: false,
    });
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    let isOpen = false;
    let isOver = false;
    socket.on('open', () => {
      isOpen = true;
      events.opened();
    });
    socket.on('message', (data) => {
      if (data instanceof ArrayBuffer && !isOver) events.received(data);
    });
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      // Another one is tried next, also after an edge that was there and is not.
      if (!isOver || !isOpen) this.moveOn();
      if (isOver) return;
      isOver = true;
      events.closed(code, reason.toString());
    });
    return {
      send: (bytes) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
      },
      close: () => {
        if (isOver) return;
        isOver = true;
        this.moveOn();
        if (isOpen) socket.close(1000);
        // An edge that stands still would never answer.
        setTimeout(() => socket.terminate(), 500);
      },
    };
  };
}
