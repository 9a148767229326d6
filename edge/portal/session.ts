// Owns one participant's session on this edge: its notices, and its life joined ⇄ away → ended. What comes before joining
// is `connection.ts`, what it asks is `asking.ts`, how it comes from another edge is `moves.ts`; the wire is the gateways'.
import { SluiceError } from '../../schemas/error.ts';
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Origin } from '../../schemas/room.ts';
import type { Clock, Log } from '../clock.ts';
import type { PortalAddress } from '../tokens/portal-address.ts';
import type { Command } from '../rooms/command.ts';
import type { LiveRoom, NoticeBatch } from '../rooms/live-room.ts';
import type { IceServersFor } from '../tokens/ice-servers.ts';
import { Asking } from './asking.ts';
import { share, type Delivery } from './delivery.ts';
import type { EndReason } from './link.ts';
import { noSuchClient } from './no-such-client.ts';
import type { Keepsake, Owed } from './owed.ts';
import type { RoomRequest } from './requests.ts';
import type { PortalSettings } from './settings.ts';

/** What a session needs of the connection it is joined by. */
export interface Line {
  readonly resumesElsewhere: boolean;
  /** As `Link.movable`. */
  readonly movable: boolean;
  deliver(delivery: Delivery): void;
  /** Resolves soon: when what was delivered is known to have arrived, or it is of no use to wait for that. */
  settled(): Promise<void>;
  end(reason: EndReason, to?: PortalAddress): void;
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
  readonly iceServers: IceServersFor;
  /** How long to keep the participant when its connection breaks; 0 makes it leave at once. */
  readonly keepMs: number;
  /** Called once; `moved` when the participant goes on at another edge. */
  readonly ended: (session: Session, moved: boolean) => void;
}

/** Between attempts to make a participant leave while the room's log cannot be reached. */
const expiryRetryMs = 5_000;

export class Session {
  readonly participant: string;
  readonly room: LiveRoom;
  /** What the client's gateway keeps for it, if anything. */
  keepsake: Keepsake | undefined;
  readonly #deps: SessionDeps;
  readonly #asking: Asking;
  #life: Life;
  #seen: number;
  #arriving: Promise<void> | undefined;
  #brought: Owed | undefined;
  #parting: Promise<void> | undefined;

  /** Joined by `line`, or away: notices after the room's present seq will follow. */
  constructor(deps: SessionDeps, line?: Line) {
    this.#deps = deps;
    this.participant = deps.participant;
    this.room = deps.room;
    this.#asking = new Asking({ ...deps, tell: (command) => this.#tell(command) });
    this.#seen = deps.room.state.seq;
    this.#life = line === undefined ? this.#away(deps.keepMs) : { phase: 'joined', line, seq: this.#seen };
  }

  get phase(): Life['phase'] {
    return this.#life.phase;
  }

  /** How long the participant is kept when its connection breaks. */
  get keepMs(): number {
    return this.#deps.keepMs;
  }

  /** The room's seq up to which everything for this participant was handed to a connection. */
  get seen(): number {
    return this.#seen;
  }

  /** What its client has not had, as far as that is known without the client's own word. */
  get owed(): Owed | undefined {
    return this.keepsake?.owed() ?? this.#brought;
  }

  /** The next command id, for clients whose protocol has none. */
  nextCid(): number {
    return this.#asking.nextCid();
  }

  /**
   * Does what a client asks. `cid` numbers the client's commands. Publish and subscribe answer `{ id, transportId }`,
   * with an offer also `answer`; an offer in `signal` answers `{ answer }`; `get-region` answers `{ region }`; `stats`
   * answers TransportStats, `mixer-stats` a list of MixerStats, `ice-servers` IceServers; everything else nothing. Rejects with SluiceError.
   */
  async ask(request: RoomRequest, cid: number): Promise<unknown> {
    if (this.#life.phase === 'ended') throw new SluiceError('not-found', 'Participant has not joined');
    return this.#asking.ask(request, cid);
  }

  /** It comes from another edge, which is being asked what it owes. Must not reject. */
  arrive(owed: Promise<Owed | undefined>): void {
    this.#asking.comesFromElsewhere();
    this.#arriving = owed.then((brought) => {
      this.#arriving = undefined;
      this.#brought = brought;
    });
  }

  /**
   * Resolves when another connection may take the participant over: what it is owed is known, and the connection it had
   * is closed, after it could confirm what it got.
   */
  async settle(): Promise<void> {
    await this.#arriving;
    while (this.#parting !== undefined || this.#life.phase === 'joined') {
      if (this.#life.phase === 'joined') {
        const { line } = this.#life;
        this.#goAway(this.keepMs);
        this.#part(line);
      }
      await this.#parting;
    }
  }

  /** Resolves when nothing more can come of what its client asked and got here. */
  async settledAll(): Promise<void> {
    await this.#arriving;
    await this.#parting;
    await this.#asking.signaled();
  }

  /** A connection takes the participant over, after `settle`: notices after `seq` follow on it. */
  adopt(line: Line, seq: number): void {
    const life = this.#life;
    if (life.phase === 'ended') throw noSuchClient();
    this.#life = { phase: 'joined', line, seq };
    if (life.phase === 'away') life.cancelExpiry();
    else if (life.line !== line) life.line.end('replaced');
    this.#catchUp();
  }

  /** The connection is gone without a word. Ignored when another one has taken over. */
  lost(line: Line): void {
    if (this.#life.phase !== 'joined' || this.#life.line !== line) return;
    // Who asked to leave is not coming back, whatever became of that.
    this.#goAway(this.#asking.leaving ? 0 : this.keepMs);
  }

  /** Makes the participant leave without its asking. */
  abandon(): void {
    if (this.#life.phase !== 'ended') this.#goAway(0);
  }

  /** The room's history began anew: the client must come back to get the whole room. */
  resync(): void {
    const life = this.#life;
    if (life.phase !== 'joined') return;
    this.#goAway(this.keepMs);
    life.line.end('resync');
  }

  /** The room's history goes on after `seq` in another epoch. */
  continues(epoch: string, seq: number): void {
    const life = this.#life;
    if (life.phase === 'joined') life.line.deliver({ seq: life.seq ?? seq, notices: [], epoch });
  }

  /** The participant goes on at another edge, whether that has been folded here or not. */
  leftForAnotherEdge(): void {
    if (this.#life.phase !== 'ended') this.#finish('replaced');
  }

  get origin(): Origin {
    return this.room.state.participants.get(this.participant)?.origin ?? { isp: '', region: '' };
  }

  /** Whether its client can be sent to another edge. */
  get movable(): boolean {
    return this.#life.phase === 'joined' && this.#life.line.movable && this.keepMs > 0;
  }

  /**
   * Sends the client to another edge, at `to` if that is known, once what it was told has arrived and what it asked is
   * answered, or `patienceMs` later. The participant waits for it here until that edge takes over.
   */
  async sendAway(to: PortalAddress | undefined, patienceMs: number): Promise<void> {
    if (this.#life.phase !== 'joined' || !this.movable) return;
    const { line } = this.#life;
    this.#goAway(this.keepMs);
    const { clock } = this.#deps;
    this.#parting = Promise.all([line.settled(), this.#asking.answered(clock, patienceMs)]).then(() => {
      this.#parting = undefined;
      line.end('moved', to);
    });
    await this.#parting;
  }

  /**
   * This edge stops: the participant leaves unless its client can come back to another edge, which all with a ticket can
   * when there are `others`.
   */
  async shutdown(others: boolean): Promise<void> {
    const life = this.#life;
    if (life.phase === 'ended') return;
    const returns = life.phase === 'away' ? this.keepMs > 0 : this.movable;
    const moves = others && returns;
    const stays = moves || (life.phase === 'joined' && life.line.resumesElsewhere);
    this.#finish(moves ? 'moved' : 'shutdown');
    const { edge } = this.#deps;
    // Unless it has moved to another edge, which may not be known here yet.
    if (!stays) await this.#tell({ type: 'expire', participant: this.participant, edge });
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
    // A session may begin away: when its participant comes from another edge.
    if (life.phase === 'away' && batch.seq <= this.#seen) return;
    const me = batch.state.participants.get(this.participant);
    if (me !== undefined && me.edge !== this.#deps.edge) {
      // What came with the move is for the other edge to tell.
      this.#finish('replaced');
      return;
    }
    if (life.phase === 'joined') {
      this.#seen = batch.seq;
      if (life.seq !== undefined) this.#catchUp();
      else if (delivery !== undefined) life.line.deliver(delivery);
    }
    if (me === undefined) this.#finish(this.#asking.leaving ? 'left' : 'dropped');
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

  #goAway(keepMs: number): void {
    if (this.#life.phase === 'away') this.#life.cancelExpiry();
    this.#life = this.#away(keepMs);
  }

  #away(keepMs: number): Life {
    return {
      phase: 'away',
      cancelExpiry: this.#deps.clock.after(keepMs, () => {
        this.#expire();
      }),
    };
  }

  #expire(): void {
    const { edge } = this.#deps;
    const { participant } = this;
    void this.#tell({ type: 'expire', participant, edge });
    // Folding it ends this session; if that fails, another attempt is due.
    this.#life = this.#away(expiryRetryMs);
  }

  /** Executes a command of the server's own, whatever its outcome. */
  async #tell(command: Command): Promise<void> {
    try {
      await this.room.execute(command);
    } catch (error) {
      const { participant, room } = this;
      this.#deps.log.warn('command not executed', {
        room: room.id,
        participant,
        command: command.type,
        error,
      });
    }
  }

  /** Closes a connection that another one takes the place of, after it could confirm what it got. */
  #part(line: Line): void {
    this.#parting = line.settled().then(() => {
      this.#parting = undefined;
      line.end('replaced');
    });
  }

  #finish(reason: EndReason): void {
    const life = this.#life;
    this.#life = { phase: 'ended' };
    if (life.phase === 'away') life.cancelExpiry();
    const moved = reason === 'replaced';
    this.#deps.ended(this, moved);
    if (life.phase !== 'joined') return;
    const { leave } = this.#asking;
    if (moved) this.#part(life.line);
    else if (reason !== 'left' || leave === undefined) life.line.end(reason);
    // It was folded here before its outcome came: the client is to have its answer.
    else void leave.then(() => this.#deps.clock.after(0, () => life.line.end(reason)));
  }
}
