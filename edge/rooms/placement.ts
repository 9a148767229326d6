// Owns the search for a worker for each transport that has none.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Origin } from '../../schemas/room.ts';
import type { Clock, Log } from '../clock.ts';
import type { Registry } from '../store/registry.ts';
import type { Command } from './command.ts';
import type { RoomState, Transport } from './state.ts';

export interface PlacementDeps {
  readonly room: string;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly state: () => RoomState;
  readonly execute: (command: Command) => Promise<unknown>;
  /** A transport that has found no worker after `patienceMs` is given up. */
  readonly patienceMs: number;
  readonly retryMs: number;
}

interface Search {
  readonly startedAt: number;
  cancel: Unsubscribe;
  ended: boolean;
}

const nowhere: Origin = { isp: '', region: '' };

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
    for (const id of wanted) {
      if (this.#searches.has(id)) continue;
      const search = { startedAt: this.#deps.clock.now(), cancel: () => undefined, ended: false };
      this.#searches.set(id, search);
      void this.#attempt(id, search);
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

  async #attempt(transport: string, search: Search): Promise<void> {
    const { clock, log, room, execute, patienceMs, retryMs } = this.#deps;
    try {
      const worker = await this.#pick(transport);
      if (search.ended) return;
      if (worker !== undefined) await execute({ type: 'place-transport', transport, worker });
      else if (clock.now() - search.startedAt >= patienceMs) {
        await execute({ type: 'transport-unplaceable', transport, reason: 'No worker available' });
      }
    } catch (error) {
      log.warn('a transport could not be placed', { room, transport, error });
    }
    // Folding a success ends this search; whatever else came of it, there is another attempt.
    if (!search.ended) search.cancel = clock.after(retryMs, () => void this.#attempt(transport, search));
  }

  /**
   * Transports of one room with one origin are one task: they come to the same worker as long as that takes work, so that
   * what they publish need not cross to another.
   */
  async #pick(transport: string): Promise<string | undefined> {
    const { registry, room, state, clock } = this.#deps;
    const { transports, participants } = state();
    const origin = participants.get(transports.get(transport)?.owner ?? '')?.origin ?? nowhere;
    const task = JSON.stringify([room, origin.isp, origin.region]);
    const { worker } = await registry.pick({ purpose: 'webrtc', task, origin }, clock.now());
    return worker;
  }
}
