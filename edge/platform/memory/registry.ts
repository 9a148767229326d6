// Owns the worker registry inside one process: who was heard of when. Who is picked is decided in edge/cluster.
import { chanceOf } from '../../cluster/chance.ts';
import { Pool } from '../../cluster/pool.ts';
import { defaultScheduling, type Scheduling } from '../../cluster/scheduling.ts';
import type { Log, Random } from '../../clock.ts';
import { scheduledPurposeSchema, type AliveAnnouncement } from '../../../schemas/worker.ts';
import type { Registry } from '../../store/registry.ts';

interface Known {
  readonly worker: AliveAnnouncement;
  readonly heardAt: number;
}

const purposes = scheduledPurposeSchema.options;
const maxEnded = 1000;

/** A registry that lives and dies with this process. */
export function createMemoryRegistry(options: {
  random: Random;
  scheduling?: Partial<Scheduling>;
  log?: Log;
}): Registry {
  const { random, log } = options;
  const scheduling = { ...defaultScheduling, ...options.scheduling };
  const known = new Map<string, Known>();
  const ended = new Set<string>();
  const watchers = new Set<(worker: string, reason: string) => void>();
  const pools = new Map(
    purposes.map((purpose) => {
      const unknown = (name: string): void => {
        log?.warn('there is no such strategy: workers are picked randomly', { purpose, strategy: name });
      };
      return [purpose, new Pool(purpose, scheduling, unknown)];
    }),
  );

  function drop(worker: string, reason: string): void {
    if (!known.delete(worker)) return;
    for (const pool of pools.values()) pool.remove(worker);
    for (const watcher of [...watchers]) {
      try {
        watcher(worker, reason);
      } catch (error) {
        log?.error('registry: a watcher threw', { worker, error });
      }
    }
  }

  return {
    announce(worker, now) {
      if (ended.has(worker.worker)) return Promise.resolve();
      const before = known.get(worker.worker)?.heardAt ?? now;
      known.set(worker.worker, { worker, heardAt: Math.max(before, now) });
      for (const [purpose, pool] of pools) {
        if (worker.purposes.includes(purpose)) pool.announce(worker, now);
        else pool.remove(worker.worker);
      }
      return Promise.resolve();
    },
    remove(worker, reason) {
      ended.add(worker);
      const [oldest] = ended;
      if (ended.size > maxEnded && oldest !== undefined) ended.delete(oldest);
      drop(worker, reason);
      return Promise.resolve();
    },
    sweep(now, afterMs, among) {
      for (const [id, { heardAt }] of [...known])
        if (now - heardAt >= afterMs && among?.includes(id) !== false) drop(id, 'lost');
      return Promise.resolve();
    },
    pick(demand, now) {
      return Promise.resolve(
        pools.get(demand.purpose)?.pick(demand, now, chanceOf(random)) ?? { why: 'nobody' },
      );
    },
    pickUp(worker, purpose, task) {
      pools.get(purpose)?.pickUp(worker, task);
      return Promise.resolve();
    },
    layDown(worker, purpose, task, now) {
      pools.get(purpose)?.layDown(worker, task, now);
      return Promise.resolve();
    },
    tasks(worker) {
      return Promise.resolve(
        [...pools].flatMap(([purpose, pool]) => pool.tasks(worker).map((task) => ({ purpose, task }))),
      );
    },
    find: (worker) => Promise.resolve(known.get(worker)?.worker),
    alive: () => Promise.resolve(Array.from(known.values(), ({ worker }) => worker)),
    watch(lost) {
      const watcher = (worker: string, reason: string) => {
        lost(worker, reason);
      };
      watchers.add(watcher);
      return () => {
        watchers.delete(watcher);
      };
    },
  };
}
