// Owns what is asked of a transport's worker on a client's behalf: signaling and statistics. Both wait, bounded, until the
// transport has a worker.
import type * as v from 'valibot';
import type { Bus, Unsubscribe } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import {
  signalReplySchema,
  type Signaling,
  type SignalReply,
  type TransportStats,
  type WorkerRequest,
} from '../../schemas/worker.ts';
import type { Clock } from '../clock.ts';
import { askWorker } from './ask-worker.ts';
import type { DocumentNeeds } from './document-needs.ts';
import type { RoomState } from './state.ts';
import { transportStatsSchema } from './transport-stats-schema.ts';

export interface TransportLineDeps {
  readonly room: string;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly needs: DocumentNeeds;
  readonly state: () => RoomState;
  readonly timeoutMs: number;
}

interface Waiter {
  readonly look: () => void;
  readonly giveUp: () => void;
}

const maxWaiters = 10_000;

export class TransportLine {
  readonly #deps: TransportLineDeps;
  readonly #waiters = new Set<Waiter>();

  constructor(deps: TransportLineDeps) {
    this.#deps = deps;
  }

  /** As `LiveRoom.signal`. */
  async signal(transport: string, participant: string, signaling: Signaling): Promise<SignalReply> {
    const worker = await this.#worker(transport, participant);
    const { room, needs } = this.#deps;
    const version = needs.of(transport);
    const request = { type: 'signal', room, transport, version, signaling } as const;
    return this.#ask(worker, request, signalReplySchema);
  }

  /** As `LiveRoom.stats`. */
  async stats(transport: string): Promise<TransportStats> {
    const worker = await this.#worker(transport, undefined);
    const { room } = this.#deps;
    return this.#ask(worker, { type: 'stats', room, transport }, transportStatsSchema);
  }

  /** The room's state has changed. */
  changed(): void {
    for (const waiter of [...this.#waiters]) waiter.look();
  }

  close(): void {
    for (const waiter of [...this.#waiters]) waiter.giveUp();
  }

  #ask<S extends v.GenericSchema>(
    worker: string,
    request: WorkerRequest,
    schema: S,
  ): Promise<v.InferOutput<S>> {
    const { bus, timeoutMs } = this.#deps;
    return askWorker(bus, worker, request, schema, timeoutMs);
  }

  /** The transport's worker, when it has one. With a participant, only of that participant's transport. */
  #worker(transport: string, participant: string | undefined): Promise<string> {
    const now = this.#placed(transport, participant);
    if (now !== 'unplaced')
      return now instanceof SluiceError ? Promise.reject(now) : Promise.resolve(now.worker);
    const notReady = () => new SluiceError('unavailable', `Transport ${transport} locality is NOT ready`);
    if (this.#waiters.size >= maxWaiters) return Promise.reject(notReady());
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiters.delete(waiter);
        cancel();
      };
      const waiter: Waiter = {
        look: () => {
          const found = this.#placed(transport, participant);
          if (found === 'unplaced') return;
          end();
          if (found instanceof SluiceError) reject(found);
          else resolve(found.worker);
        },
        giveUp: () => {
          end();
          reject(notReady());
        },
      };
      const cancel: Unsubscribe = this.#deps.clock.after(this.#deps.timeoutMs, () => waiter.giveUp());
      this.#waiters.add(waiter);
    });
  }

  #placed(
    id: string,
    participant: string | undefined,
  ): { readonly worker: string } | 'unplaced' | SluiceError {
    const transport = this.#deps.state().transports.get(id);
    if (!transport || (participant !== undefined && transport.owner !== participant)) {
      return new SluiceError('not-found', `Transport ${id} does NOT exist`);
    }
    return transport.worker === undefined ? 'unplaced' : { worker: transport.worker };
  }
}
