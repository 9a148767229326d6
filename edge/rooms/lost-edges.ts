// Owns what becomes of participants whose edge died: no connection of theirs is watched any more, so the room's conductor
// waits for them to come back elsewhere, and then lets them go.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Clock, Log } from '../clock.ts';
import type { Registry } from '../store/registry.ts';
import type { Command } from './command.ts';
import type { RoomState } from './state.ts';

export interface LostEdgesDeps {
  readonly room: string;
  /** This edge: it knows best that it lives. */
  readonly edge: string;
  readonly registry: Pick<Registry, 'alive'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly graceMs: number;
  /** When this edge heard of the loss, if it did. */
  readonly lostAt: (edge: string) => number | undefined;
  readonly state: () => Pick<RoomState, 'participants'>;
  readonly execute: (command: Command) => Promise<unknown>;
}

const retryMs = 1000;

export class LostEdges {
  readonly #deps: LostEdgesDeps;
  readonly #waits = new Map<string, Unsubscribe>();

  constructor(deps: LostEdgesDeps) {
    this.#deps = deps;
  }

  /** Somebody of the cluster is gone; whether it was an edge with participants of the room is seen here. */
  lost(edge: string): void {
    const { edge: own, clock, graceMs, lostAt } = this.#deps;
    if (edge === own || this.#waits.has(edge)) return;
    const now = clock.now();
    // Also when nobody is held by it: a join that it asked for may still be on its way into the log.
    this.#wait(edge, Math.max(0, (lostAt(edge) ?? now) + graceMs - now));
  }

  /** What a new conductor has not heard of: everybody whose edge is not among the living. */
  look(alive: ReadonlySet<string>): void {
    const edges = new Set(Array.from(this.#deps.state().participants.values(), ({ edge }) => edge));
    // The peers of calls are on none.
    for (const edge of edges) if (edge !== '' && !alive.has(edge)) this.lost(edge);
  }

  close(): void {
    for (const cancel of this.#waits.values()) cancel();
    this.#waits.clear();
  }

  #attached(edge: string): string[] {
    return [...this.#deps.state().participants.values()].flatMap((participant) =>
      participant.edge === edge ? [participant.id] : [],
    );
  }

  #wait(edge: string, ms: number): void {
    this.#waits.set(
      edge,
      this.#deps.clock.after(ms, () => void this.#expire(edge)),
    );
  }

  async #expire(edge: string): Promise<void> {
    const { registry, log, room, execute } = this.#deps;
    if (this.#attached(edge).length === 0) {
      this.#waits.delete(edge);
      return;
    }
    try {
      const alive = await registry.alive();
      // Silent for a while, but not dead: it waits for its participants itself.
      if (!alive.some(({ worker }) => worker === edge)) {
        const expired = this.#attached(edge).map((participant) =>
          execute({ type: 'expire', participant, edge }),
        );
        await Promise.all(expired);
      }
      this.#waits.delete(edge);
    } catch (error) {
      log.warn('participants of a dead edge could not be let go', { room, edge, error });
      if (this.#waits.has(edge)) this.#wait(edge, retryMs);
    }
  }
}
