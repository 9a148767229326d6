// Owns who listens to a room and when they hear: once a turn of the event loop, after every acknowledgement of that turn.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { AddressedNotice } from '../../schemas/notice.ts';
import type { Clock, Log } from '../clock.ts';
import type { NoticeBatch } from './live-room.ts';
import type { RoomState } from './state.ts';

interface Listener {
  readonly hear: (batch: NoticeBatch) => void;
  /** How many notices waited already when it began to listen: those are not for it. */
  skip: number;
}

export class NoticeFeed {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #state: () => RoomState;
  readonly #listeners = new Set<Listener>();
  #notices: AddressedNotice[] = [];
  #seqs: number[] = [];
  #cancel: Unsubscribe | undefined;

  constructor(deps: { clock: Clock; log: Log; state: () => RoomState }) {
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#state = deps.state;
  }

  listen(hear: (batch: NoticeBatch) => void): Unsubscribe {
    const listener: Listener = { hear: (batch) => hear(batch), skip: this.#notices.length };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Something was folded: listeners hear of it at the end of this turn. */
  add(seq: number, notices: readonly AddressedNotice[]): void {
    for (const notice of notices) {
      this.#notices.push(notice);
      this.#seqs.push(seq);
    }
    this.#cancel ??= this.#clock.after(0, () => this.flush());
  }

  /** Tells the listeners now what waits for the end of the turn. */
  flush(): void {
    if (!this.#cancel) return;
    this.#cancel();
    this.#cancel = undefined;
    const [notices, seqs, state] = [this.#notices, this.#seqs, this.#state()];
    this.#notices = [];
    this.#seqs = [];
    const whole: NoticeBatch = { seq: state.seq, state, notices, seqs };
    for (const listener of [...this.#listeners]) {
      const { skip } = listener;
      listener.skip = 0;
      if (!this.#listeners.has(listener)) continue;
      try {
        listener.hear(
          skip === 0 ? whole : { ...whole, notices: notices.slice(skip), seqs: seqs.slice(skip) },
        );
      } catch (error) {
        this.#log.error('a listener of the room threw', { room: state.id, error });
      }
    }
  }
}
