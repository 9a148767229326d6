// Owns the tracks of one room on one link: converging them to what the room's document says, and to which sources the other
// end says it has.
import type {
  DesiredLink,
  LinkCounters,
  LinkedSource,
  LinkedTrack,
  LinkedTrackStats,
} from '../../schemas/link.ts';
import type { Router } from '../routing/router.ts';
import type { SourceFeedback } from '../routing/source.ts';
import { addCounters, noCounters } from './counters.ts';
import { IncomingTrack } from './incoming-track.ts';
import { OutgoingTrack, type LinkOutlet } from './outgoing-track.ts';

export interface RoomTracksOptions {
  readonly room: string;
  readonly router: Router;
  readonly outlet: LinkOutlet;
  readonly feedback: SourceFeedback;
  /** What goes out is said otherwise than before, or what comes in is another source or under another SSRC. */
  readonly changed: (what: 'outgoing' | 'incoming') => void;
}

export class RoomTracks {
  readonly outgoing = new Map<string, OutgoingTrack>();
  readonly incoming = new Map<string, IncomingTrack>();
  /** What tracks that are gone have counted. */
  sentBefore: LinkCounters = noCounters;
  receivedBefore: LinkCounters = noCounters;
  readonly #options: RoomTracksOptions;
  #told: ReadonlyMap<string, LinkedSource> = new Map();

  constructor(options: RoomTracksOptions) {
    this.#options = options;
  }

  /** What goes out at present. */
  get sources(): LinkedSource[] {
    return [...this.outgoing.values()].flatMap(({ described }) => described ?? []);
  }

  want({ incoming, outgoing }: Pick<DesiredLink, 'incoming' | 'outgoing'>, nowMs: number): void {
    this.#wantOutgoing(outgoing, nowMs);
    this.#wantIncoming(incoming, nowMs);
  }

  /** The other end's whole list of sources. */
  follow(sources: readonly LinkedSource[], nowMs: number): void {
    this.#told = new Map(sources.map((source) => [source.track, source]));
    for (const [track, incoming] of this.incoming) incoming.follow(this.#told.get(track), nowMs);
    this.#options.changed('incoming');
  }

  /** The connection is another one: all SSRCs are new, and the other end will say again what it has. */
  restart(nowMs: number): void {
    this.#told = new Map();
    for (const track of this.outgoing.values()) track.restart(nowMs);
  }

  stats(): { readonly outgoing: LinkedTrackStats[]; readonly incoming: LinkedTrackStats[] } {
    return {
      outgoing: [...this.outgoing.values()].map((track) => track.counters()),
      incoming: [...this.incoming.values()].map((track) => track.counters()),
    };
  }

  close(): void {
    for (const track of [...this.outgoing.values()]) this.#endOutgoing(track);
    for (const track of [...this.incoming.values()]) this.#endIncoming(track);
  }

  #wantOutgoing(wanted: readonly LinkedTrack[], nowMs: number): void {
    const ids = new Set(wanted.map(({ track }) => track));
    for (const [id, track] of this.outgoing) if (!ids.has(id)) this.#endOutgoing(track);
    const { room, router, outlet } = this.#options;
    const changed = (): void => {
      this.#options.changed('outgoing');
    };
    for (const track of ids) {
      if (this.outgoing.has(track)) continue;
      this.outgoing.set(track, new OutgoingTrack({ room, track, router, outlet, changed }, nowMs));
    }
  }

  #wantIncoming(wanted: readonly LinkedTrack[], nowMs: number): void {
    const ids = new Set(wanted.map(({ track }) => track));
    for (const [id, track] of this.incoming) if (!ids.has(id)) this.#endIncoming(track);
    const { room, router, feedback, changed } = this.#options;
    for (const id of ids) {
      if (this.incoming.has(id)) continue;
      const track = new IncomingTrack({ room, track: id, router, feedback });
      this.incoming.set(id, track);
      track.follow(this.#told.get(id), nowMs);
      changed('incoming');
    }
  }

  #endOutgoing(track: OutgoingTrack): void {
    this.sentBefore = addCounters(this.sentBefore, track.counters());
    this.outgoing.delete(track.track);
    track.close();
    this.#options.changed('outgoing');
  }

  #endIncoming(track: IncomingTrack): void {
    this.receivedBefore = addCounters(this.receivedBefore, track.counters());
    this.incoming.delete(track.track);
    track.close();
    this.#options.changed('incoming');
  }
}
