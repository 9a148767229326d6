// Owns waiting, with a bound in time and number, until a room's document has reached a version.
import { SluiceError } from '../../schemas/error.ts';
import type { Clock } from '../clock.ts';

interface Waiting {
  readonly room: string;
  readonly version: number;
  settle(error?: SluiceError): void;
}

const maxWaitMs = 4000;
const maxWaiting = 1000;

export class VersionGate {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when `room` is at `version`, which it is when `current` is; rejects with `unavailable` after 4 s. */
  wait(room: string, version: number, current: number): Promise<void> {
    if (current >= version) return Promise.resolve();
    const refusal = new SluiceError('unavailable', 'The media worker has not caught up with the room');
    if (this.#waiting.size >= maxWaiting) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        room,
        version,
        settle: (error) => {
          cancel();
          this.#waiting.delete(waiting);
          if (error) reject(error);
          else resolve();
        },
      };
      const cancel = this.#clock.after(maxWaitMs, () => {
        waiting.settle(refusal);
      });
      this.#waiting.add(waiting);
    });
  }

  reached(room: string, version: number): void {
    for (const waiting of [...this.#waiting]) {
      if (waiting.room === room && waiting.version <= version) waiting.settle();
    }
  }

  /** Lets everybody go on: they find nothing any more. */
  close(): void {
    for (const waiting of [...this.#waiting]) waiting.settle();
  }
}
