// Owns telling the registry what of a room runs where: what runs keeps its worker, and what has ended does so for a while.
import type { Clock, Log } from '../clock.ts';
import type { Registry } from '../store/registry.ts';
import { placementTask } from './placement-task.ts';
import type { Transport } from './state.ts';

export interface HeldTasksDeps {
  readonly room: string;
  readonly registry: Pick<Registry, 'pickUp' | 'layDown'>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Held {
  readonly purpose: Transport['purpose'];
  readonly task: string;
  readonly worker: string;
}

export class HeldTasks {
  readonly #deps: HeldTasksDeps;
  #held = new Map<string, Held>();

  constructor(deps: HeldTasksDeps) {
    this.#deps = deps;
  }

  /** These are the room's transports now. To be called at every change. */
  hold(transports: Iterable<Transport>): void {
    const { room, registry, clock } = this.#deps;
    const before = this.#held;
    const now = new Map<string, Held>();
    for (const transport of transports) {
      const { purpose, worker } = transport;
      if (worker === undefined) continue;
      const task = placementTask(room, transport);
      const key = `${purpose} ${task}`;
      // Some of a task may have come elsewhere when its worker took nothing more: the rest follows there.
      now.set(key, { purpose, task, worker });
    }
    this.#held = now;
    for (const [key, held] of now) {
      if (before.get(key)?.worker === held.worker) continue;
      this.#tell(key, held, registry.pickUp(held.worker, held.purpose, held.task));
    }
    for (const [key, { worker, purpose, task }] of before) {
      if (!now.has(key)) registry.layDown(worker, purpose, task, clock.now()).catch(this.#failed);
    }
  }

  /** What could not be told is told again at the next change. */
  #tell(key: string, held: Held, telling: Promise<void>): void {
    telling.catch((error: unknown) => {
      if (this.#held.get(key) === held) this.#held.delete(key);
      this.#failed(error);
    });
  }

  readonly #failed = (error: unknown): void => {
    this.#deps.log.warn('the worker registry could not be told what runs where', {
      room: this.#deps.room,
      error,
    });
  };
}
