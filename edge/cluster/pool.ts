// Owns the workers of one purpose and the tasks they have: who is available, who is picked, who keeps what (spec cluster
// §2.4). Pure: time and chance come in as arguments. Whether workers are alive is not its business.
import type { AliveAnnouncement, Capacity, ScheduledPurpose } from '../../schemas/worker.ts';
import type { Demand, Picked } from '../store/registry.ts';
import { canDo } from './capacity-match.ts';
import { admissionLimit } from './admission.ts';
import { LoadEstimate, millionths } from './load-estimate.ts';
import { estimatedCost, strategyOf, type Scheduling } from './scheduling.ts';
import { choose, type Candidate, type Strategy } from './strategy.ts';
import { kindOf, tiersOf } from './tiers.ts';

interface Member {
  readonly worker: string;
  kind: string;
  /** In millionths: available below it. */
  limit: number;
  /** Of one task, in millionths. */
  cost: number;
  state: AliveAnnouncement['state'];
  readonly load: LoadEstimate;
}

interface Task {
  readonly worker: string;
  /** Infinity while it is picked up. */
  readonly until: number;
  readonly reserveMs: number;
}

/** Tasks remembered for stickiness, and places where something was chosen; the oldest are forgotten beyond these. */
const maxTasks = 100_000;
const maxMemories = 1000;

export class Pool {
  readonly #purpose: ScheduledPurpose;
  readonly #settings: Scheduling;
  readonly #strategy: Strategy;
  readonly #cost: number;
  /** In the order of joining. */
  readonly #members = new Map<string, Member>();
  readonly #kinds = new Map<string, { readonly id: number; readonly capacity: Capacity; members: number }>();
  #lastKind = 0;
  readonly #reserved = new Map<string, Task>();
  readonly #held = new Map<string, Task>();
  /** The worker chosen last, by the kinds it was chosen from: regions do not disturb each other. */
  readonly #chosen = new Map<string, string>();

  constructor(purpose: ScheduledPurpose, settings: Scheduling, unknownStrategy: (name: string) => void) {
    this.#purpose = purpose;
    this.#settings = settings;
    this.#strategy = strategyOf(settings, purpose, unknownStrategy);
    this.#cost = millionths(settings.cost[purpose] ?? estimatedCost[purpose]);
  }

  announce(announcement: AliveAnnouncement, now: number): void {
    const { worker, capacity, load, maxLoad, state } = announcement;
    const measured = announcement.cost?.[this.#purpose];
    const limit = admissionLimit(maxLoad, measured);
    const cost = measured === undefined ? this.#cost : millionths(measured);
    const kind = kindOf(this.#purpose, capacity);
    const known = this.#members.get(worker);
    const member = known ?? { worker, kind, limit, cost, state, load: new LoadEstimate() };
    if (known?.kind !== kind) {
      this.#enter(kind, capacity);
      if (known !== undefined) this.#leave(known.kind);
    }
    member.kind = kind;
    member.limit = limit;
    member.cost = cost;
    member.state = state;
    const said = load[this.#purpose];
    member.load.report(said === undefined ? undefined : millionths(said), now);
    this.#members.set(worker, member);
  }

  remove(worker: string): void {
    const member = this.#members.get(worker);
    if (member === undefined) return;
    this.#members.delete(worker);
    this.#leave(member.kind);
    for (const [memory, chosen] of this.#chosen) if (chosen === worker) this.#chosen.delete(memory);
    for (const tasks of [this.#reserved, this.#held]) {
      for (const [task, { worker: keeper }] of tasks) if (keeper === worker) tasks.delete(task);
    }
  }

  pick(demand: Demand, now: number, chance: number): Picked {
    const { task } = demand;
    this.#forgetExpired(now);
    const kept = this.#keeper(demand, now);
    const wanted = demand.reserveMs ?? this.#settings.reserveMs;
    const reserveMs = kept === undefined ? wanted : Math.max(wanted, kept.reserveMs);
    const worker = kept?.worker ?? this.#choose(demand, chance);
    if (worker === undefined) return { why: this.#why() };
    if (kept?.until === Infinity) this.#held.set(task, { ...kept, reserveMs });
    else this.#reserve(task, { worker, until: now + reserveMs, reserveMs });
    return { worker };
  }

  pickUp(worker: string, task: string): void {
    if (!this.#members.has(worker)) return;
    const { reserveMs } = this.#held.get(task) ?? this.#reserved.get(task) ?? this.#settings;
    this.#reserved.delete(task);
    this.#held.delete(task);
    this.#held.set(task, { worker, until: Infinity, reserveMs });
    forgetOldest(this.#held, maxTasks);
  }

  layDown(worker: string, task: string, now: number): void {
    const held = this.#held.get(task);
    if (held?.worker !== worker) return;
    this.#held.delete(task);
    this.#reserve(task, { ...held, until: now + held.reserveMs });
  }

  tasks(worker: string): readonly string[] {
    return [...this.#held].flatMap(([task, held]) => (held.worker === worker ? [task] : []));
  }

  #enter(kind: string, capacity: Capacity): void {
    const found = this.#kinds.get(kind);
    if (found === undefined) this.#kinds.set(kind, { id: ++this.#lastKind, capacity, members: 1 });
    else found.members += 1;
  }

  #leave(kind: string): void {
    const found = this.#kinds.get(kind);
    if (found === undefined) return;
    found.members -= 1;
    if (found.members === 0) this.#kinds.delete(kind);
  }

  #keeper(demand: Demand, now: number): Task | undefined {
    const found = this.#held.get(demand.task) ?? this.#reserved.get(demand.task);
    if (found === undefined || found.until <= now) return undefined;
    const member = this.#members.get(found.worker);
    if (member === undefined || member.state === 'draining') return undefined;
    const capacity = this.#kinds.get(member.kind)?.capacity;
    return capacity !== undefined && canDo(capacity, demand) ? found : undefined;
  }

  #choose(demand: Demand, chance: number): string | undefined {
    const kinds = Array.from(this.#kinds, ([kind, { capacity }]) => [kind, capacity] as const);
    const tiers = tiersOf(kinds, demand, this.#settings.regionFallback[this.#purpose] ?? false);
    for (const worker of demand.near ?? []) {
      const member = this.#members.get(worker);
      if (!member || !isAvailable(member) || !tiers.flat().includes(member.kind)) continue;
      member.load.assign(member.cost);
      return worker;
    }
    for (const tier of tiers) {
      const candidates: Candidate[] = [];
      for (const member of this.#members.values()) {
        if (!isAvailable(member) || !tier.includes(member.kind)) continue;
        candidates.push({ worker: member.worker, load: member.load.current ?? Infinity });
      }
      const memory = tier.map((kind) => this.#kinds.get(kind)?.id).join();
      const chosen = choose(this.#strategy, candidates, this.#chosen.get(memory), chance)?.worker;
      if (chosen === undefined) continue;
      this.#chosen.delete(memory);
      this.#chosen.set(memory, chosen);
      forgetOldest(this.#chosen, maxMemories);
      const member = this.#members.get(chosen);
      member?.load.assign(member.cost);
      return chosen;
    }
    return undefined;
  }

  #why(): 'nobody' | 'full' | 'mismatch' {
    if (this.#members.size === 0) return 'nobody';
    return [...this.#members.values()].some(isAvailable) ? 'mismatch' : 'full';
  }

  #reserve(task: string, reservation: Task): void {
    this.#held.delete(task);
    this.#reserved.delete(task);
    this.#reserved.set(task, reservation);
    forgetOldest(this.#reserved, maxTasks);
  }

  /** Two for each one that comes, so that there never is much of them. */
  #forgetExpired(now: number): void {
    let looks = 2;
    for (const [task, { until }] of this.#reserved) {
      if (until > now || looks === 0) return;
      looks -= 1;
      this.#reserved.delete(task);
    }
  }
}

function isAvailable({ state, load, limit }: Member): boolean {
  return state === 'ready' && (load.current ?? Infinity) < limit;
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
