// Owns what a standalone server is made of: an edge on in-process stores and one supervised media worker. The process
// around it is standalone.ts.
import { join } from 'node:path';
import * as v from 'valibot';
import { createMemoryPorts } from '../../edge/platform/memory/ports.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { createFileAudit } from '../../edge/platform/node/audit-file.ts';
import { createFilePersistence } from '../../edge/platform/node/file-persistence.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import { type Bus, channels } from '../../schemas/bus.ts';
import { aliveAnnouncementSchema } from '../../schemas/worker.ts';
import { schedulingOf } from '../settings/cluster-settings.ts';
import { Closing } from '../process/closing.ts';
import { type Edge, startEdge } from '../server/edge.ts';
import type { Operations } from '../process/operations.ts';
import type { Settings } from '../settings/settings.ts';
import { WorkerFigureBoard } from '../worker-host/worker-figures.ts';
import { workerEngines } from '../worker-host/worker-engines.ts';
import { hostName } from '../worker-host/host-name.ts';
import { startWorkerHost } from '../worker-host/worker-host.ts';

const edge = 'edge-1';
const workerPatienceMs = 700;
/** A worker that takes longer does not hold up the start, and that long no room either. */
const firstWorkerMs = 2_000;
const firstWorkerWithinMs = 10_000;

export interface Standalone extends Edge {
  /** What makes pictures, and what does not and why, for a person. */
  readonly engineLines: readonly string[];
}

/**
 * Starts everything; `workerChanged` is told the pid of the media worker at each start and without one at each death.
 * Rejects when it cannot listen, with nothing left running.
 */
export async function startStandalone(
  settings: Settings,
  operations: Operations,
  workerChanged: (pid: number | undefined) => void,
): Promise<Standalone> {
  const { log } = operations;
  const clock = nodeClock;
  const random = nodeRandom;
  const closing = new Closing(log);
  try {
    const persistence = createFilePersistence(join(settings.data_dir, 'directory.json'));
    const ports = await createMemoryPorts({
      clock,
      random,
      log,
      persistence,
      scheduling: schedulingOf(settings.cluster),
    });
    closing.add(() => ports.close());
    const { bus, registry } = ports;
    const engines = await workerEngines({
      wish: settings.media,
      program: join(import.meta.dirname, 'probe-program.js'),
      log,
    });
    const firstWorker = announced(bus);
    let workerPid: number | undefined;
    const board = new WorkerFigureBoard(operations.metrics);
    const hearing = (): void => {
      const host = startWorkerHost({
        name: hostName(),
        bus,
        registry,
        clock,
        random,
        log,
        settings,
        processes: 1,
        program: join(import.meta.dirname, 'worker.js'),
        engines: () => engines.forWorker(0),
        said: (index, message) => board.take(index, message),
        changed: (index, pid) => {
          workerPid = pid;
          board.changed(index, pid !== undefined);
          workerChanged(pid);
        },
      });
      closing.add(() => host.close(workerPatienceMs));
    };
    const healthy = () => workerPid !== undefined;
    const audit = await createFileAudit({ folder: settings.data_dir, log });
    closing.add(() => audit.close());
    const parts = { ports, audit, settings, clock, random, log, operations };
    const server = await startEdge({ ...parts, edge, hearing, healthy, firstWorkerWithinMs });
    closing.add(() => server.close());
    await Promise.race([firstWorker, new Promise<void>((late) => clock.after(firstWorkerMs, late))]);
    return { ...server, engineLines: engines.lines(1), close: () => closing.close() };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

/** Resolves when a worker says for the first time that it is there. */
function announced(bus: Bus): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = bus.subscribe(channels.workers, (message) => {
      const said = v.safeParse(aliveAnnouncementSchema, message);
      // The edge announces itself as well.
      if (!said.success || said.output.purposes.includes('portal')) return;
      unsubscribe();
      resolve();
    });
  });
}
