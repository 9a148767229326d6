// Owns the session core: connections that join rooms by token or return to them by ticket. Coming in is `entrance.ts`,
// who is here `local-sessions.ts`; wire forms are the gateways'.
import type { Bus } from '../../schemas/bus.ts';
import { refusalOf, SluiceError, type ErrorCode } from '../../schemas/error.ts';
import type { Origin } from '../../schemas/room.ts';
import type { GivenTicket, JoinResult, ResumeResult } from '../../schemas/signal.ts';
import type { Clock, Log, Random } from '../clock.ts';
import type { OtherPortals } from '../cluster/other-portals.ts';
import { edgeFamilies } from '../metrics/edge-families.ts';
import { type Metrics, noMetrics } from '../metrics/metrics.ts';
import type { Rooms } from '../rooms/live-room.ts';
import { roomView } from '../rooms/stream-info.ts';
import type { IceServersFor } from '../tokens/ice-servers.ts';
import { ticketLifetimeMs as ticketMs } from '../tokens/key-kind.ts';
import type { PortalAddress } from '../tokens/portal-address.ts';
import type { Tickets } from '../tokens/ticket.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { Connection, type ActiveLine, type Front, type LoginTerms, type ResumeTerms } from './connection.ts';
import { participantId } from './ids.ts';
import type { Delivery } from './delivery.ts';
import { drainSessions } from './drain.ts';
import { Entrance } from './entrance.ts';
import type { EndReason, Link, Protocol } from './link.ts';
import { LocalSessions } from './local-sessions.ts';
import { noSuchClient } from './no-such-client.ts';
import { isKnown, type Position } from './position.ts';
import type { Session } from './session.ts';
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

const noIceServers: IceServersFor = () => Promise.resolve({ iceServers: [] });

class RoomPortal implements Portal, Front {
  readonly settings: PortalSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly #deps: PortalDeps;
  readonly #connections = new Set<Connection>();
  /** By address. */
  readonly #waiting = new Map<string, number>();
  readonly #sessions: LocalSessions;
  readonly #entrance: Entrance;
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
    this.#sessions = new LocalSessions({ ...deps, settings: this.settings, iceServers: this.#iceServers });
    this.#entrance = new Entrance(deps);
  }

  get edge(): string {
    return this.#deps.edge;
  }

  get counts() {
    return { connections: this.#connections.size, sessions: this.#sessions.size };
  }

  get figures(): PortalFigures {
    const connections = { owt: 0, sluice: 0 };
    for (const { protocol } of this.#connections) connections[protocol] += 1;
    const sessions = this.#sessions.all;
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
      { sessions: () => this.#sessions.all, elsewhere, clock: this.clock, log: this.log },
      withinMs,
    );
  }

  async close(): Promise<void> {
    this.#entrance.close();
    const others = this.#others;
    for (const connection of [...this.#connections]) {
      if (connection.phase !== 'joined') connection.end(others ? 'moved' : 'shutdown');
    }
    await Promise.allSettled(this.#sessions.all.map((session) => session.shutdown(others)));
    this.#sessions.close();
  }

  #told(origin: Origin): Pick<JoinResult, 'others'> {
    const others = this.#deps.others?.(origin) ?? [];
    return others.length === 0 ? {} : { others };
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
    const room = await this.#entrance.enter(record, participant);
    // From here to the acknowledgement nothing may wait: what the client is told is this very state.
    const me = room.state.participants.get(participant);
    if (me === undefined) throw earlyLeft();
    const session = this.#sessions.begin(room, participant, line, keepMs);
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
      ticketMs,
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
    const room = await this.#entrance.reopen(claims.room);
    const { edge: holder, origin } = room.state.participants.get(participant) ?? {};
    const region = origin?.region ?? '';
    const [ticket, ice] = await Promise.all([
      tickets.issue(claims),
      this.#iceServers({ room: room.id, user: participant, region }),
    ]);
    // A client that has given this connection up may be back by another one, which is not to be disturbed.
    mustLive(line);
    const session = await this.#sessions.bring(room, claims, terms.position);
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
    if (found === undefined) {
      const { epoch, state } = room;
      const here = { epoch, seq: state.seq };
      this.#deps.log.info('a client is shown the room anew: what it missed is not known any more', {
        ...{ room: room.id, participant, ...here, leftEpoch: left?.epoch, leftSeq: left?.seq },
      });
    }
    line.began(session);
    acknowledge(
      {
        ticket,
        ticketMs,
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

  async renew(session: Session): Promise<GivenTicket> {
    const { participant, room, keepMs, owed } = session;
    const claims = { participant, room: room.id, protocol: owed?.mail?.version, keepMs };
    return { ticket: await this.#deps.tickets.issue(claims), ticketMs };
  }
}

function mustLive(line: ActiveLine): void {
  if (!line.alive) throw earlyLeft();
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
