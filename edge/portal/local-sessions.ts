// Owns the sessions of an edge, by room: how they begin, how those of other edges are brought here, and how they end. What
// one is and does is `session.ts`; what edges say to each other meanwhile is `moves.ts`.
import type { Bus } from '../../schemas/bus.ts';
import type { Clock, Log } from '../clock.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { LiveRoom } from '../rooms/live-room.ts';
import type { IceServersFor } from '../tokens/ice-servers.ts';
import type { TicketClaims } from '../tokens/ticket.ts';
import { Moves } from './moves.ts';
import { noSuchClient } from './no-such-client.ts';
import { isKnown, type Position } from './position.ts';
import { RoomFeed } from './room-feed.ts';
import { type Line, Session } from './session.ts';
import type { PortalSettings } from './settings.ts';

export interface LocalSessionsDeps {
  /** By which edges hand participants over to each other. */
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** This edge's id. */
  readonly edge: string;
  readonly settings: PortalSettings;
  readonly iceServers: IceServersFor;
  readonly metrics?: Metrics;
}

/** A participant that somebody else moves at the same time is looked for again. */
const maxAttaches = 8;

export class LocalSessions {
  readonly #deps: LocalSessionsDeps;
  /** By room, while there is a session in it. */
  readonly #feeds = new Map<string, RoomFeed>();
  readonly #moves: Moves;

  constructor(deps: LocalSessionsDeps) {
    this.#deps = deps;
    this.#moves = new Moves({ ...deps, session: (room, participant) => this.#find(room, participant) });
  }

  get size(): number {
    let size = 0;
    for (const feed of this.#feeds.values()) size += feed.size;
    return size;
  }

  get all(): readonly Session[] {
    return [...this.#feeds.values()].flatMap((feed) => feed.sessions);
  }

  /** Of a participant that is in the room's state already: joined by `line`, or away. */
  begin(room: LiveRoom, participant: string, line: Line | undefined, keepMs: number): Session {
    const { edge, clock, log, settings, iceServers } = this.#deps;
    const feed = this.#feedOf(room);
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

  /**
   * The session of a participant of the room, brought here if it is elsewhere: from then on this edge keeps it. Rejects
   * with SluiceError `not-found`.
   */
  async bring(room: LiveRoom, claims: TicketClaims, position: Position | undefined): Promise<Session> {
    const { edge, settings } = this.#deps;
    const { participant, keepMs = settings.keepMs } = claims;
    for (let attempts = 0; attempts < maxAttaches; attempts++) {
      const holder = room.state.participants.get(participant)?.edge;
      if (holder === undefined) throw noSuchClient();
      if (holder === edge) {
        return this.#find(room.id, participant) ?? this.begin(room, participant, undefined, keepMs);
      }
      const outcome = await room.execute({ type: 'attach', participant, edge, from: holder });
      if (!outcome.ok) continue;
      const session = this.begin(room, participant, undefined, keepMs);
      // Who counts and finds its place here needs nothing of the other edge.
      if (position !== undefined && isKnown(room, position)) return session;
      const move = { session, claims, holder, seq: outcome.seq, after: position };
      session.arrive(this.#moves.bring(move));
      return session;
    }
    throw noSuchClient();
  }

  /** Other edges are not answered any more. The sessions are ended by whoever closes the portal. */
  close(): void {
    this.#moves.close();
  }

  #find(room: string, participant: string): Session | undefined {
    return this.#feeds.get(room)?.session(participant);
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
}
