// Owns the hold on one lease: tries for it, renews it, and says when it was won and when it was lost.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Clock, Log } from '../clock.ts';
import type { Lease } from '../store/lease.ts';

export interface LeaseKeeperDeps {
  readonly lease: Lease;
  readonly clock: Clock;
  readonly log: Log;
  readonly name: string;
  readonly holder: string;
  readonly ttlMs: number;
  readonly renewMs: number;
  /** `again`: it was held, here or elsewhere, since this keeper began. Another token is another hold. */
  readonly won: (token: number, again: boolean) => void;
  readonly lost: () => void;
  /** Asked before it is tried for; by default always. One that is held is kept. */
  readonly eligible?: () => boolean;
  /** Somebody else has it. */
  readonly refused?: () => void;
}

export class LeaseKeeper {
  readonly #deps: LeaseKeeperDeps;
  readonly #stop: Unsubscribe;
  #asking: Promise<void> | undefined;
  #held = false;
  #again = false;
  #goodUntil = 0;
  #token = 0;
  #yieldsUntil = 0;
  #closed = false;

  constructor(deps: LeaseKeeperDeps) {
    this.#deps = deps;
    this.#stop = deps.clock.every(deps.renewMs, () => this.#ask());
    this.#ask();
  }

  /** Gives the lease to whoever tries for it within `ms`. */
  async yield(ms: number): Promise<void> {
    const { lease, clock, name, holder, log } = this.#deps;
    if (!this.#held) return;
    this.#yieldsUntil = clock.now() + ms;
    this.#lose();
    await this.#asking;
    await lease.release(name, holder).catch((error: unknown) => {
      log.warn('a lease could not be given up', { name, error });
    });
  }

  /** Gives the lease back. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    this.#lose();
    // An answer on its way could take it again.
    await this.#asking;
    const { lease, name, holder, log } = this.#deps;
    await lease.release(name, holder).catch((error: unknown) => {
      log.warn('a lease could not be given back', { name, error });
    });
  }

  #ask(): void {
    const { lease, clock, name, holder, ttlMs, log } = this.#deps;
    const askedAt = clock.now();
    // Our own clock ends the hold before the store's does.
    if (this.#held && askedAt >= this.#goodUntil) this.#lose();
    if (!this.#held && (askedAt < this.#yieldsUntil || this.#deps.eligible?.() === false)) return;
    this.#asking ??= lease
      .acquire(name, holder, ttlMs)
      .then(
        (token) => this.#answered(token, askedAt + ttlMs),
        (error: unknown) => {
          log.warn('a lease could not be asked for', { name, error });
        },
      )
      .finally(() => {
        this.#asking = undefined;
      });
  }

  #answered(token: number | undefined, goodUntil: number): void {
    const again = this.#again;
    this.#again = true;
    if (this.#closed) return;
    if (token === undefined) {
      this.#lose();
      this.#deps.refused?.();
      return;
    }
    if (this.#deps.clock.now() < this.#yieldsUntil) return;
    this.#goodUntil = goodUntil;
    // The store has lost the hold, and perhaps more: whatever was told of it has to be told again.
    if (this.#held && token !== this.#token) this.#lose();
    if (this.#held) return;
    this.#held = true;
    this.#token = token;
    this.#deps.won(token, again);
  }

  #lose(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#deps.lost();
  }
}
