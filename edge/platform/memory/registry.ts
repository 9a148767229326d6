// Owns the worker registry inside one process. Who is chosen is decided in edge/cluster.
import { chooseWorker } from '../../cluster/choose-worker.ts';
import type { Log } from '../../clock.ts';
import type { AliveAnnouncement } from '../../../schemas/worker.ts';
import type { Registry } from '../../store/registry.ts';

interface Known {
  worker: AliveAnnouncement;
  heardAt: number;
}

/** Tasks remembered for stickiness; the oldest are forgotten beyond this. */
const maxTasks = 100_000;

/** A registry that lives and dies with this process. */
export function createMemoryRegistry(options: { log?: Log } = {}): Registry {
  const known = new Map<string, Known>();
  const tasks = new Map<string, string>();
  const watchers = new Set<(worker: string, reason: string) => void>();

  function drop(worker: string, reason: string): void {
    if (!known.delete(worker)) return;
    for (const [task, holder] of tasks) if (holder === worker) tasks.delete(task);
    for (const watcher of [...watchers]) {
      try {
        watcher(worker, reason);
      } catch (error) {
        options.log?.error('registry: a watcher threw', { worker, error });
      }
    }
  }

  return {
    announce(worker, now) {
      const found = known.get(worker.worker);
      if (found) {
        found.worker = worker;
        found.heardAt = Math.max(found.heardAt, now);
      } else known.set(worker.worker, { worker, heardAt: now });
      return Promise.resolve();
    },
    remove(worker, reason) {
      drop(worker, reason);
      return Promise.resolve();
    },
    sweep(now, afterMs) {
      for (const [id, { heardAt }] of [...known]) if (now - heardAt >= afterMs) drop(id, 'lost');
      return Promise.resolve();
    },
    pick({ purpose, task, origin }) {
      const key = `${purpose}\n${task}`;
      const before = known.get(tasks.get(key) ?? '')?.worker;
      if (before && before.state !== 'draining' && before.purposes.includes(purpose))
        return Promise.resolve({ worker: before.worker });
      const all = Array.from(known.values(), ({ worker }) => worker);
      const chosen = chooseWorker(all, purpose, origin);
      tasks.delete(key);
      if (chosen) {
        tasks.set(key, chosen.worker);
        if (tasks.size > maxTasks) {
          for (const oldest of tasks.keys()) {
            tasks.delete(oldest);
            break;
          }
        }
      }
      if (chosen) return Promise.resolve({ worker: chosen.worker });
      const some = all.some(({ purposes }) => purposes.includes(purpose));
      return Promise.resolve({ why: some ? 'full' : 'nobody' });
    },
    pickUp: () => Promise.resolve(),
    layDown: () => Promise.resolve(),
    tasks: () => Promise.resolve([]),
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
