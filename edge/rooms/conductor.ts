// Owns the way from room state to media workers and back, on the one edge that holds the room's lease (architecture §4):
// places transports and mixers, keeps each worker's document current, takes reports, ends what was on lost workers. What
// must exist is `plan`'s to say, what a report means is `decide`'s.
import * as v from 'valibot';
import { channels, type Unsubscribe } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import { workerReportSchema, type DesiredRoom, type ReportItem } from '../../schemas/worker.ts';
import type { Clock, Log } from '../clock.ts';
import type { Ports } from '../store/ports.ts';
import type { Command } from './command.ts';
import type { DocumentNeeds } from './document-needs.ts';
import { DocumentSender } from './document-sender.ts';
import { decodeForward, encodeOutcomes, type ForwardedBatch } from './forward-codec.ts';
import { FailingMixers } from './failing-mixers.ts';
import { HeldTasks } from './held-tasks.ts';
import { learnTranscoders, type Learning } from './learn-transcoders.ts';
import { LostEdges } from './lost-edges.ts';
import type { Outcome } from './live-room.ts';
import { MixingPlacement } from './mixing-placement.ts';
import { Placement } from './placement.ts';
import { plan } from './plan.ts';
import type { RoomSettings } from './room-settings.ts';
import type { RoomState } from './state.ts';

export interface ConductorDeps {
  readonly room: string;
  /** Where the room lives: its workers report there. */
  readonly home: string | undefined;
  readonly edge: string;
  readonly ports: Pick<Ports, 'bus' | 'registry'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: RoomSettings;
  readonly needs: DocumentNeeds;
  readonly state: () => RoomState;
  readonly execute: (command: Command) => Promise<unknown>;
  /** Decides what another edge asks. Rejects with SluiceError. */
  readonly decideFor: (batch: ForwardedBatch) => Promise<readonly Outcome[]>;
  /** The lease's token: workers refuse documents of who held it before. */
  readonly fence: number;
  /** When a lost edge was lost, as far as this one has heard. */
  readonly lostAt: (edge: string) => number | undefined;
  /** Somebody conducted this room before: workers may hold documents of it that this conductor knows nothing of. */
  readonly takeover: boolean;
}

const maxReportItems = 10_000;
const lostRetryMs = 500;
const maxGone = 1000;
/** After each look it rests so many times as long as that took: planning is never more than a quarter of an edge's work. */
const restFactor = 3;

export class Conductor {
  readonly #deps: ConductorDeps;
  readonly #senders = new Map<string, DocumentSender>();
  readonly #placement: Placement;
  readonly #mixing: MixingPlacement;
  readonly #held: HeldTasks;
  readonly #failing: FailingMixers;
  readonly #lostEdges: LostEdges;
  readonly #learning: Learning;
  readonly #stops: Unsubscribe[];
  /** Workers known to be lost while that is not written yet. */
  readonly #lost = new Set<string>();
  /** Workers that the registry does not know, while it is given time to hear of them. */
  readonly #missing = new Map<string, Unsubscribe>();
  /** The latest that the registry said are gone. */
  readonly #gone = new Set<string>();
  #seen: RoomState | undefined;
  #nextLookAt = 0;
  #cancelLook: Unsubscribe | undefined;
  #cancelLost: Unsubscribe | undefined;
  #emptied: (() => void) | undefined;
  #closed = false;

  constructor(deps: ConductorDeps) {
    this.#deps = deps;
    const { room, ports, clock, log, settings, execute } = deps;
    this.#placement = new Placement({
      room,
      registry: ports.registry,
      clock,
      log,
      execute,
      patienceMs: settings.placementMs,
      retryMs: settings.placementRetryMs,
    });
    this.#held = new HeldTasks({ room, registry: ports.registry, clock, log });
    this.#mixing = new MixingPlacement({
      room,
      registry: ports.registry,
      clock,
      log,
      state: deps.state,
      execute,
      lost: (worker) => this.#lost.has(worker),
      retryMs: settings.placementRetryMs,
      patienceMs: settings.placementMs,
    });
    this.#failing = new FailingMixers({
      clock,
      tries: settings.mixerTries,
      restMs: settings.mixerRestMs,
      rested: () => {
        this.#seen = undefined;
        this.changed();
      },
    });
    const { edge } = deps;
    const graceMs = settings.lostEdgeMs;
    this.#lostEdges = new LostEdges({
      room,
      edge,
      registry: ports.registry,
      clock,
      log,
      graceMs,
      lostAt: deps.lostAt,
      state: deps.state,
      execute,
    });
    this.#stops = [
      ports.bus.serve(channels.reports(room), (message) => this.#report(message)),
      ports.bus.serve(channels.commands(room), (message) => this.#decide(message)),
      ports.registry.watch((worker) => {
        this.#noteGone(worker);
        this.#workerLost(worker);
        this.#lostEdges.lost(worker);
      }),
    ];
    const watch = settings.watchTranscoders;
    this.#learning = learnTranscoders({ room, watch, state: deps.state, execute, clock, log });
    if (deps.takeover) void this.#takeOver();
    this.changed();
  }

  /** The room's state has changed: looks at it at the end of this turn, in a large room somewhat later. */
  changed(): void {
    if (this.#closed || this.#cancelLook) return;
    const { clock } = this.#deps;
    this.#cancelLook = clock.after(Math.max(0, this.#nextLookAt - clock.now()), () => this.#look());
  }

  /** Resolves when every worker knows that the room has nothing there any more, or after `withinMs`. */
  async cleared(withinMs: number): Promise<void> {
    this.#look();
    if (this.#senders.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
      this.#stops.push(this.#deps.clock.after(withinMs, resolve));
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancelLook?.();
    this.#cancelLost?.();
    this.#placement.close();
    this.#mixing.close();
    this.#failing.close();
    this.#lostEdges.close();
    this.#learning.close();
    for (const stop of this.#stops) stop();
    for (const cancel of this.#missing.values()) cancel();
    for (const sender of this.#senders.values()) sender.close();
    this.#senders.clear();
    this.#emptied?.();
  }

  #look(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    const state = this.#deps.state();
    if (this.#closed) return;
    this.#learning.look();
    if (this.#seen && sameMedia(this.#seen, state)) return;
    this.#seen = state;
    const startedAt = this.#deps.clock.now();
    this.#reconcile(state);
    const endedAt = this.#deps.clock.now();
    this.#nextLookAt = endedAt + (endedAt - startedAt) * restFactor;
  }

  #reconcile(state: RoomState): void {
    const { unplaced, mixes, desired } = plan(state);
    this.#placement.want(unplaced);
    this.#held.hold(state.transports.values());
    // What is written changes the state, so there is another look.
    this.#mixing.want(mixes === false ? undefined : mixes);
    const mixers = this.#failing.admitted([...desired.values()].flatMap((document) => document.mixers));
    for (const [worker, planned] of desired) {
      if (this.#lost.has(worker)) continue;
      const document = planned.mixers.length === 0 ? planned : { ...planned, mixers };
      const needs = document.transports.map(({ id }) => this.#deps.needs.of(id));
      this.#sender(worker).want(
        document,
        needs.reduce((most, need) => Math.max(most, need), 0),
      );
    }
    for (const [worker, sender] of this.#senders) {
      if (!desired.has(worker)) sender.want(this.#nothing(state), 0);
    }
  }

  #nothing(state: RoomState): DesiredRoom {
    return { room: this.#deps.room, version: state.seq, transports: [], mixers: [] };
  }

  #sender(worker: string): DocumentSender {
    const present = this.#senders.get(worker);
    if (present) return present;
    const { ports, clock, log, room, home, fence, settings } = this.#deps;
    const sender = new DocumentSender({
      worker,
      home,
      fence,
      bus: ports.bus,
      clock,
      timeoutMs: settings.documentMs,
      failed: (error) => {
        log.warn('a worker did not take its document', { room, worker, error });
        void this.#checkAlive(worker);
      },
      acknowledged: () => {
        if (sender.finished) this.#dismiss(worker);
      },
    });
    this.#senders.set(worker, sender);
    return sender;
  }

  #dismiss(worker: string): void {
    this.#senders.get(worker)?.close();
    this.#senders.delete(worker);
    if (this.#senders.size === 0) this.#emptied?.();
  }

  async #decide(message: unknown): Promise<readonly unknown[]> {
    const batch = decodeForward(message);
    if (batch === undefined) throw new SluiceError('bad-request', 'Malformed commands');
    return encodeOutcomes(await this.#deps.decideFor(batch));
  }

  async #report(message: unknown): Promise<unknown> {
    const parsed = v.safeParse(workerReportSchema, message);
    if (!parsed.success || parsed.output.room !== this.#deps.room) {
      throw new SluiceError('bad-request', 'Malformed report');
    }
    const { worker, items } = parsed.output;
    if (items.length > maxReportItems) throw new SluiceError('too-large', 'Too many items in a report');
    // Taken for lost while it was not, it has kept what it had.
    const state = this.#deps.state();
    if (!workersOf(state).has(worker)) this.#sender(worker).want(this.#nothing(state), 0);
    const meant = items.filter((item) => item.type !== 'mixer-failed' || this.#isHopeless(worker, item));
    await Promise.all(meant.map((item) => this.#deps.execute({ type: 'report', worker, item })));
    return { ok: true };
  }

  /** A mixer that failed is tried again, and the room hears of it only when that was in vain. */
  #isHopeless(worker: string, { mixer, reason }: Extract<ReportItem, { type: 'mixer-failed' }>): boolean {
    const { log, room, state } = this.#deps;
    if (state().mixing?.worker !== worker) return false;
    log.warn('a mixer failed', { room, worker, mixer, reason });
    const hopeless = this.#failing.failed(mixer);
    this.#seen = undefined;
    this.changed();
    return hopeless;
  }

  /** A worker that does not answer may have been lost before anybody watched. */
  async #checkAlive(worker: string): Promise<void> {
    if (await this.#isAlive(worker)) return;
    if (this.#gone.has(worker)) this.#workerLost(worker);
    else this.#lookAgain(worker);
  }

  #noteGone(worker: string): void {
    this.#gone.delete(worker);
    this.#gone.add(worker);
    const [oldest] = this.#gone;
    if (this.#gone.size > maxGone && oldest !== undefined) this.#gone.delete(oldest);
  }

  /** True also when nobody can tell. */
  async #isAlive(worker: string): Promise<boolean> {
    try {
      const alive = await this.#deps.ports.registry.alive();
      return alive.some((known) => known.worker === worker);
    } catch (error) {
      this.#deps.log.warn('the worker registry could not be reached', { error });
      return true;
    }
  }

  #workerLost(worker: string): void {
    const used = workersOf(this.#deps.state()).has(worker);
    if (this.#closed) return;
    this.#dismiss(worker);
    if (!used) return;
    this.#lost.add(worker);
    void this.#endLost(worker);
  }

  async #endLost(worker: string): Promise<void> {
    const { execute, log, room, clock } = this.#deps;
    try {
      await execute({ type: 'worker-lost', worker, reason: 'Node lost' });
      this.#lost.delete(worker);
    } catch (error) {
      log.warn('the end of a worker could not be written', { room, worker, error });
      if (this.#closed) return;
      this.#cancelLost?.();
      this.#cancelLost = clock.after(lostRetryMs, () => {
        for (const each of this.#lost) void this.#endLost(each);
      });
    }
  }

  async #takeOver(): Promise<void> {
    try {
      const alive = await this.#deps.ports.registry.alive();
      if (this.#closed) return;
      this.#lostEdges.look(new Set(alive.map(({ worker }) => worker)));
      const used = workersOf(this.#deps.state());
      for (const { worker, purposes } of alive) {
        if (purposes.every((purpose) => purpose === 'portal')) continue;
        if (!used.delete(worker)) this.#sender(worker).want(this.#nothing(this.#deps.state()), 0);
      }
      for (const worker of used) this.#lookAgain(worker);
    } catch (error) {
      this.#deps.log.warn('the worker registry could not be reached', { error });
    }
  }

  /** A registry that was lost itself fills up again as workers are heard; who is missing then is lost. */
  #lookAgain(worker: string): void {
    const { clock, settings } = this.#deps;
    if (this.#closed || this.#missing.has(worker)) return;
    const look = async (): Promise<void> => {
      const alive = await this.#isAlive(worker);
      this.#missing.delete(worker);
      if (!this.#closed && !alive) this.#workerLost(worker);
    };
    this.#missing.set(
      worker,
      clock.after(settings.heardWithinMs, () => void look()),
    );
  }
}

function workersOf({ transports, mixing }: RoomState): Set<string> {
  const workers = new Set(mixing === undefined ? [] : [mixing.worker]);
  for (const { worker } of transports.values()) if (worker !== undefined) workers.add(worker);
  return workers;
}

/** What `plan` looks at has not changed: talk and arrivals cost the workers nothing. */
function sameMedia(a: RoomState, b: RoomState): boolean {
  return (
    a.document === b.document &&
    a.transports === b.transports &&
    a.streams === b.streams &&
    a.subscriptions === b.subscriptions &&
    a.mixing?.worker === b.mixing?.worker &&
    a.selected.length === b.selected.length &&
    a.participants.size > 0 === b.participants.size > 0 &&
    sameViews(a.views, b.views)
  );
}

/** But for who speaks. */
function sameViews(a: RoomState['views'], b: RoomState['views']): boolean {
  if (a === b) return true;
  return (
    a.size === b.size &&
    [...a.values()].every(({ label, inputs, attention }) => {
      const other = b.get(label);
      return inputs === other?.inputs && attention === other.attention;
    })
  );
}
