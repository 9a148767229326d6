// Owns how long an empty room stays: the timer runs while nothing is in the room (spec room-model §6.1).
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Clock } from '../clock.ts';
import { decide } from './decide.ts';
import type { RoomState } from './state.ts';

export class IdleTimer {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #ring: () => void;
  #cancel: Unsubscribe | undefined;

  /** `ring` is called when the room was idle for `idleMs`, and again after each further such time. */
  constructor(clock: Clock, idleMs: number, ring: () => void) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#ring = ring;
  }

  /** Looks at the state: an idle room starts the timer if it does not run, any other stops it. */
  look(state: RoomState): void {
    if (!isIdle(state, this.#clock.now())) this.stop();
    else this.#cancel ??= this.#start();
  }

  /** Somebody is coming: the time begins anew. */
  touch(): void {
    if (!this.#cancel) return;
    this.#cancel();
    this.#cancel = this.#start();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #start(): Unsubscribe {
    return this.#clock.after(this.#idleMs, () => {
      this.#cancel = this.#start();
      this.#ring();
    });
  }
}

/** The rule itself is that of `close-if-idle`; a look at the sizes spares most of its questions. */
function isIdle(state: RoomState, now: number): boolean {
  if (state.participants.size > 1 || state.subscriptions.size > 0) return false;
  const decision = decide(state, { type: 'close-if-idle' }, now);
  return decision.ok && decision.events.length > 0;
}
