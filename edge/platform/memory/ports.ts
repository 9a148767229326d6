// Owns the set of ports of a standalone server: everything inside this process.
import type { Clock, Log, Random } from '../../clock.ts';
import type { Scheduling } from '../../cluster/scheduling.ts';
import type { Ports } from '../../store/ports.ts';
import { createMemoryBus } from './bus.ts';
import { createMemoryDirectory } from './directory.ts';
import { createMemoryJobs } from './jobs.ts';
import { createMemoryLease } from './lease.ts';
import { createMemoryOnce } from './once.ts';
import type { Persistence } from './persistence.ts';
import { createMemoryRegistry } from './registry.ts';
import { createMemoryRoomLog } from './room-log.ts';

export type { Persistence } from './persistence.ts';

/**
 * Ports inside this process; with `persistence` the directory outlives it. `close` saves what is not saved yet. Rejects
 * with SluiceError `internal` when what was saved cannot be read.
 */
export async function createMemoryPorts(options: {
  clock: Clock;
  random: Random;
  persistence?: Persistence;
  scheduling?: Partial<Scheduling>;
  log?: Log;
}): Promise<Ports> {
  const directory = await createMemoryDirectory(options);
  const bus = createMemoryBus(options);
  const jobs = createMemoryJobs(options);
  return {
    log: createMemoryRoomLog(options),
    directory,
    registry: createMemoryRegistry(options),
    lease: createMemoryLease(options),
    once: createMemoryOnce(options),
    jobs,
    bus,
    async close() {
      await jobs.close();
      bus.close();
      await directory.close();
    },
  };
}
