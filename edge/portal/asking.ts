// Owns what one participant asks of its room: its bounds, its order, and the answers that are not the room's own word.
// The participant's life is `session.ts`.
import { SluiceError } from '../../schemas/error.ts';
import type { ClientSignaling } from '../../schemas/request.ts';
import type { Clock } from '../clock.ts';
import type { Command } from '../rooms/command.ts';
import type { LiveRoom } from '../rooms/live-room.ts';
import { readRegion } from '../rooms/read-region.ts';
import type { IceServersFor } from '../tokens/ice-servers.ts';
import { sessionId } from './ids.ts';
import { inTime } from './in-time.ts';
import { RateLimit } from './rate-limit.ts';
import { commandOf, type CommandRequest, type RoomRequest } from './requests.ts';
import type { PortalSettings } from './settings.ts';
import { workerSignaling } from './worker-signaling.ts';

export interface AskingDeps {
  readonly room: LiveRoom;
  readonly participant: string;
  readonly edge: string;
  readonly clock: Clock;
  readonly settings: PortalSettings;
  readonly iceServers: IceServersFor;
  /** Executes a command of the server's own, whatever its outcome. */
  readonly tell: (command: Command) => Promise<void>;
}

/** More than a client can have had under way on the edge it comes from. */
const idsOfAnotherEdge = 1_000_000;

export class Asking {
  readonly #deps: AskingDeps;
  readonly #rate: RateLimit;
  /** What has no answer yet. */
  readonly #pending = new Set<Promise<unknown>>();
  /** Commands not yet folded; signaling sent meanwhile waits for them. */
  readonly #executing = new Set<Promise<unknown>>();
  readonly #signaling = new Set<Promise<unknown>>();
  #lastSignal: Promise<unknown> = Promise.resolve();
  #lastCid: number;
  #leaving = false;
  #leave: Promise<unknown> | undefined;

  constructor(deps: AskingDeps) {
    const { room, participant, clock, settings } = deps;
    this.#deps = deps;
    this.#rate = new RateLimit(settings.requestsPerSecond, settings.requestBurst, clock.now());
    this.#lastCid = room.state.participants.get(participant)?.lastCid ?? 0;
  }

  /** The next command id, for clients whose protocol has none. */
  nextCid(): number {
    return this.#lastCid + 1;
  }

  /** Commands given ids by another edge may still be on their way to the log: ids made here must not meet theirs. */
  comesFromElsewhere(): void {
    this.#lastCid += idsOfAnotherEdge;
  }

  /** The client asked to leave. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** A leave that has no answer yet; resolves when it has. */
  get leave(): Promise<unknown> | undefined {
    return this.#leave;
  }

  /** Resolves when everything asked has its answer, or after `patienceMs`. */
  async answered(clock: Clock, patienceMs: number): Promise<void> {
    const until = clock.now() + patienceMs;
    while (this.#pending.size > 0 && clock.now() < until) {
      await orAfter(until - clock.now(), clock, Promise.allSettled(this.#pending));
      // The last answer is on its way to the connection still.
      await new Promise<void>((resolve) => void clock.after(0, resolve));
    }
  }

  /** Resolves when what is being signaled now has been answered. */
  async signaled(): Promise<void> {
    await Promise.allSettled(this.#signaling);
  }

  /** As `Session.ask`. */
  async ask(request: RoomRequest, cid: number): Promise<unknown> {
    const { settings, clock } = this.#deps;
    const tooMany = this.#pending.size >= settings.maxPending || !this.#rate.take(clock.now());
    if (tooMany && request.do !== 'leave') {
      throw new SluiceError('unavailable', 'Too many requests');
    }
    this.#lastCid = Math.max(this.#lastCid, cid);
    const answered: Promise<unknown> = this.#answer(request, cid).finally(() => {
      this.#pending.delete(answered);
    });
    this.#pending.add(answered);
    const bounded = inTime(answered, {
      clock,
      timeoutMs: settings.answerMs,
      what: `${this.#deps.edge}.${request.do}`,
      late: () => {
        // The client was told that it failed: nothing of it may stay behind.
        if (request.do === 'publish' || request.do === 'subscribe') this.#takeBack(request.do, cid);
      },
    });
    if (request.do === 'leave') this.#watchLeave(bounded);
    return bounded;
  }

  #watchLeave(answered: Promise<unknown>): void {
    const over = (): void => {
      this.#leave = undefined;
    };
    this.#leave = answered.then(over, over);
  }

  #takeBack(what: 'publish' | 'subscribe', cid: number): void {
    const { participant, tell } = this.#deps;
    const type = what === 'publish' ? 'unpublish' : 'unsubscribe';
    void tell({ type, actor: { participant }, session: sessionId(participant, cid) });
  }

  async #answer(request: RoomRequest, cid: number): Promise<unknown> {
    const { room, participant } = this.#deps;
    switch (request.do) {
      case 'signal':
        return this.#signal(request.transport, request.signaling);
      case 'stats': {
        if (room.state.transports.get(request.transport)?.owner !== participant) {
          throw new SluiceError('not-found', `Transport ${request.transport} does NOT exist`);
        }
        return room.stats(request.transport);
      }
      case 'mixer-stats':
        return room.mixerStats();
      case 'ice-servers': {
        const region = room.state.participants.get(participant)?.origin.region ?? '';
        return this.#deps.iceServers({ room: room.id, user: participant, region });
      }
      case 'stream-control': {
        const { request: control } = request;
        if (control.operation === 'get-region') return this.#region(control.id, control.data);
        return this.#command({ do: 'stream-control', request: control }, cid, '');
      }
      case 'publish':
      case 'subscribe': {
        const id = sessionId(participant, cid);
        const transportId = request.request.transport?.id ?? id;
        await this.#command(request, cid, id);
        if (request.offer === undefined) return { id, transportId };
        return { id, transportId, ...(await this.#firstAnswer(request.do, cid, transportId, request.offer)) };
      }
      case 'leave':
        this.#leaving = true;
        return this.#command(request, cid, '');
      case 'unpublish':
      case 'unsubscribe':
      case 'text':
      case 'subscription-control':
        return this.#command(request, cid, '');
    }
  }

  /** Read off the state once the commands sent before it are in it. */
  async #region(stream: string, view: string): Promise<{ region: string }> {
    const { room, participant } = this.#deps;
    await Promise.allSettled(this.#executing);
    const found = readRegion(room.state, { participant }, stream, view);
    if (!found.ok) throw new SluiceError(found.refusal.code, found.refusal.message);
    return { region: found.region };
  }

  /** The answer to the offer that came with a publish or subscribe; without one the session is taken back. */
  async #firstAnswer(what: 'publish' | 'subscribe', cid: number, transport: string, sdp: string) {
    try {
      return await this.#signal(transport, { type: 'offer', sdp });
    } catch (error) {
      this.#takeBack(what, cid);
      throw error;
    }
  }

  async #command(request: CommandRequest, cid: number, session: string): Promise<undefined> {
    const { room, participant } = this.#deps;
    const executed = room.execute(commandOf(participant, request, session), { participant, cid });
    this.#executing.add(executed);
    try {
      const outcome = await executed;
      if (!outcome.ok) throw new SluiceError(outcome.refusal.code, outcome.refusal.message);
      return undefined;
    } finally {
      this.#executing.delete(executed);
    }
  }

  async #signal(transport: string, signaling: ClientSignaling): Promise<{ answer: string } | undefined> {
    const forWorker = workerSignaling(signaling);
    if (forWorker === undefined) return undefined;
    // Behind the commands sent before it, so that the worker's document holds the sessions an offer speaks of; and
    // behind earlier signaling's departure, not its answer.
    const turn = Promise.allSettled([this.#lastSignal, ...this.#executing]);
    this.#lastSignal = turn;
    await turn;
    const signaled = this.#deps.room.signal(transport, this.#deps.participant, forWorker);
    this.#signaling.add(signaled);
    try {
      const { answer } = await signaled;
      if (answer !== undefined) return { answer };
    } finally {
      this.#signaling.delete(signaled);
    }
    if (signaling.type === 'offer') throw new SluiceError('internal', 'The offer was not answered');
    return undefined;
  }
}

/** Resolves when `work` does, or after `ms`. */
function orAfter(ms: number, clock: Clock, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    void work.then(() => {
      cancel();
      resolve();
    });
  });
}
