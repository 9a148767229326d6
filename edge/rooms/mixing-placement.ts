// Owns the search for the worker that runs a room's mixers: one that has its transports, or, where none of those mixes,
// one that the registry picks. What is mixed then crosses links. Mixers leave a worker that drains: their inputs and
// outputs can go elsewhere, a client's connection cannot.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Origin } from '../../schemas/room.ts';
import type { Kind } from '../../schemas/media.ts';
import type { Clock, Log } from '../clock.ts';
import { canDo } from '../cluster/capacity-match.ts';
import type { Demand, Registry } from '../store/registry.ts';
import type { Command } from './command.ts';
import { mixingPlace } from './mixing-place.ts';
import { nowhere } from './nowhere.ts';
import { specialFormats } from './special-formats.ts';
import type { RoomState, Transport } from './state.ts';

export interface MixingPlacementDeps {
  readonly room: string;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly state: () => RoomState;
  readonly execute: (command: Command) => Promise<unknown>;
  /** Whether a worker is known to be gone although the state still names it. */
  readonly lost: (worker: string) => boolean;
  readonly retryMs: number;
}

/** How often it is seen whether the worker of the mixers drains. */
const lookEveryMs = 1000;

export class MixingPlacement {
  readonly #deps: MixingPlacementDeps;
  #purpose: Kind | undefined;
  /** What the last search was about that found the mixers where they ought to be. */
  #settled = '';
  #searching = false;
  #cancelRetry: Unsubscribe | undefined;
  #cancelLook: Unsubscribe | undefined;
  #closed = false;

  constructor(deps: MixingPlacementDeps) {
    this.#deps = deps;
  }

  /** Searches if need be for a worker of this purpose; undefined: nothing is mixed. To be called at every change. */
  want(purpose: Kind | undefined): void {
    this.#purpose = purpose;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (purpose === undefined) this.#cancelLook?.();
    if (purpose === undefined || this.#searching || this.#closed) return;
    if (this.#question(purpose) !== this.#settled) void this.#search(purpose);
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#cancelLook?.();
  }

  /** All that the answer depends on, but for who lives. */
  #question(purpose: Kind): string {
    const { transports, mixing } = this.#deps.state();
    const workers = [...transports.values()].flatMap(({ worker }) => worker ?? []);
    return JSON.stringify([purpose, mixing?.worker, [...new Set(workers)].sort()]);
  }

  async #search(purpose: Kind): Promise<void> {
    const { room, log, state, execute, lost } = this.#deps;
    this.#searching = true;
    const question = this.#question(purpose);
    try {
      const worker = await this.#find(purpose);
      const usable = worker !== undefined && !lost(worker) && !this.#closed;
      if (usable && worker === state().mixing?.worker) {
        this.#settled = question;
        this.#lookLater();
      } else if (usable && question === this.#question(purpose))
        await execute({ type: 'place-mixing', worker });
    } catch (error) {
      log.warn('the mixers could not be placed', { room, error });
    }
    this.#searching = false;
    this.#again();
  }

  /** Unless all is well now it is tried again; sooner when something changes. */
  #again(): void {
    const { clock, retryMs, state } = this.#deps;
    const purpose = this.#purpose;
    if (this.#closed || purpose === undefined || this.#question(purpose) === this.#settled) return;
    const placed = state().transports.size > 0;
    if (!placed) return;
    this.#cancelRetry?.();
    this.#cancelRetry = clock.after(retryMs, () => this.want(this.#purpose));
  }

  /** A worker begins to drain at any time, and nothing in the room's state tells of it. */
  #lookLater(): void {
    this.#cancelLook?.();
    this.#cancelLook = this.#deps.clock.after(lookEveryMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { registry, state } = this.#deps;
    const worker = state().mixing?.worker;
    const found = worker === undefined ? undefined : await registry.find(worker).catch(() => undefined);
    if (this.#closed || this.#purpose === undefined) return;
    if (found?.state === 'draining') {
      this.#settled = '';
      this.want(this.#purpose);
    } else this.#lookLater();
  }

  /** Better one that cannot make all formats than none. */
  async #find(purpose: Kind): Promise<string | undefined> {
    const formats = purpose === 'video' ? specialFormats(this.#deps.state()) : undefined;
    const found = formats && (await this.#findFor(purpose, formats));
    return found ?? (await this.#findFor(purpose, undefined));
  }

  async #findFor(purpose: Kind, formats: Demand['formats']): Promise<string | undefined> {
    const { registry, room, state, clock } = this.#deps;
    const mixes = async (worker: string): Promise<'yes' | 'no' | 'draining'> => {
      const found = await registry.find(worker);
      if (found?.purposes.includes(purpose) !== true) return 'no';
      if (formats !== undefined && !canDo(found.capacity, { purpose, formats })) return 'no';
      return found.state === 'draining' ? 'draining' : 'yes';
    };
    const serves = async (worker: string): Promise<boolean> => (await mixes(worker)) === 'yes';
    const { transports, mixing } = state();
    const workers = new Set([...transports.values()].flatMap(({ worker }) => worker ?? []));
    const able = new Set<string>();
    for (const worker of workers) if (await serves(worker)) able.add(worker);
    const near = mixingPlace(state(), (worker) => able.has(worker));
    if (near !== undefined || workers.size === 0) return near;
    if (mixing !== undefined && (await serves(mixing.worker))) return mixing.worker;
    for (const origin of originsOf(transports.values())) {
      const picked = await registry.pick(
        { purpose, task: room, origin, ...(formats && { formats }) },
        clock.now(),
      );
      if (picked.worker !== undefined) return picked.worker;
      // They may only be unknown to this edge: whoever has the transports says if it cannot.
      if (picked.why === 'nobody' && formats === undefined) return mixingPlace(state(), () => true);
    }
    // Better on one that drains than nowhere.
    if (formats === undefined && mixing !== undefined && (await mixes(mixing.worker)) === 'draining')
      return mixing.worker;
    return undefined;
  }
}

/** Those of the room's clients, the first to come first, and none at all: a worker near any of them will do. */
function originsOf(transports: Iterable<Transport>): Origin[] {
  const origins = new Map<string, Origin>();
  for (const { origin } of transports) origins.set(JSON.stringify([origin.isp, origin.region]), origin);
  return [...origins.values(), nowhere];
}
