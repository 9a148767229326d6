// Owns the end of what was started in order: it ends in the opposite order, each part once, whatever one of them does.
import type { Log } from '../../edge/clock.ts';

export class Closing {
  readonly #log: Log;
  readonly #ends: (() => unknown)[] = [];
  #closed: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** `end` is called before those of all earlier parts; it may be asynchronous. */
  add(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** Idempotent; never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#run();
    return this.#closed;
  }

  async #run(): Promise<void> {
    for (const end of this.#ends.reverse()) {
      try {
        await end();
      } catch (error) {
        this.#log.error('a part did not close', { error });
      }
    }
  }
}
