// Owns leases inside one process. All tokens come from one counter, so that they grow per name without a memory of it.
import type { Clock } from '../../clock.ts';
import type { Lease } from '../../store/lease.ts';

interface Held {
  readonly holder: string;
  readonly token: number;
  readonly until: number;
}

/** Leases that live and die with this process. */
export function createMemoryLease(options: { clock: Clock }): Lease {
  const { clock } = options;
  const held = new Map<string, Held>();
  let lastToken = 0;

  function current(name: string): Held | undefined {
    const found = held.get(name);
    if (found && found.until <= clock.now()) {
      held.delete(name);
      return undefined;
    }
    return found;
  }

  return {
    acquire(name, holder, ttlMs) {
      const now = current(name);
      if (now && now.holder !== holder) return Promise.resolve(undefined);
      const token = now?.token ?? ++lastToken;
      held.set(name, { holder, token, until: clock.now() + ttlMs });
      return Promise.resolve(token);
    },
    release(name, holder) {
      if (current(name)?.holder === holder) held.delete(name);
      return Promise.resolve();
    },
    holder: (name) => Promise.resolve(current(name)?.holder),
  };
}
