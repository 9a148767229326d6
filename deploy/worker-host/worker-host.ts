// Owns the media workers of one machine: as many supervised processes as asked for, what they are told of their GPUs, and
// their end, which lets what runs on them run out first.
import * as v from 'valibot';
import type { Clock, Log, Random } from '../../edge/clock.ts';
import type { Registry } from '../../edge/store/registry.ts';
import { type Bus, channels } from '../../schemas/bus.ts';
import { drainReplySchema } from '../../schemas/worker.ts';
import type { EngineChoice } from '../../workers/engine/engine-choice.ts';
import type { Settings } from '../settings/settings.ts';
import { HostDevices } from './host-devices.ts';
import { superviseWorker, type WorkerSupervisor } from './worker-supervisor.ts';
import { workerEnvironment } from './worker-environment.ts';

export interface WorkerHostDeps {
  /** Its name in the cluster: `hostName`. */
  readonly name: string;
  readonly bus: Bus;
  readonly registry: Pick<Registry, 'remove' | 'watch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: Settings;
  /** How many. */
  readonly processes: number;
  /** The worker's program, a JavaScript file. */
  readonly program: string;
  /** What makes pictures in the `index`-th, best first; absent: what runs everywhere. */
  readonly engines?: (index: number) => readonly EngineChoice[];
  /** Told at each start of the `index`-th, and without a pid at each death. */
  readonly changed?: (index: number, pid: number | undefined) => void;
  /** Given what the `index`-th says beside the bus. */
  readonly said?: (index: number, message: unknown) => void;
}

export interface WorkerHost {
  /** How many of them run now. */
  readonly running: number;
  /** No worker takes new work; resolves when none has a room any more, or after `deadlineMs`. */
  drain(deadlineMs: number): Promise<void>;
  /** Ends them all, by force after `patienceMs`. */
  close(patienceMs: number): Promise<void>;
}

const pollMs = 500;
const answerMs = 2000;

/** Starts the workers; each that dies is replaced, by another that drains if they do. */
export function startWorkerHost(deps: WorkerHostDeps): WorkerHost {
  const { bus, registry, clock, random, log, settings, processes, program } = deps;
  const engines = Array.from({ length: processes }, (_, index) => deps.engines?.(index) ?? []);
  const workers: { id: string; supervisor: WorkerSupervisor; running: boolean }[] = [];
  const devices = new HostDevices({
    name: deps.name,
    bus,
    clock,
    log,
    nodes: engines.map((choices) => choices.find(({ device }) => device !== undefined)?.device),
    running: (index) => (workers[index]?.running === true ? workers[index].id : undefined),
  });
  /** Counts the decisions about their end: a newer one ends the wait of an older one. */
  let decisions = 0;

  for (let index = 0; index < processes; index += 1) {
    const supervisor = superviseWorker({
      bus,
      registry,
      clock,
      random,
      log,
      program,
      env: (id) => {
        const worker = workers[index];
        if (worker !== undefined) worker.id = id;
        const device = devices.of(index);
        const place = { index, engines: engines[index] ?? [], ...(device && { device }) };
        return workerEnvironment(id, settings, place);
      },
      changed: (pid) => {
        const worker = workers[index];
        if (worker !== undefined) worker.running = pid !== undefined;
        deps.changed?.(index, pid);
      },
      said: (message) => deps.said?.(index, message),
    });
    workers.push({ id: supervisor.worker, supervisor, running: true });
  }

  /** How many rooms a worker has; one that cannot be asked has none that could be waited for. */
  async function drainWorker(worker: string): Promise<number> {
    try {
      const reply = await bus.request(channels.worker(worker), { type: 'drain', on: true }, answerMs);
      return v.parse(drainReplySchema, reply).rooms;
    } catch (error) {
      log.warn('a worker could not be told to drain', { worker, error });
      return 0;
    }
  }

  async function drainAll(): Promise<number> {
    const rooms = await Promise.all(workers.filter((each) => each.running).map(({ id }) => drainWorker(id)));
    return rooms.reduce((sum, each) => sum + each, 0);
  }

  return {
    get running() {
      return workers.filter((each) => each.running).length;
    },
    async drain(deadlineMs) {
      const mine = (decisions += 1);
      const until = clock.now() + deadlineMs;
      for (;;) {
        const rooms = await drainAll();
        if (rooms === 0 || clock.now() >= until || mine !== decisions) return;
        log.info('draining', { rooms, secondsLeft: Math.ceil((until - clock.now()) / 1000) });
        await new Promise<void>((resolve) => void clock.after(pollMs, resolve));
      }
    },
    async close(patienceMs) {
      decisions += 1;
      devices.close();
      await Promise.all(workers.map(({ supervisor }) => supervisor.close(patienceMs)));
    },
  };
}
