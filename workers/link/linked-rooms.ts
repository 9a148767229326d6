// Owns the rooms that use a link, for as long as each needs it: their tracks, what the other end has told of them, the homes
// by which the two workers reach each other, and what all of it has counted. It outlives connections.
import type { DesiredLink, LinkedSource, LinkStats } from '../../schemas/link.ts';
import type { Router } from '../routing/router.ts';
import type { SourceFeedback } from '../routing/source.ts';
import { addCounters, noCounters } from './counters.ts';
import type { LinkOutlet } from './outgoing-track.ts';
import { RoomTracks } from './room-tracks.ts';

export interface LinkedRoomsOptions {
  readonly outlet: LinkOutlet;
  readonly feedback: SourceFeedback;
  /** As that of RoomTracks. */
  readonly changed: (room: string, what: 'outgoing' | 'incoming') => void;
}

const maxToldRooms = 10_000;

export class LinkedRooms {
  readonly #options: LinkedRoomsOptions;
  readonly #rooms = new Map<string, RoomTracks>();
  /** Of the rooms: the two workers reach each other in any of them. */
  readonly #homes = new Map<string, string | undefined>();
  /** What the other end told over this connection, of rooms too that have no tracks here (yet). */
  readonly #told = new Map<string, readonly LinkedSource[]>();
  #sentBefore = noCounters;
  #receivedBefore = noCounters;

  constructor(options: LinkedRoomsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#rooms.size;
  }

  get tracks(): Iterable<RoomTracks> {
    return this.#rooms.values();
  }

  get homes(): readonly (string | undefined)[] {
    return [...new Set(this.#homes.values())];
  }

  /** What goes out at present for the room. */
  sources(room: string): LinkedSource[] {
    return this.#rooms.get(room)?.sources ?? [];
  }

  /** Follows the document of a room with that home. */
  want(room: string, home: string | undefined, router: Router, wanted: DesiredLink, nowMs: number): void {
    this.#homes.set(room, home);
    const known = this.#rooms.get(room);
    if (known) known.want(wanted, nowMs);
    else this.#begin(room, router, wanted, nowMs);
  }

  /** The room needs nothing of the link any more. */
  forget(room: string): void {
    const tracks = this.#rooms.get(room);
    if (!tracks) return;
    this.#rooms.delete(room);
    this.#homes.delete(room);
    tracks.close();
    this.#sentBefore = addCounters(this.#sentBefore, tracks.sentBefore);
    this.#receivedBefore = addCounters(this.#receivedBefore, tracks.receivedBefore);
  }

  /** The other end's whole list of the room's sources. */
  learn(room: string, sources: readonly LinkedSource[], nowMs: number): void {
    if (sources.length === 0) this.#told.delete(room);
    else if (this.#told.has(room) || this.#told.size < maxToldRooms) this.#told.set(room, sources);
    this.#rooms.get(room)?.follow(sources, nowMs);
  }

  /** A new connection is being made: what was told over the one before counts no more. */
  unlearn(): void {
    this.#told.clear();
  }

  /** The connection is another one. Returns the rooms whose sources the other end is to be told. */
  restart(nowMs: number): Iterable<string> {
    for (const tracks of this.#rooms.values()) tracks.restart(nowMs);
    return this.#rooms.keys();
  }

  /** By track, and in all, those that are gone included. */
  stats(): Pick<LinkStats, 'sent' | 'received' | 'outgoing' | 'incoming'> {
    const rooms = [...this.#rooms.values()];
    const tracks = rooms.map((room) => room.stats());
    const outgoing = tracks.flatMap((room) => room.outgoing);
    const incoming = tracks.flatMap((room) => room.incoming);
    const sentBefore = rooms.map((room) => room.sentBefore).reduce(addCounters, this.#sentBefore);
    const receivedBefore = rooms.map((room) => room.receivedBefore).reduce(addCounters, this.#receivedBefore);
    return {
      sent: outgoing.reduce(addCounters, sentBefore),
      received: incoming.reduce(addCounters, receivedBefore),
      outgoing,
      incoming,
    };
  }

  close(): void {
    for (const room of [...this.#rooms.keys()]) this.forget(room);
  }

  #begin(room: string, router: Router, wanted: DesiredLink, nowMs: number): void {
    const { outlet, feedback, changed } = this.#options;
    const tracks = new RoomTracks({ room, router, outlet, feedback, changed: (what) => changed(room, what) });
    this.#rooms.set(room, tracks);
    tracks.want(wanted, nowMs);
    const told = this.#told.get(room);
    if (told) tracks.follow(told, nowMs);
  }
}
