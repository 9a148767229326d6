// Owns the session core: connections that join rooms by token or return to them by ticket. Wire forms are the gateways'.
import { SluiceError } from '../../schemas/error.ts';
import type { TokenClaims } from '../../schemas/management.ts';
import type { JoinResult, ResumeResult } from '../../schemas/signal.ts';
import type { Clock, Log, Random } from '../clock.ts';
import type { LiveRoom, Rooms } from '../rooms/live-room.ts';
import { roomView } from '../rooms/stream-info.ts';
import type { Tickets } from '../tokens/ticket.ts';
import {
  Connection,
  type ActiveLine,
  type Front,
  type LoginTerms,
  type Position,
  type ResumeTerms,
} from './connection.ts';
import { participantId } from './ids.ts';
import type { Link } from './link.ts';
import { RoomFeed } from './room-feed.ts';
import { Session } from './session.ts';
import { defaultSettings, type PortalSettings } from './settings.ts';

export interface PortalDeps {
  readonly rooms: Rooms;
  readonly tokens: { redeem(token: string): Promise<TokenClaims> };
  readonly tickets: Tickets;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** This edge's id. */
  readonly edge: string;
  readonly settings?: Partial<PortalSettings>;
}

export interface Portal {
  readonly settings: PortalSettings;
  readonly clock: Clock;
  readonly log: Log;
  /** Begins a connection's life; it must join in time. */
  connect(link: Link): Connection;
  /** Ends every connection. Clients that can come back to another edge keep their participation. */
  close(): Promise<void>;
  /** For statistics. */
  readonly counts: { readonly connections: number; readonly sessions: number };
}

export function createPortal(deps: PortalDeps): Portal {
  return new RoomPortal(deps);
}

const noSuchClient = () => new SluiceError('not-found', 'Client does NOT exist');

class RoomPortal implements Portal, Front {
  readonly settings: PortalSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly #deps: PortalDeps;
  readonly #connections = new Set<Connection>();
  readonly #feeds = new Map<string, RoomFeed>();

  constructor(deps: PortalDeps) {
    this.#deps = deps;
    this.clock = deps.clock;
    this.log = deps.log;
    this.settings = { ...defaultSettings, ...deps.settings };
  }

  get loginMs(): number {
    return this.settings.loginMs;
  }

  get counts() {
    let sessions = 0;
    for (const feed of this.#feeds.values()) sessions += feed.size;
    return { connections: this.#connections.size, sessions };
  }

  connect(link: Link): Connection {
    const connection = new Connection(this, link);
    this.#connections.add(connection);
    return connection;
  }

  gone(connection: Connection): void {
    this.#connections.delete(connection);
  }

  async close(): Promise<void> {
    const sessions = [...this.#feeds.values()].flatMap((feed) => feed.sessions);
    for (const connection of [...this.#connections]) {
      if (connection.phase !== 'joined') connection.end('shutdown');
    }
    await Promise.allSettled(sessions.map((session) => session.shutdown()));
  }

  async join(
    terms: LoginTerms,
    line: ActiveLine,
    acknowledge: (result: JoinResult, session: Session) => void,
  ): Promise<Session> {
    const record = await this.#deps.tokens.redeem(terms.token);
    const participant = terms.participant ?? participantId(this.#deps.random);
    const ticket = await this.#deps.tickets.issue({ participant, room: record.room });
    const room = await this.#openForJoin(record.room);
    const { user, role, origin } = record;
    const outcome = await room.execute({
      type: 'join',
      participant,
      user,
      role,
      origin,
      edge: this.#deps.edge,
    });
    if (!outcome.ok) throw new SluiceError(outcome.refusal.code, outcome.refusal.message);
    // From here to the acknowledgement nothing may wait: what the client is told is this very state.
    const me = room.state.participants.get(participant);
    if (me === undefined) throw earlyLeft();
    const keepMs = terms.keepMs ?? this.settings.keepMs;
    const session = this.#begin(room, participant, line, keepMs);
    if (!line.alive) {
      session.abandon();
      throw earlyLeft();
    }
    line.began(session);
    acknowledge(
      {
        participant: { id: participant, user, role },
        permission: me.permission,
        room: roomView(room.state),
        ticket,
        keepMs,
        epoch: room.epoch,
        iceServers: this.settings.iceServers,
      },
      session,
    );
    return session;
  }

  async resume(
    terms: ResumeTerms,
    line: ActiveLine,
    acknowledge: (result: ResumeResult, session: Session) => void,
  ): Promise<Session> {
    const { edge, tickets } = this.#deps;
    const claims = await tickets.open(terms.ticket);
    const { participant } = claims;
    const room = await this.#openForResume(claims.room);
    const ticket = await tickets.issue(claims);
    if (room.state.participants.get(participant)?.edge !== edge) {
      const outcome = await room.execute({ type: 'attach', participant, edge });
      if (!outcome.ok) throw noSuchClient();
    }
    // From here to the acknowledgement nothing may wait: what the client is told is this very state.
    const me = room.state.participants.get(participant);
    if (me?.edge !== edge) throw noSuchClient();
    const held = this.#feeds.get(room.id)?.session(participant);
    if (!line.alive) {
      if (held === undefined) this.#begin(room, participant, line, this.settings.keepMs).lost(line);
      throw earlyLeft();
    }
    const position = terms.from(held) ?? { seq: room.state.seq, epoch: room.epoch };
    const known = isKnown(room, position);
    if (!known && terms.otherwise === 'refuse') throw noSuchClient();
    const session = held ?? this.#begin(room, participant, line, this.settings.keepMs);
    line.began(session);
    acknowledge(
      {
        ticket,
        epoch: room.epoch,
        lastCid: me.lastCid,
        ...(known ? {} : { room: roomView(room.state) }),
      },
      session,
    );
    session.adopt(line, known ? position.seq : room.state.seq);
    return session;
  }

  async renew(session: Session): Promise<string> {
    return this.#deps.tickets.issue({ participant: session.participant, room: session.room.id });
  }

  #begin(room: LiveRoom, participant: string, line: ActiveLine, keepMs: number): Session {
    const { edge, clock, log } = this.#deps;
    const { settings } = this;
    const feed = this.#feedOf(room);
    const session = new Session(
      { room, participant, edge, clock, log, settings, keepMs, ended: (ended) => feed.remove(ended) },
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

  async #openForJoin(room: string): Promise<LiveRoom> {
    try {
      return await this.#deps.rooms.open(room);
    } catch (error) {
      throw new SluiceError('operation-failed', 'Joining room failed', error);
    }
  }

  async #openForResume(room: string): Promise<LiveRoom> {
    try {
      return await this.#deps.rooms.open(room);
    } catch (error) {
      throw new SluiceError('not-found', 'Client does NOT exist', error);
    }
  }
}

function earlyLeft(): SluiceError {
  return new SluiceError('operation-failed', 'Participant early left');
}

function isKnown(room: LiveRoom, position: Position): boolean {
  return position.seq <= room.state.seq && room.since(position.seq, position.epoch) !== undefined;
}
