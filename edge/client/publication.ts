// Owns one published stream as the page sees it: its tracks, muting, replacing and stopping. It knows no peer
// connection: `peer-link.ts` lends it senders and brings it back after a failure.
import type { TrackSource } from '../../schemas/media.ts';
import type { MediaChoice } from '../../schemas/request.ts';
import { SluiceError } from '../../schemas/error.ts';
import { Emitter } from './emitter.ts';
import type { VideoCodec } from './codec-preference.ts';
import { stopped } from './session-state.ts';
import type { SessionState } from './session-state.ts';

export type MediaKind = 'audio' | 'video';

export interface PublishOptions {
  /** Where the tracks come from; by default `mic` and `camera`. */
  readonly audioSource?: TrackSource;
  readonly videoSource?: TrackSource;
  /** Offered first; the room decides. */
  readonly videoCodec?: VideoCodec;
  /** Layers `q`, `h` and `f`: a quarter, a half and the full size. */
  readonly simulcast?: boolean;
  /** Upper bound of the whole video in bit/s. */
  readonly maxVideoBitrateBps?: number;
  /** Shown to everybody in the stream's info. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** What a publication needs of the link that carries it. */
export interface PublicationCarrier {
  unpublish(publication: Publication): void;
  control(session: string, operation: 'pause' | 'play', data: MediaChoice): Promise<void>;
}

export interface PublicationEvents {
  state: SessionState;
  muted: { readonly kind: MediaKind; readonly muted: boolean };
}

export class Publication {
  readonly events = new Emitter<PublicationEvents>();
  readonly options: PublishOptions;
  readonly #carrier: PublicationCarrier;
  readonly #tracks = new Map<MediaKind, MediaStreamTrack>();
  readonly #senders = new Map<MediaKind, RTCRtpSender>();
  readonly #muted = new Set<MediaKind>();
  #state: SessionState = { phase: 'connecting' };

  constructor(carrier: PublicationCarrier, media: MediaStream, options: PublishOptions) {
    this.#carrier = carrier;
    this.options = options;
    for (const track of [media.getAudioTracks()[0], media.getVideoTracks()[0]])
      if (track !== undefined) this.#tracks.set(kindOf(track), track);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The session's and stream's id at the server; changes when the publication had to be made anew. */
  get id(): string | undefined {
    return this.#state.phase === 'live' ? this.#state.id : undefined;
  }

  get tracks(): ReadonlyMap<MediaKind, MediaStreamTrack> {
    return this.#tracks;
  }

  isMuted(kind: MediaKind): boolean {
    return this.#muted.has(kind);
  }

  /** Sends silence or black from now on and tells the room. */
  async mute(kind: MediaKind): Promise<void> {
    await this.#setMuted(kind, true);
  }

  async unmute(kind: MediaKind): Promise<void> {
    await this.#setMuted(kind, false);
  }

  /** Sends another track of the same kind without negotiating; it takes over the muting. */
  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    const kind = kindOf(track);
    if (!this.#tracks.has(kind)) throw new SluiceError('bad-request', `The publication has no ${kind}`);
    track.enabled = !this.#muted.has(kind);
    this.#tracks.set(kind, track);
    await this.#senders.get(kind)?.replaceTrack(track);
  }

  /** Ends the publication. Its tracks go on living: they are the page's. Idempotent. */
  stop(): void {
    if (this.#state.phase === 'ended') return;
    this.#carrier.unpublish(this);
    this.enter({ phase: 'ended', reason: stopped });
  }

  /** For the link: the senders that carry the tracks from now on. */
  carriedBy(senders: ReadonlyMap<MediaKind, RTCRtpSender>): void {
    this.#senders.clear();
    for (const [kind, sender] of senders) this.#senders.set(kind, sender);
  }

  /** For the link: what became of the session. A mute outlives the session it was made on. */
  enter(state: SessionState): void {
    if (this.#state.phase === 'ended') return;
    this.#state = state;
    if (state.phase === 'live')
      for (const kind of this.#muted) this.#carrier.control(state.id, 'pause', kind).catch(() => undefined);
    this.events.emit('state', state);
  }

  async #setMuted(kind: MediaKind, muted: boolean): Promise<void> {
    const track = this.#tracks.get(kind);
    if (track === undefined || this.#muted.has(kind) === muted) return;
    if (muted) this.#muted.add(kind);
    else this.#muted.delete(kind);
    track.enabled = !muted;
    this.events.emit('muted', { kind, muted });
    if (this.#state.phase === 'live')
      await this.#carrier.control(this.#state.id, muted ? 'pause' : 'play', kind);
  }
}

function kindOf(track: MediaStreamTrack): MediaKind {
  return track.kind === 'audio' ? 'audio' : 'video';
}
