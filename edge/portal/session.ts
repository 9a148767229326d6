// Owns one participant's session on this edge: its requests, its notices, and its life joined ⇄ away → ended. What
// comes before joining is `connection.ts`; the wire is the gateways'.
import { SluiceError } from '../../schemas/error.ts';
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { ClientSignaling } from '../../schemas/request.ts';
import type { Clock, Log } from '../clock.ts';
import type { Command } from '../rooms/command.ts';
import type { LiveRoom, NoticeBatch } from '../rooms/live-room.ts';
import { readRegion } from '../rooms/read-region.ts';
import { share, type Delivery } from './delivery.ts';
import { sessionId } from './ids.ts';
import type { EndReason } from './link.ts';
import { RateLimit } from './rate-limit.ts';
import { commandOf, type CommandRequest, type RoomRequest } from './requests.ts';
import type { PortalSettings } from './settings.ts';
import { workerSignaling } from './worker-signaling.ts';

/** What a session needs of the connection it is joined by. */
export interface Line {
  readonly resumesElsewhere: boolean;
  deliver(delivery: Delivery): void;
  end(reason: EndReason): void;
}

type Life =
  /** `seq` is set while what was delivered is ahead of or behind the room's feed: notices after it are still due. */
  | { readonly phase: 'joined'; readonly line: Line; seq?: number }
  | { readonly phase: 'away'; readonly cancelExpiry: Unsubscribe }
  | { readonly phase: 'ended' };

export interface SessionDeps {
  readonly room: LiveRoom;
  readonly participant: string;
  readonly edge: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: PortalSettings;
  /** How long to keep the participant when its connection breaks; 0 makes it leave at once. */
  readonly keepMs: number;
  readonly ended: (session: Session) => void;
}

/** Between attempts to make a participant leave while the room's log cannot be reached. */
const expiryRetryMs = 5_000;

export class Session {
  readonly participant: string;
  readonly room: LiveRoom;
  readonly keepMs: number;
  readonly #deps: SessionDeps;
  readonly #rate: RateLimit;
  /** Commands not yet folded; signaling sent meanwhile waits for them. */
  readonly #executing = new Set<Promise<unknown>>();
  #lastSignal: Promise<unknown> = Promise.resolve();
  #life: Life;
  #lastCid: number;
  #pending = 0;
  #seen: number;
  #leaving = false;

  /** Joined by `line`; notices after the room's present seq will follow. */
  constructor(deps: SessionDeps, line: Line) {
    this.#deps = deps;
    this.participant = deps.participant;
    this.room = deps.room;
    this.keepMs = deps.keepMs;
    this.#rate = new RateLimit(deps.settings.requestsPerSecond, deps.settings.requestBurst, deps.clock.now());
    this.#seen = deps.room.state.seq;
    this.#life = { phase: 'joined', line, seq: this.#seen };
    this.#lastCid = deps.room.state.participants.get(deps.participant)?.lastCid ?? 0;
  }

  get phase(): Life['phase'] {
    return this.#life.phase;
  }

  /** The room's seq up to which everything for this participant was handed to its connection, if it has one. */
  get seen(): number {
    return this.#seen;
  }

  /** The next command id, for clients whose protocol has none. */
  nextCid(): number {
    return this.#lastCid + 1;
  }

  /**
   * Does what a client asks. `cid` numbers the client's commands. Publish and subscribe answer `{ id, transportId }`,
   * with an offer also `answer`; an offer in `signal` answers `{ answer }`; `get-region` answers `{ region }`; `stats`
   * answers TransportStats and `mixer-stats` a list of MixerStats; everything else nothing. Rejects with SluiceError.
   */
  async ask(request: RoomRequest, cid: number): Promise<unknown> {
    if (this.#life.phase === 'ended') throw new SluiceError('not-found', 'Participant has not joined');
    const { settings, clock } = this.#deps;
    const tooMany = this.#pending >= settings.maxPending || !this.#rate.take(clock.now());
    if (tooMany && request.do !== 'leave') {
      throw new SluiceError('unavailable', 'Too many requests');
    }
    this.#lastCid = Math.max(this.#lastCid, cid);
    this.#pending += 1;
    try {
      return await this.#answer(request, cid);
    } finally {
      this.#pending -= 1;
    }
  }

  /** A new connection took the participant over: the old one is closed, notices after `seq` follow on the new one. */
  adopt(line: Line, seq: number): void {
    const life = this.#life;
    if (life.phase === 'ended') throw new SluiceError('not-found', 'Client does NOT exist');
    this.#life = { phase: 'joined', line, seq };
    if (life.phase === 'away') life.cancelExpiry();
    else if (life.line !== line) life.line.end('replaced');
    this.#catchUp();
  }

  /** The connection is gone without a word. Ignored when another one has taken over. */
  lost(line: Line): void {
    if (this.#life.phase === 'joined' && this.#life.line === line) this.#goAway(this.keepMs);
  }

  /** Makes the participant leave without its asking. */
  abandon(): void {
    if (this.#life.phase === 'joined') this.#goAway(0);
  }

  /** The room's history began anew: the client must come back to get the whole room. */
  resync(): void {
    const life = this.#life;
    if (life.phase !== 'joined') return;
    this.#goAway(this.keepMs);
    life.line.end('resync');
  }

  /** This edge stops: the participant leaves unless its client can come back to another edge. */
  async shutdown(): Promise<void> {
    const life = this.#life;
    if (life.phase === 'ended') return;
    const stays = life.phase === 'joined' && life.line.resumesElsewhere;
    this.#finish('shutdown');
    if (!stays) await this.#tell({ type: 'leave', participant: this.participant });
  }

  /** One tick of the room: `delivery` is this participant's share of it, `before` the seq of the tick before. */
  receive(batch: NoticeBatch, before: number, delivery: Delivery | undefined): void {
    const life = this.#life;
    if (life.phase === 'ended') return;
    if (life.phase === 'joined' && life.seq !== undefined) {
      // What the session began with holds all of this batch already, and its state may be older.
      if (life.seq >= batch.seq) return;
      if (life.seq === before) delete life.seq;
    }
    this.#seen = batch.seq;
    const me = batch.state.participants.get(this.participant);
    if (me !== undefined && me.edge !== this.#deps.edge) {
      this.#finish('replaced');
      return;
    }
    if (life.phase === 'joined') {
      if (life.seq !== undefined) this.#catchUp();
      else if (delivery !== undefined) life.line.deliver(delivery);
    }
    if (me === undefined) this.#finish(this.#leaving ? 'left' : 'dropped');
  }

  /** Delivers what the room's history holds after the session's seq. */
  #catchUp(): void {
    const life = this.#life;
    if (life.phase !== 'joined' || life.seq === undefined) return;
    const missed = this.room.since(life.seq, this.room.epoch);
    if (missed === undefined) {
      this.resync();
      return;
    }
    this.#seen = this.room.state.seq;
    life.seq = this.#seen;
    const delivery = share(missed, this.#seen, this.participant);
    if (delivery !== undefined) life.line.deliver(delivery);
  }

  async #answer(request: RoomRequest, cid: number): Promise<unknown> {
    switch (request.do) {
      case 'signal':
        return this.#signal(request.transport, request.signaling);
      case 'stats': {
        const owner = this.room.state.transports.get(request.transport)?.owner;
        if (owner !== this.participant) {
          throw new SluiceError('not-found', `Transport ${request.transport} does NOT exist`);
        }
        return this.room.stats(request.transport);
      }
      case 'mixer-stats':
        return this.room.mixerStats();
      case 'stream-control': {
        const { request: control } = request;
        if (control.operation === 'get-region') return this.#region(control.id, control.data);
        return this.#command({ do: 'stream-control', request: control }, cid, '');
      }
      case 'publish':
      case 'subscribe': {
        const id = sessionId(this.participant, cid);
        const transportId = request.request.transport?.id ?? id;
        await this.#command(request, cid, id);
        if (request.offer === undefined) return { id, transportId };
        return { id, transportId, ...(await this.#firstAnswer(request.do, id, transportId, request.offer)) };
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
    await Promise.allSettled(this.#executing);
    const found = readRegion(this.room.state, { participant: this.participant }, stream, view);
    if (!found.ok) throw new SluiceError(found.refusal.code, found.refusal.message);
    return { region: found.region };
  }

  /** The answer to the offer that came with a publish or subscribe; without one the session is taken back. */
  async #firstAnswer(what: 'publish' | 'subscribe', session: string, transport: string, sdp: string) {
    try {
      return await this.#signal(transport, { type: 'offer', sdp });
    } catch (error) {
      const actor = { participant: this.participant };
      const type = what === 'publish' ? 'unpublish' : 'unsubscribe';
      void this.#tell({ type, actor, session });
      throw error;
    }
  }

  async #command(request: CommandRequest, cid: number, session: string): Promise<undefined> {
    const command = commandOf(this.participant, request, session);
    const executed = this.room.execute(command, { participant: this.participant, cid });
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
    const { answer } = await this.room.signal(transport, this.participant, forWorker);
    if (answer !== undefined) return { answer };
    if (signaling.type === 'offer') throw new SluiceError('internal', 'The offer was not answered');
    return undefined;
  }

  #goAway(keepMs: number): void {
    this.#life = {
      phase: 'away',
      cancelExpiry: this.#deps.clock.after(keepMs, () => {
        this.#expire();
      }),
    };
  }

  #expire(): void {
    const { edge, clock } = this.#deps;
    const { participant } = this;
    void this.#tell({ type: 'expire', participant, edge });
    // Folding it ends this session; if that fails, another attempt is due.
    this.#life = {
      phase: 'away',
      cancelExpiry: clock.after(expiryRetryMs, () => {
        this.#expire();
      }),
    };
  }

  /** Executes a command of the server's own, whatever its outcome. */
  async #tell(command: Command): Promise<void> {
    try {
      await this.room.execute(command);
    } catch (error) {
      this.#deps.log.warn('command not executed', { room: this.room.id, command: command.type, error });
    }
  }

  #finish(reason: EndReason): void {
    const life = this.#life;
    this.#life = { phase: 'ended' };
    this.#deps.ended(this);
    if (life.phase === 'away') life.cancelExpiry();
    if (life.phase === 'joined') life.line.end(reason);
  }
}
