// Owns time that passes only when a test says so.
import type { Off } from '../emitter.ts';
import type { Timers } from '../timers.ts';

interface Due {
  at: number;
  readonly call: () => void;
  readonly everyMs: number | undefined;
}

export class TestTimers implements Timers {
  #now = 0;
  readonly #due: Due[] = [];

  now(): number {
    return this.#now;
  }

  random(): number {
    return 0;
  }

  after(ms: number, call: () => void): Off {
    return this.#add(ms, call, undefined);
  }

  every(ms: number, call: () => void): Off {
    return this.#add(ms, call, ms);
  }

  /** Lets `ms` go by; whatever falls due is called at its time, and what waits for it goes on. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      if (next.everyMs === undefined) this.#remove(next);
      else next.at += next.everyMs;
      next.call();
      await settle();
    }
    this.#now = until;
  }

  #add(ms: number, call: () => void, everyMs: number | undefined): Off {
    const entry = { at: this.#now + ms, call, everyMs };
    this.#due.push(entry);
    return () => this.#remove(entry);
  }

  #remove(entry: Due): void {
    const index = this.#due.indexOf(entry);
    if (index >= 0) this.#due.splice(index, 1);
  }
}

/** Lets everything that waits for nothing but its turn go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}
