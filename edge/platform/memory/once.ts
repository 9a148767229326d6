// Owns the memory of what happened once, inside one process.
import type { Clock } from '../../clock.ts';
import type { Once } from '../../store/once.ts';

/** In one scope; the oldest are forgotten beyond this. */
const maxPerScope = 250_000;
/** In all together; beyond this the largest scope forgets some of its oldest. */
const maxTotal = 1_000_000;
const forgottenAtOnce = 1_000;
const sweepEveryMs = 30_000;

/** A memory that lives and dies with this process. `bounds` are for tests. */
export function createMemoryOnce(options: {
  clock: Clock;
  bounds?: { readonly perScope: number; readonly total: number };
}): Once {
  const { clock, bounds = { perScope: maxPerScope, total: maxTotal } } = options;
  /** When each id may come again, by scope, the oldest first. */
  const scopes = new Map<string, Map<string, number>>();
  let total = 0;
  let sweptAt = clock.now();

  function forget(ids: Map<string, number>, count: number, when: (until: number) => boolean): void {
    let left = count;
    for (const [id, until] of ids) {
      if (left === 0 || !when(until)) return;
      ids.delete(id);
      total -= 1;
      left -= 1;
    }
  }
  function sweep(now: number): void {
    if (now - sweptAt < sweepEveryMs) return;
    sweptAt = now;
    for (const [scope, ids] of scopes) {
      forget(ids, Infinity, (until) => until <= now);
      if (ids.size === 0) scopes.delete(scope);
    }
  }
  function makeRoom(ids: Map<string, number>): void {
    if (ids.size > bounds.perScope) forget(ids, 1, () => true);
    if (total <= bounds.total) return;
    const [largest] = [...scopes.values()].sort((a, b) => b.size - a.size);
    if (largest) forget(largest, Math.min(forgottenAtOnce, Math.ceil(largest.size / 2)), () => true);
  }

  return {
    first(scope, id, keepMs) {
      const now = clock.now();
      sweep(now);
      const ids = scopes.get(scope) ?? new Map<string, number>();
      scopes.set(scope, ids);
      if ((ids.get(id) ?? -Infinity) > now) return Promise.resolve(false);
      // Deleted first, so that it becomes the youngest.
      if (ids.delete(id)) total -= 1;
      ids.set(id, now + keepMs);
      total += 1;
      makeRoom(ids);
      return Promise.resolve(true);
    },
  };
}
