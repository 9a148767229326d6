// Owns one live room of this edge: puts the replica, the way into the log, the conductor and the idle timer together.
import { channels, type Unsubscribe } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { AddressedNotice } from '../../schemas/notice.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import type { MixerStats, Signaling, SignalReply, TransportStats } from '../../schemas/worker.ts';
import type { Clock, Log } from '../clock.ts';
import type { HomePorts } from '../store/homes.ts';
import { askWorker } from './ask-worker.ts';
import type { Command } from './command.ts';
import { Committer } from './committer.ts';
import { Conductor } from './conductor.ts';
import { DocumentNeeds } from './document-needs.ts';
import type { CommandId } from './event.ts';
import { Forwarder } from './forwarder.ts';
import { IdleTimer } from './idle-timer.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import type { LiveRoom, NoticeBatch, Outcome } from './live-room.ts';
import { mixerStatsSchema } from './mixer-stats-schema.ts';
import { NoticeFeed } from './notice-feed.ts';
import { Replica, type Fold } from './replica.ts';
import { roomLease } from './room-lease.ts';
import type { RoomSettings } from './room-settings.ts';
import type { RoomWitness } from './room-witness.ts';
import type { RoomState } from './state.ts';
import { TransportLine } from './transport-line.ts';

export interface LiveDeps {
  readonly room: string;
  readonly home: string | undefined;
  readonly edge: string;
  /** Those of its home. */
  readonly ports: HomePorts;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: RoomSettings;
  readonly witness?: RoomWitness | undefined;
  /** When an edge of that home was lost, as far as this one has heard. */
  readonly lostAt: (edge: string) => number | undefined;
  /** The room was closed, here or elsewhere: nothing is executed in it any more. */
  readonly closed: (live: Live) => void;
}

/** How long a closed room waits for its workers to know it. */
const clearMs = 2000;
/** How often an edge near the log says so to a conductor that may be far from it. */
const callEveryMs = 10_000;

export class Live implements LiveRoom {
  readonly id: string;
  readonly home: string | undefined;
  readonly #deps: LiveDeps;
  readonly #replica: Replica;
  readonly #forwarder: Forwarder;
  readonly #committer: Committer;
  readonly #feed: NoticeFeed;
  readonly #line: TransportLine;
  readonly #idle: IdleTimer;
  readonly #needs = new DocumentNeeds();
  #lease: LeaseKeeper | undefined;
  #conductor: Conductor | undefined;
  #stopHearing: Unsubscribe | undefined;
  #calledAt = 0;
  #snapshotSeq = 0;
  #phase: 'opening' | 'open' | 'closed' = 'opening';
  #closedHere = false;

  constructor(deps: LiveDeps) {
    const { room, home, edge, ports, clock, log, settings } = deps;
    this.id = room;
    this.home = home;
    this.#deps = deps;
    const state = () => this.state;
    this.#feed = new NoticeFeed({ clock, log, state });
    this.#replica = new Replica({
      room,
      roomLog: ports.log,
      clock,
      log,
      historyEntries: settings.historyEntries,
      folded: (fold, notices) => this.#folded(fold, notices),
      changed: () => this.#changed(),
    });
    this.#forwarder = new Forwarder({
      room,
      edge,
      bus: ports.bus,
      clock,
      log,
      settings,
      conducts: () => this.#conductor !== undefined,
    });
    this.#committer = new Committer({
      room,
      edge,
      roomLog: ports.log,
      replica: this.#replica,
      forwarder: this.#forwarder,
      clock,
      log,
      appended: () => this.#appended(),
    });
    this.#line = new TransportLine({
      room,
      bus: ports.bus,
      clock,
      needs: this.#needs,
      state,
      timeoutMs: settings.signalMs,
    });
    this.#idle = new IdleTimer(clock, settings.idleMs, () => this.#closeIfIdle());
  }

  get state(): RoomState {
    return this.#replica.state;
  }

  get conducts(): boolean {
    return this.#conductor !== undefined;
  }

  get epoch(): string {
    return this.#replica.epoch;
  }

  /** Takes the room from its log, or opens it with its document. Rejects as the log does. */
  async open(document: RoomDocument): Promise<void> {
    const { ports, clock, log, settings, edge } = this.#deps;
    await this.#replica.open();
    const begun = this.state.seq > 0;
    this.#snapshotSeq = this.state.seq;
    if (!this.state.document) {
      const transcoders = await settings.transcoders(document.mediaEngines);
      await this.#committer.execute({ type: 'open', document, transcoders }, undefined);
    }
    this.#phase = 'open';
    this.#idle.look(this.state);
    this.#lease = new LeaseKeeper({
      lease: ports.lease,
      clock,
      log,
      name: roomLease(this.id),
      holder: edge,
      ttlMs: settings.leaseMs,
      renewMs: settings.leaseRenewMs,
      won: (token, again) => this.#conduct(token, begun || again),
      lost: () => this.#stopConducting(),
      eligible: () => this.#forwarder.mayConduct,
      refused: () => this.#callNearer(),
    });
    const stops = [
      ports.bus.subscribe(channels.nearer(this.id), () => this.#giveWay()),
      ports.bus.subscribe(channels.outrun(this.id), () => this.#forwarder.outrun()),
    ];
    this.#stopHearing = () => stops.forEach((stop) => stop());
  }

  /** Somebody is coming: the room stays for another while even if it is empty. */
  touch(): void {
    this.#idle.touch();
  }

  execute(command: Command, by?: CommandId): Promise<Outcome> {
    // A closed room is not opened again in this life: `Rooms.open` begins the next one.
    if (this.#phase === 'closed' && command.type === 'open') {
      return Promise.resolve({ ok: false, refusal: { code: 'room-not-found', message: 'Room is not open' } });
    }
    return this.#committer.execute(command, by);
  }

  listen(listener: (batch: NoticeBatch) => void): Unsubscribe {
    return this.#feed.listen(listener);
  }

  since(seq: number, epoch: string): readonly AddressedNotice[] | undefined {
    return this.#replica.since(seq, epoch);
  }

  seqAt(time: number): number {
    return this.#replica.seqAt(time);
  }

  signal(transport: string, participant: string, signaling: Signaling): Promise<SignalReply> {
    return this.#line.signal(transport, participant, signaling);
  }

  stats(transport: string): Promise<TransportStats> {
    return this.#line.stats(transport);
  }

  async mixerStats(): Promise<readonly MixerStats[]> {
    const worker = this.state.mixing?.worker;
    if (worker === undefined) return [];
    const { ports, settings } = this.#deps;
    const request = { type: 'mixer-stats', room: this.id } as const;
    return askWorker(ports.bus, worker, request, mixerStatsSchema, settings.signalMs);
  }

  /** Lets go of the room here; one that was closed here is taken out of the store. */
  async dispose(): Promise<void> {
    const closed = this.#phase === 'closed';
    this.#idle.stop();
    this.#stopHearing?.();
    await this.#committer.idle();
    this.#feed.flush();
    this.#line.close();
    if (closed) await this.#conductor?.cleared(clearMs);
    await this.#lease?.close();
    this.#stopConducting();
    this.#replica.close();
    if (!this.#closedHere) return;
    const { ports, log } = this.#deps;
    await ports.log.remove(this.id, this.#replica.position).catch((error: unknown) => {
      log.warn('the log of a closed room could not be removed', { room: this.id, error });
    });
  }

  #folded(fold: Fold, notices: readonly AddressedNotice[]): void {
    const { seq, record, after } = fold;
    this.#committer.folded(fold);
    if (record) {
      this.#needs.note(record.event, seq, after);
      this.#forwarder.heard(record.edge);
    }
    this.#feed.add(seq, notices);
    this.#deps.witness?.folded(fold, this.#replica.epoch);
    // While opening, a room that was closed before is only being read.
    if (record?.event.type !== 'room-closed' || this.#phase !== 'open') return;
    this.#phase = 'closed';
    this.#closedHere = record.edge === this.#deps.edge;
  }

  #changed(): void {
    this.#committer.changed();
    // Also for a state taken anew, which came without folds.
    this.#feed.add(this.state.seq, []);
    this.#line.changed();
    this.#conductor?.changed();
    // The store lost the room: it begins anew with who comes next.
    if (this.#phase === 'open' && !this.state.document) this.#phase = 'closed';
    if (this.#phase === 'open') this.#idle.look(this.state);
    if (this.#phase === 'closed') this.#deps.closed(this);
  }

  #appended(): void {
    const { settings, log } = this.#deps;
    const { seq } = this.state;
    if (seq - this.#snapshotSeq < settings.snapshotEvery || this.#phase !== 'open') return;
    this.#snapshotSeq = seq;
    this.#replica.snapshot(settings.keepEntries).catch((error: unknown) => {
      log.warn('no snapshot of the room', { room: this.id, error });
    });
  }

  #conduct(fence: number, takeover: boolean): void {
    const { ports, clock, log, settings, witness, lostAt } = this.#deps;
    this.#conductor = new Conductor({
      room: this.id,
      home: this.home,
      edge: this.#deps.edge,
      ports,
      clock,
      log,
      settings,
      needs: this.#needs,
      state: () => this.state,
      execute: (command) => this.#committer.execute(command, undefined),
      decideFor: (batch) => this.#committer.executeForwarded(batch),
      fence,
      lostAt,
      takeover,
    });
    witness?.conducts(true);
  }

  /** Another edge conducts: if that is far from the log, it had better be this one. */
  #callNearer(): void {
    const { ports, clock, settings } = this.#deps;
    if (settings.far() || clock.now() - this.#calledAt < callEveryMs) return;
    this.#calledAt = clock.now();
    ports.bus.publish(channels.nearer(this.id), {});
  }

  #giveWay(): void {
    if (!this.#deps.settings.far()) return;
    this.#forwarder.giveWay();
    void this.#lease?.yield(callEveryMs);
  }

  #stopConducting(): void {
    if (this.#conductor !== undefined) this.#deps.witness?.conducts(false);
    this.#conductor?.close();
    this.#conductor = undefined;
  }

  #closeIfIdle(): void {
    this.#committer.execute({ type: 'close-if-idle' }, undefined).catch((error: unknown) => {
      // The timer rings again.
      if (error instanceof SluiceError)
        this.#deps.log.warn('an idle room could not be closed', { room: this.id });
    });
  }
}
