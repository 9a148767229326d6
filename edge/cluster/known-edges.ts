// Owns which other edges this one hears of, so that clients can be told beforehand where to go if it dies. Who is picked
// for new clients is the registry's to say.
import * as v from 'valibot';
import { channels, type Bus, type Unsubscribe } from '../../schemas/bus.ts';
import type { Origin } from '../../schemas/room.ts';
import { workerAnnouncementSchema, type AliveAnnouncement } from '../../schemas/worker.ts';
import type { Clock } from '../clock.ts';
import type { PortalAddress } from '../tokens/portal-address.ts';
import { nearness } from './origin-match.ts';

interface Heard {
  readonly announcement: AliveAnnouncement;
  readonly at: number;
}

const silentAfterMs = 4000;
const maxKnown = 1000;
const mostTold = 2;

export class KnownEdges {
  readonly #clock: Clock;
  readonly #own: string;
  readonly #known = new Map<string, Heard>();
  readonly #stop: Unsubscribe;
  #turn = 0;

  /** `own` is the id of this edge. */
  constructor({ bus, clock, own }: { readonly bus: Bus; readonly clock: Clock; readonly own: string }) {
    this.#clock = clock;
    this.#own = own;
    this.#stop = bus.subscribe(channels.workers, (message) => this.#hear(message));
  }

  /** Two at most, those that serve that origin first; those equally good in turn, so that one is not overrun. */
  near(origin: Origin): readonly PortalAddress[] {
    const now = this.#clock.now();
    const living = [...this.#known.values()].filter(
      ({ announcement, at }) => announcement.state === 'ready' && now - at < silentAfterMs,
    );
    const first = (this.#turn += 1) % Math.max(1, living.length);
    return [...living.slice(first), ...living.slice(0, first)]
      .map(({ announcement: { capacity, portal } }) => ({
        portal,
        rank: nearness(capacity, origin, false) ?? 2,
      }))
      .sort((a, b) => a.rank - b.rank)
      .flatMap(({ portal }) => portal ?? [])
      .slice(0, mostTold);
  }

  close(): void {
    this.#stop();
    this.#known.clear();
  }

  #hear(message: unknown): void {
    const parsed = v.safeParse(workerAnnouncementSchema, message);
    // What is malformed is told by who watches workers.
    if (!parsed.success) return;
    const { output } = parsed;
    const { worker } = output;
    if (output.type === 'quit') {
      this.#known.delete(worker);
      return;
    }
    if (output.portal === undefined || worker === this.#own) return;
    this.#known.delete(worker);
    this.#known.set(worker, { announcement: output, at: this.#clock.now() });
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxKnown && oldest !== undefined) this.#known.delete(oldest);
  }
}
