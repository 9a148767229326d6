// Owns the session core: connections that join rooms by token or return to them by ticket. Wire forms are the gateways'.
import type { Bus } from '../../schemas/bus.ts';
import { refusalOf, SluiceError, type ErrorCode } from '../../schemas/error.ts';
import type { Origin } from '../../schemas/room.ts';
import type { JoinResult, ResumeResult } from '../../schemas/signal.ts';
import type { Clock, Log, Random } from '../clock.ts';
import type { OtherPortals } from '../cluster/other-portals.ts';
import { edgeFamilies } from '../metrics/edge-families.ts';
import { type Metrics, noMetrics } from '../metrics/metrics.ts';
import type { LiveRoom, Rooms } from '../rooms/live-room.ts';
import { roomView } from '../rooms/stream-info.ts';
import type { IceServersFor } from '../tokens/ice-servers.ts';
import type { PortalAddress } from '../tokens/portal-address.ts';
import type { RoomEntry } from '../store/directory.ts';
import type { TicketClaims, Tickets } from '../tokens/ticket.ts';
import type { Redeemed, Tokens } from '../tokens/tokens.ts';
import { Connection, type ActiveLine, type Front, type LoginTerms, type ResumeTerms } from './connection.ts';
import { participantId } from './ids.ts';
import type { Delivery } from './delivery.ts';
import { drainSessions } from './drain.ts';
import type { EndReason, Link, Protocol } from './link.ts';
import { Moves } from './moves.ts';
import type { Position } from './position.ts';
import { RoomFeed } from './room-feed.ts';
import { Session } from './session.ts';
import { defaultSettings, type PortalSettings } from './settings.ts';

export interface PortalDeps {
  readonly rooms: Rooms;
  readonly tokens: Pick<Tokens, 'redeem'>;
  readonly tickets: Tickets;
  /** By which edges hand participants over to each other: that of all homes. */
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** This edge's id. */
  readonly edge: string;
  readonly settings?: Partial<PortalSettings>;
  readonly metrics?: Metrics;
  /** What clients are told of STUN and TURN servers, at join, at resume and when they ask; nothing when absent. */
  readonly iceServers?: IceServersFor;
  /** Other edges for a client of that origin, told at join and at resume; none when absent. */
  readonly others?: (origin: Origin) => readonly PortalAddress[];
}

export interface PortalFigures {
  readonly connections: Readonly<Record<Protocol, number>>;
  /** Sessions whose client is connected, and whose is expected back. */
  readonly joined: number;
  readonly away: number;
  /** Requests without an answer yet. */
  readonly requests: number;
}

export interface Portal {
  readonly settings: PortalSettings;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether one more connection from that address is served. */
  admits(address: string): boolean;
  /** Begins a connection's life; it must join in time. `address` is its client's. */
  connect(link: Link, address: string): Connection;
  /**
   * Sends clients to other edges, a few at a time, for `withinMs` at most; returns at once when there is no other edge.
   * New clients are still served: who knows an address keeps coming for a while.
   */
  drain(elsewhere: OtherPortals, withinMs: number): Promise<void>;
  /**
   * Ends every connection. Clients that can come back to another edge keep their participation: all with a ticket when it
   * was drained, for then there are others.
   */
  close(): Promise<void>;
  /** For statistics. */
  readonly counts: { readonly connections: number; readonly sessions: number };
  readonly figures: PortalFigures;
}

export function createPortal(deps: PortalDeps): Portal {
  return new RoomPortal(deps);
}

/** A room that closes while it is joined is opened again, so often. */
const maxLives = 5;
/** A participant that somebody else moves at the same time is looked for again. */
const maxAttaches = 8;
/** A room's log may be away for so many times as long. */
const putOutAgainMs = 1_000;
const maxPutOuts = 3_600;

const noIceServers: IceServersFor = () => Promise.resolve({ iceServers: [] });

const noSuchClient = () => new SluiceError('not-found', 'Client does NOT exist');

class RoomPortal implements Portal, Front {
  readonly settings: PortalSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly #deps: PortalDeps;
  readonly #connections = new Set<Connection>();
  /** By address. */
  readonly #waiting = new Map<string, number>();
  readonly #feeds = new Map<string, RoomFeed>();
  readonly #moves: Moves;
  #closed = false;
  /** Whether there are other edges that clients could go to when this one stops. */
  #others = false;
  readonly #metrics: Metrics;
  #requests = 0;
  readonly #iceServers: IceServersFor;

  constructor(deps: PortalDeps) {
    this.#deps = deps;
    this.#metrics = deps.metrics ?? noMetrics;
    this.clock = deps.clock;
    this.log = deps.log;
    this.settings = { ...defaultSettings, ...deps.settings };
    this.#iceServers = deps.iceServers ?? noIceServers;
    this.#moves = new Moves({
      ...deps,
      session: (room, participant) => this.#feeds.get(room)?.session(participant),
    });
  }

  get edge(): string {
    return this.#deps.edge;
  }

  get counts() {
    let sessions = 0;
    for (const feed of this.#feeds.values()) sessions += feed.size;
    return { connections: this.#connections.size, sessions };
  }

  get figures(): PortalFigures {
    const connections = { owt: 0, sluice: 0 };
    for (const { protocol } of this.#connections) connections[protocol] += 1;
    const sessions = this.#sessions();
    const joined = sessions.filter(({ phase }) => phase === 'joined').length;
    return { connections, joined, away: sessions.length - joined, requests: this.#requests };
  }

  admits(address: string): boolean {
    const { maxConnections, maxWaitingPerAddress } = this.settings;
    if (this.#connections.size >= maxConnections) return false;
    return (this.#waiting.get(address) ?? 0) < maxWaitingPerAddress;
  }

  waits(address: string, waits: boolean): void {
    const count = (this.#waiting.get(address) ?? 0) + (waits ? 1 : -1);
    if (count > 0) this.#waiting.set(address, count);
    else this.#waiting.delete(address);
  }

  connect(link: Link, address: string): Connection {
    const connection = new Connection(this, link, address);
    this.#connections.add(connection);
    this.#metrics.add(edgeFamilies.connected, { protocol: link.protocol });
    return connection;
  }

  gone(connection: Connection, reason: EndReason | 'lost'): void {
    this.#connections.delete(connection);
    this.#metrics.add(edgeFamilies.disconnected, { protocol: connection.protocol, reason });
  }

  async counted<T>(verb: string, ask: () => Promise<T>): Promise<T> {
    const began = this.clock.now();
    this.#requests += 1;
    let outcome: 'ok' | ErrorCode = 'ok';
    try {
      return await ask();
    } catch (error) {
      outcome = refusalOf(error).code;
      throw error;
    } finally {
      this.#requests -= 1;
      this.#metrics.add(edgeFamilies.requests, { verb, outcome });
      this.#metrics.observe(edgeFamilies.requestSeconds, { verb }, (this.clock.now() - began) / 1000);
    }
  }

  async drain(elsewhere: OtherPortals, withinMs: number): Promise<void> {
    if (!(await elsewhere.exists())) return;
    this.#others = true;
    this.#others = await drainSessions(
      { sessions: () => this.#sessions(), elsewhere, clock: this.clock, log: this.log },
      withinMs,
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    const others = this.#others;
    for (const connection of [...this.#connections]) {
      if (connection.phase !== 'joined') connection.end(others ? 'moved' : 'shutdown');
    }
    await Promise.allSettled(this.#sessions().map((session) => session.shutdown(others)));
    this.#moves.close();
  }

  #told(origin: Origin): Pick<JoinResult, 'others'> {
    const others = this.#deps.others?.(origin) ?? [];
    return others.length === 0 ? {} : { others };
  }

  #sessions(): Session[] {
    return [...this.#feeds.values()].flatMap((feed) => feed.sessions);
  }

  async join(
    terms: LoginTerms,
    line: ActiveLine,
    acknowledge: (result: JoinResult, session: Session) => void,
  ): Promise<Session> {
    const record = await this.#deps.tokens.redeem(terms.token);
    const participant = terms.participant ?? participantId(this.#deps.random);
    const keepMs = terms.keepMs ?? this.settings.keepMs;
    const { protocol } = terms;
    const [ticket, ice] = await Promise.all([
      this.#deps.tickets.issue({ participant, room: record.room, protocol, keepMs }),
      this.#iceServers({ room: record.room, user: participant, region: record.origin.region }),
    ]);
    const room = await this.#enter(record, participant);
    // From here to the acknowledgement nothing may wait: what the client is told is this very state.
    const me = room.state.participants.get(participant);
    if (me === undefined) throw earlyLeft();
    const session = this.#begin(room, participant, line, keepMs);
    if (!line.alive) {
      session.abandon();
      throw earlyLeft();
    }
    line.began(session);
    const { user, role } = record;
    const result = {
      participant: { id: participant, user, role },
      permission: me.permission,
      room: roomView(room.state),
      ticket,
      keepMs,
      epoch: room.epoch,
      ...ice,
      ...this.#told(record.origin),
    };
    try {
      acknowledge(result, session);
    } catch (error) {
      // The client will never know that it is there.
      session.abandon();
      throw error;
    }
    return session;
  }

  async resume(
    terms: ResumeTerms,
    line: ActiveLine,
    acknowledge: (result: ResumeResult, session: Session) => void,
  ): Promise<Session> {
    const { protocol } = line;
    try {
      const { session, moved } = await this.#resume(terms, line, acknowledge);
      this.#metrics.add(edgeFamilies.resumes, { protocol, outcome: moved ? 'moved' : 'here' });
      return session;
    } catch (error) {
      this.#metrics.add(edgeFamilies.resumes, { protocol, outcome: 'refused' });
      throw error;
    }
  }

  async #resume(
    terms: ResumeTerms,
    line: ActiveLine,
    acknowledge: (result: ResumeResult, session: Session) => void,
  ): Promise<{ readonly session: Session; readonly moved: boolean }> {
    const { edge, tickets } = this.#deps;
    const claims = await tickets.open(terms.ticket);
    const { participant } = claims;
    const room = await this.#openForResume(claims.room);
    const { edge: holder, origin } = room.state.participants.get(participant) ?? {};
    const region = origin?.region ?? '';
    const [ticket, ice] = await Promise.all([
      tickets.issue(claims),
      this.#iceServers({ room: room.id, user: participant, region }),
    ]);
    // A client that has given this connection up may be back by another one, which is not to be disturbed.
    mustLive(line);
    const session = await this.#sessionHere(room, claims, terms.position);
    mustLive(line);
    if (session.keepMs === 0) throw new SluiceError('forbidden', 'Reconnection is not allowed');
    await session.settle();
    // From here to the acknowledgement nothing may wait: what the client is told is this very state.
    const me = room.state.participants.get(participant);
    if (me?.edge !== edge || session.phase === 'ended') throw noSuchClient();
    mustLive(line);
    const left = terms.position ?? terms.recall?.(session);
    const found = left === undefined ? undefined : foundAgain(session, left);
    if (found === undefined && terms.otherwise === 'refuse') {
      session.abandon();
      throw noSuchClient();
    }
    line.began(session);
    acknowledge(
      {
        ticket,
        epoch: room.epoch,
        lastCid: me.lastCid,
        ...ice,
        ...this.#told(me.origin),
        ...(found === undefined ? { room: roomView(room.state) } : {}),
      },
      session,
    );
    if (found?.first !== undefined) line.deliver(found.first);
    session.adopt(line, found?.seq ?? room.state.seq);
    return { session, moved: holder !== edge };
  }

  async renew(session: Session): Promise<string> {
    const { participant, room, keepMs, owed } = session;
    return this.#deps.tickets.issue({ participant, room: room.id, protocol: owed?.mail?.version, keepMs });
  }

  /**
   * The session of a participant of the room, brought here if it is elsewhere: from then on this edge keeps it. Rejects
   * with SluiceError `not-found`.
   */
  async #sessionHere(room: LiveRoom, claims: TicketClaims, position: Position | undefined): Promise<Session> {
    const { edge } = this.#deps;
    const { participant, keepMs = this.settings.keepMs } = claims;
    for (let attempts = 0; attempts < maxAttaches; attempts++) {
      const holder = room.state.participants.get(participant)?.edge;
      if (holder === undefined) throw noSuchClient();
      if (holder === edge) {
        return (
          this.#feeds.get(room.id)?.session(participant) ?? this.#begin(room, participant, undefined, keepMs)
        );
      }
      const outcome = await room.execute({ type: 'attach', participant, edge, from: holder });
      if (!outcome.ok) continue;
      const session = this.#begin(room, participant, undefined, keepMs);
      // Who counts and finds its place here needs nothing of the other edge.
      if (position !== undefined && isKnown(room, position)) return session;
      const move = { session, claims, holder, seq: outcome.seq, after: position };
      session.arrive(this.#moves.bring(move));
      return session;
    }
    throw noSuchClient();
  }

  #begin(room: LiveRoom, participant: string, line: ActiveLine | undefined, keepMs: number): Session {
    const { edge, clock, log } = this.#deps;
    const { settings } = this;
    const feed = this.#feedOf(room);
    const iceServers = this.#iceServers;
    const ended = (session: Session, moved: boolean) => {
      feed.remove(session);
      if (moved) this.#moves.departed(session);
    };
    const session = new Session(
      { room, participant, edge, clock, log, settings, iceServers, keepMs, ended },
      line,
    );
    feed.add(session);
    return session;
  }

  #feedOf(room: LiveRoom): RoomFeed {
    const present = this.#feeds.get(room.id);
    if (present?.room === room) return present;
    const feed: RoomFeed = new RoomFeed(room, () => {
      if (this.#feeds.get(room.id) === feed) this.#feeds.delete(room.id);
    });
    this.#feeds.set(room.id, feed);
    return feed;
  }

  /** Makes a participant of the room's present life. Rejects with SluiceError. */
  async #enter({ room: id, user, role, origin, entry }: Redeemed, participant: string): Promise<LiveRoom> {
    const { edge } = this.#deps;
    for (let attempts = 0; attempts < maxLives; attempts++) {
      const room = await this.#openForJoin(id, attempts === 0 ? entry : undefined);
      const join = { type: 'join', participant, user, role, origin, edge } as const;
      try {
        const outcome = await room.execute(join);
        if (outcome.ok) return room;
        const { code, message } = outcome.refusal;
        // It closed in the meantime: who comes at that moment begins its next life.
        if (code !== 'room-not-found') throw new SluiceError(code, message);
      } catch (error) {
        if (error instanceof SluiceError && error.code !== 'unavailable') throw error;
        // Whether it got into the log is not known.
        this.#putOut(room, participant);
        throw joiningFailed(error);
      }
    }
    throw joiningFailed();
  }

  /** Makes sure that somebody who was told that it did not come in is not in the room, again until that is known. */
  #putOut(room: LiveRoom, participant: string, attempt = 1): void {
    const { edge, clock, log } = this.#deps;
    room.execute({ type: 'expire', participant, edge }).catch((error: unknown) => {
      if (this.#closed) return;
      if (attempt < maxPutOuts)
        clock.after(putOutAgainMs, () => this.#putOut(room, participant, attempt + 1));
      else
        log.error('a participant that did not come in may be in the room', {
          room: room.id,
          participant,
          error,
        });
    });
  }

  async #openForJoin(room: string, entry: RoomEntry | undefined): Promise<LiveRoom> {
    try {
      return await this.#deps.rooms.open(room, entry);
    } catch (error) {
      throw joiningFailed(error);
    }
  }

  async #openForResume(room: string): Promise<LiveRoom> {
    try {
      return await this.#deps.rooms.open(room);
    } catch (error) {
      // It may well exist: it is to come again.
      if (error instanceof SluiceError && error.code === 'unavailable') throw error;
      throw new SluiceError('not-found', 'Client does NOT exist', error);
    }
  }
}

function mustLive(line: ActiveLine): void {
  if (!line.alive) throw earlyLeft();
}

function joiningFailed(cause?: unknown): SluiceError {
  return new SluiceError('operation-failed', 'Joining room failed', cause);
}

function earlyLeft(): SluiceError {
  return new SluiceError('operation-failed', 'Participant early left');
}

/**
 * Where the notices for a returning client begin: at `seq` of the room's history here, after what was handed over.
 * Undefined when what it missed is no longer known.
 */
function foundAgain(
  { room, owed }: Session,
  left: Position,
): { readonly seq: number; readonly first?: Delivery } | undefined {
  if (isKnown(room, left)) return { seq: left.seq };
  const after = owed?.after;
  if (owed === undefined || after?.seq !== left.seq || after.epoch !== left.epoch) return undefined;
  const { seq } = owed.position;
  return room.since(seq, owed.position.epoch) && { seq, first: { seq, notices: owed.backlog } };
}

function isKnown(room: LiveRoom, { seq, epoch }: Position): boolean {
  return room.since(seq, epoch) !== undefined;
}
