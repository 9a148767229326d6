// Owns knowing how the ways to Redis fare: a PING on each connection every two seconds, and the figures of all. What
// follows from that is others' business.
import type { Unsubscribe } from '../../../schemas/bus.ts';
import type { Clock } from '../../clock.ts';
import { type Metrics, reading } from '../../metrics/metrics.ts';
import { redisFamilies } from '../../metrics/redis-families.ts';
import type { RedisConnection } from './connection.ts';

export interface StoreWatch {
  /** The stores that do not answer now, by what they are for. */
  readonly away: readonly string[];
  readonly close: Unsubscribe;
}

const everyMs = 2000;

/** Watches until closed. A store counts as there until its first PING fails. */
export function watchStores(
  stores: ReadonlyMap<string, Pick<RedisConnection, 'send' | 'figures'>>,
  { metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock },
): StoreWatch {
  const silent = new Set<string>();
  const asking = new Set<string>();

  async function ask(store: string, connection: Pick<RedisConnection, 'send'>): Promise<void> {
    if (asking.has(store)) return;
    asking.add(store);
    const startedAt = performance.now();
    try {
      await connection.send('PING', []);
      metrics.observe(redisFamilies.roundTrip, { store }, (performance.now() - startedAt) / 1000);
      silent.delete(store);
    } catch {
      silent.add(store);
    } finally {
      asking.delete(store);
    }
  }

  const isAway = (store: string, { figures }: Pick<RedisConnection, 'figures'>): boolean =>
    silent.has(store) || (figures.connects > 0 && !figures.connected);
  const stopAsking = clock.every(everyMs, () => {
    for (const [store, connection] of stores) void ask(store, connection);
  });
  const stopReading = metrics.read(() =>
    [...stores].flatMap(([store, connection]) => {
      const { connects, errors, waiting, resubscribes } = connection.figures;
      return [
        reading(redisFamilies.up, { store }, isAway(store, connection) ? 0 : 1),
        reading(redisFamilies.connects, { store }, connects),
        reading(redisFamilies.errors, { store }, errors),
        reading(redisFamilies.waiting, { store }, waiting),
        reading(redisFamilies.resubscribes, { store }, resubscribes),
      ];
    }),
  );
  return {
    get away() {
      return [...stores].flatMap(([store, connection]) => (isAway(store, connection) ? [store] : []));
    },
    close() {
      stopAsking();
      stopReading();
    },
  };
}
