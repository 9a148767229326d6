// Owns one mixing thread that waits warm for the next pipeline, so that no view waits for a thread to begin.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Clock, Log } from '../clock.ts';
import { MixingThread } from './mixing-thread.ts';
import type { StartThread } from './worker-thread.ts';

export interface WarmThreadOptions {
  readonly start: StartThread;
  readonly clock: Clock;
  readonly log: Log;
  /** One that was taken has ended. */
  readonly ended: (thread: MixingThread) => void;
}

const longestRestartMs = 30_000;

export class WarmThread {
  readonly #options: WarmThreadOptions;
  #waiting: MixingThread | undefined;
  #failures = 0;
  #closed = false;
  #cancel: Unsubscribe | undefined;

  constructor(options: WarmThreadOptions) {
    this.#options = options;
    this.#warmUp(0);
  }

  get waiting(): MixingThread | undefined {
    return this.#waiting;
  }

  /** The one that waits, or a new one; another begins to wait. */
  take(): MixingThread {
    const thread = this.#waiting ?? this.#begin();
    this.#waiting = undefined;
    this.#warmUp(0);
    return thread;
  }

  /** Ends the one that waits. Idempotent. */
  close(reason: string): void {
    this.#closed = true;
    this.#cancel?.();
    this.#waiting?.close(reason);
  }

  #begin(): MixingThread {
    const { start, clock } = this.#options;
    return new MixingThread({
      start,
      clock,
      ended: (thread, reason) => {
        this.#forget(thread, reason);
      },
    });
  }

  #forget(thread: MixingThread, reason: string): void {
    if (thread.running) this.#failures = 0;
    if (this.#waiting !== thread) {
      this.#options.ended(thread);
      return;
    }
    this.#waiting = undefined;
    if (this.#closed) return;
    this.#failures++;
    this.#options.log.warn('a waiting mixing thread ended', { reason });
    this.#warmUp(Math.min(longestRestartMs, 250 * 2 ** this.#failures));
  }

  #warmUp(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#options.clock.after(ms, () => {
      if (!this.#closed) this.#waiting ??= this.#begin();
    });
  }
}
