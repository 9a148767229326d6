// Owns the search for the worker that runs a room's mixers: one that has its transports, or, where none of those mixes,
// one that the registry picks. What is mixed then crosses links. Mixers leave a worker that drains: their inputs and
// outputs can go elsewhere, a client's connection cannot. Where a worker has measured what a picture costs, the registry is
// asked before one is made there.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { MediaEngineOrder } from '../../schemas/media-engine.ts';
import type { Origin } from '../../schemas/room.ts';
import type { Kind } from '../../schemas/media.ts';
import type { Clock, Log } from '../clock.ts';
import { canDo } from '../cluster/capacity-match.ts';
import type { Registry } from '../store/registry.ts';
import type { Command } from './command.ts';
import { mixingPlace } from './mixing-place.ts';
import { mixingWishes, type MixingWish } from './mixing-wishes.ts';
import { nowhere } from './nowhere.ts';
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
  /** How long those wait whose room allows only engines that no worker has. */
  readonly patienceMs: number;
}

/** How often it is seen whether the worker of the mixers drains. */
const lookEveryMs = 1000;
/** How long what was picked stays so where it could not be written: another edge may conduct the room by then. */
const reserveMs = 5000;

export class MixingPlacement {
  readonly #deps: MixingPlacementDeps;
  #purpose: Kind | undefined;
  /** What the last search was about that found the mixers where they ought to be. */
  #settled = '';
  /** What the worker that was found last can do of what is wished for. */
  #wish: MixingWish = {};
  /** Since when no worker is found although there are some; `told`: those who wait know. */
  #missing: { readonly sinceMs: number; readonly told: boolean } | undefined;
  /** The worker that the registry gave the room's pictures to, or that had them before. */
  #admitted: string | undefined;
  #searching = false;
  #cancelRetry: Unsubscribe | undefined;
  #cancelLook: Unsubscribe | undefined;
  #closed = false;

  constructor(deps: MixingPlacementDeps) {
    this.#deps = deps;
    this.#admitted = deps.state().mixing?.worker;
  }

  /** Searches if need be for a worker of this purpose; undefined: nothing is mixed. To be called at every change. */
  want(purpose: Kind | undefined): void {
    this.#purpose = purpose;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (purpose === undefined) {
      this.#cancelLook?.();
      this.#missing = undefined;
    }
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
    const wishes = mixingWishes(this.#deps.state(), purpose);
    return JSON.stringify([purpose, mixing?.worker, [...new Set(workers)].sort(), wishes]);
  }

  async #search(purpose: Kind): Promise<void> {
    const { room, log, state, execute, lost } = this.#deps;
    this.#searching = true;
    const question = this.#question(purpose);
    try {
      const worker = await this.#find(purpose);
      await this.#noteMissing(purpose, worker);
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
    const waitMs = this.#missing?.told === true ? lookEveryMs : retryMs;
    this.#cancelRetry = clock.after(waitMs, () => this.want(this.#purpose));
  }

  /** Who allows only engines that nobody has waits for nothing. */
  async #noteMissing(purpose: Kind, worker: string | undefined): Promise<void> {
    const { clock, state, execute, patienceMs } = this.#deps;
    const engines = purpose === 'video' ? state().document?.mediaEngines : undefined;
    if (worker !== undefined || engines === undefined) {
      this.#missing = undefined;
      return;
    }
    const { sinceMs, told } = (this.#missing ??= { sinceMs: clock.now(), told: false });
    if (told || clock.now() - sinceMs < patienceMs) return;
    this.#missing = { sinceMs, told: true };
    await execute({ type: 'mixing-unplaceable', reason: noEngineText(engines) });
  }

  /** A worker begins to drain, or its engine fails, at any time, and nothing in the room's state tells of it. */
  #lookLater(): void {
    this.#cancelLook?.();
    this.#cancelLook = this.#deps.clock.after(lookEveryMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { registry, state } = this.#deps;
    const worker = state().mixing?.worker;
    const purpose = this.#purpose;
    const found = worker === undefined ? undefined : await registry.find(worker).catch(() => undefined);
    if (this.#closed || purpose === undefined) return;
    const isPoor = found !== undefined && !canDo(found.capacity, { purpose, ...this.#wish });
    if (found?.state === 'draining' || isPoor) {
      this.#settled = '';
      this.want(this.#purpose);
    } else this.#lookLater();
  }

  /** Better one that cannot make all formats than none. */
  async #find(purpose: Kind): Promise<string | undefined> {
    const wishes = mixingWishes(this.#deps.state(), purpose);
    for (const wish of wishes) {
      const found = await this.#findFor(purpose, wish, wish === wishes.at(-1));
      this.#wish = wish;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #findFor(purpose: Kind, wish: MixingWish, isLast: boolean): Promise<string | undefined> {
    const { registry, room, state, clock } = this.#deps;
    const mixes = async (worker: string): Promise<'yes' | 'no' | 'draining'> => {
      const found = await registry.find(worker);
      if (found?.purposes.includes(purpose) !== true) return 'no';
      if (!canDo(found.capacity, { purpose, ...wish })) return 'no';
      return found.state === 'draining' ? 'draining' : 'yes';
    };
    const serves = async (worker: string): Promise<boolean> => (await mixes(worker)) === 'yes';
    const { transports, mixing } = state();
    const workers = new Set([...transports.values()].flatMap(({ worker }) => worker ?? []));
    const able = new Set<string>();
    for (const worker of workers) if (await serves(worker)) able.add(worker);
    const near = mixingPlace(state(), (worker) => able.has(worker));
    const stays = mixing !== undefined && (await serves(mixing.worker)) ? mixing.worker : undefined;
    const asksFor = async (worker: string): Promise<boolean> =>
      purpose === 'video' && (await registry.find(worker))?.cost?.video !== undefined;
    const isGiven = stays !== undefined && stays === this.#admitted && (await asksFor(stays));
    const first = isGiven ? stays : (near ?? stays);
    if (workers.size === 0 || isGiven || (first !== undefined && !(await asksFor(first)))) return first;
    const preferred = first === undefined ? {} : { near: [first], reserveMs };
    for (const origin of originsOf(transports.values())) {
      const picked = await registry.pick({ purpose, task: room, origin, ...wish, ...preferred }, clock.now());
      if (picked.worker !== undefined) {
        if (purpose === 'video') this.#admitted = picked.worker;
        return picked.worker;
      }
      // They may only be unknown to this edge: whoever has the transports says if it cannot.
      if (picked.why === 'nobody' && isLast) return mixingPlace(state(), () => true);
    }
    // Nobody has room: there it is made of what the device leaves over, in software if need be.
    if (first !== undefined) return first;
    // Better on one that drains than nowhere.
    if (isLast && mixing !== undefined && (await mixes(mixing.worker)) === 'draining') return mixing.worker;
    return undefined;
  }
}

/** What subscribers are told. */
function noEngineText(engines: MediaEngineOrder): string {
  return `No media worker has room and an engine that this room allows: ${engines.join(', ')}`;
}

/** Those of the room's clients, the first to come first, and none at all: a worker near any of them will do. */
function originsOf(transports: Iterable<Transport>): Origin[] {
  const origins = new Map<string, Origin>();
  for (const { origin } of transports) origins.set(JSON.stringify([origin.isp, origin.region]), origin);
  return [...origins.values(), nowhere];
}
