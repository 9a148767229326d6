// Owns the search for a worker for each transport that has none.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Clock, Log } from '../clock.ts';
import { noWorkerText, type NoWorker, type Picked, type Registry } from '../store/registry.ts';
import type { Command } from './command.ts';
import { placementTask } from './placement-task.ts';
import type { Transport } from './state.ts';

export interface PlacementDeps {
  readonly room: string;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly execute: (command: Command) => Promise<unknown>;
  /** A transport that has found no worker after `patienceMs` is given up. */
  readonly patienceMs: number;
  readonly retryMs: number;
}

/** A client's worker may only just be coming back; who starts work asks again when there is one. */
const isHopeless = ({ work }: Transport, why: NoWorker): boolean => work !== undefined && why !== 'full';

interface Search {
  readonly startedAt: number;
  cancel: Unsubscribe;
  ended: boolean;
}

export class Placement {
  readonly #deps: PlacementDeps;
  readonly #searches = new Map<string, Search>();

  constructor(deps: PlacementDeps) {
    this.#deps = deps;
  }

  /** Searches for these transports and for no other. */
  want(unplaced: readonly Transport[]): void {
    const wanted = new Set(unplaced.map(({ id }) => id));
    for (const id of [...this.#searches.keys()]) if (!wanted.has(id)) this.#end(id);
    for (const transport of unplaced) {
      if (this.#searches.has(transport.id)) continue;
      const search = { startedAt: this.#deps.clock.now(), cancel: () => undefined, ended: false };
      this.#searches.set(transport.id, search);
      void this.#attempt(transport, search);
    }
  }

  close(): void {
    for (const id of [...this.#searches.keys()]) this.#end(id);
  }

  #end(id: string): void {
    const search = this.#searches.get(id);
    if (!search) return;
    this.#searches.delete(id);
    search.ended = true;
    search.cancel();
  }

  async #attempt(wanting: Transport, search: Search): Promise<void> {
    const { clock, log, room, execute, patienceMs, retryMs } = this.#deps;
    const { id: transport, purpose, work } = wanting;
    try {
      const picked = await this.#pick(wanting);
      if (search.ended) return;
      if (picked.worker !== undefined) {
        await execute({ type: 'place-transport', transport, worker: picked.worker });
      } else if (clock.now() - search.startedAt >= patienceMs || isHopeless(wanting, picked.why)) {
        const reason = work === undefined ? 'No worker available' : noWorkerText(purpose, picked.why);
        await execute({ type: 'transport-unplaceable', transport, reason });
      }
    } catch (error) {
      log.warn('a transport could not be placed', { room, transport, error });
    }
    // Folding a success ends this search; whatever else came of it, there is another attempt.
    if (!search.ended) search.cancel = clock.after(retryMs, () => void this.#attempt(wanting, search));
  }

  async #pick(transport: Transport): Promise<Picked> {
    const { registry, room, clock } = this.#deps;
    const { purpose, origin, work } = transport;
    const algorithm = work?.do === 'analyse' ? work.algorithm : undefined;
    const task = placementTask(room, transport);
    const demand = { purpose, task, origin, ...(algorithm === undefined ? {} : { algorithm }) };
    return registry.pick(demand, clock.now());
  }
}
