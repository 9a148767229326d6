// Owns since when the edges and workers of one home are known to be lost, for all rooms of this edge: who conducts a room
// anew goes on waiting for its participants where the conductor before it was, instead of beginning again.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Clock } from '../clock.ts';
import type { Registry } from '../store/registry.ts';

const maxKnown = 1000;

export class LostSince {
  readonly #at = new Map<string, number>();
  readonly #stop: Unsubscribe;

  constructor(registry: Pick<Registry, 'watch'>, clock: Clock) {
    this.#stop = registry.watch((worker) => {
      this.#at.delete(worker);
      this.#at.set(worker, clock.now());
      const [oldest] = this.#at.keys();
      if (this.#at.size > maxKnown && oldest !== undefined) this.#at.delete(oldest);
    });
  }

  /** In milliseconds since 1970; undefined for who was not lost lately, as far as this edge has heard. */
  of(worker: string): number | undefined {
    return this.#at.get(worker);
  }

  close(): void {
    this.#stop();
  }
}
