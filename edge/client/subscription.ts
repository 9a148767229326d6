// Owns one subscribed stream as the page sees it: a MediaStream that stays the same object through recoveries, pausing,
// choosing a simulcast layer, stopping. It knows no peer connection: `peer-link.ts` fills it.
import type { AudioFormat, VideoFormat } from '../../schemas/media.ts';
import type { StreamInfo } from '../../schemas/stream.ts';
import type { MediaChoice, WantedParameters } from '../../schemas/request.ts';
import { SluiceError } from '../../schemas/error.ts';
import { Emitter } from './emitter.ts';
import type { MediaKind } from './publication.ts';
import { stopped } from './session-state.ts';
import type { SessionState } from './session-state.ts';

export interface SubscribeOptions {
  /** False leaves the kind out. */
  readonly audio?: boolean;
  readonly video?: boolean;
  /** A track id of the stream: one simulcast layer. */
  readonly layer?: string;
  /**
   * To have it in: the stream's own codec or one that it lists as optional. The stream's own by default, or whatever the
   * browser can take where it cannot take that. It stays for the life of the subscription.
   */
  readonly audioCodec?: AudioFormat['codec'];
  readonly videoCodec?: VideoFormat['codec'];
  /** Size in pixels, frames/s, a share of the bitrate such as `x0.8`, key frame interval in seconds. */
  readonly parameters?: WantedParameters;
}

export interface VideoChange {
  readonly from?: string;
  readonly parameters?: WantedParameters;
}

/** What a subscription needs of the link that carries it. */
export interface SubscriptionCarrier {
  unsubscribe(subscription: Subscription): void;
  control(session: string, operation: 'pause' | 'play', data: MediaChoice): Promise<void>;
  update(session: string, video: VideoChange): Promise<void>;
}

export interface SubscriptionEvents {
  state: SessionState;
  /** Tracks came or went in `media`. */
  media: MediaStream;
}

export class Subscription {
  readonly events = new Emitter<SubscriptionEvents>();
  readonly stream: StreamInfo;
  readonly media = new MediaStream();
  readonly #carrier: SubscriptionCarrier;
  #options: SubscribeOptions;
  #state: SessionState = { phase: 'connecting' };
  readonly #paused = new Set<MediaKind>();
  /** Asked for while no session was up that could be told. */
  #untold: VideoChange | undefined;

  constructor(carrier: SubscriptionCarrier, stream: StreamInfo, options: SubscribeOptions) {
    this.#carrier = carrier;
    this.stream = stream;
    this.#options = options;
  }

  get state(): SessionState {
    return this.#state;
  }

  get id(): string | undefined {
    return this.#state.phase === 'live' ? this.#state.id : undefined;
  }

  get options(): SubscribeOptions {
    return this.#options;
  }

  isPaused(kind: MediaKind): boolean {
    return this.#paused.has(kind);
  }

  /** Stops the server from sending that kind to this page. */
  async pause(kind: MediaKind): Promise<void> {
    await this.#setPaused(kind, true);
  }

  async resume(kind: MediaKind): Promise<void> {
    await this.#setPaused(kind, false);
  }

  /** Switches to the simulcast layer with this track id; the picture changes at the layer's next key frame. */
  async chooseLayer(track: string): Promise<void> {
    this.#options = { ...this.#options, layer: track };
    await this.#tell({ from: track });
  }

  /**
   * Asks for another size, frame rate or bitrate, where the stream lists it as optional; what is left out is as the
   * stream has it. Throws SluiceError when the server refuses, and then all is as before. While the subscription is not
   * up it is asked for as soon as it is.
   */
  async change(parameters: WantedParameters): Promise<void> {
    if (this.#state.phase === 'ended') throw new SluiceError('unavailable', 'The subscription has ended');
    const before = this.#options;
    this.#options = { ...before, parameters };
    try {
      await this.#tell({ parameters });
    } catch (error) {
      if (this.#options.parameters === parameters) this.#options = before;
      throw error;
    }
  }

  /** Idempotent. */
  stop(): void {
    if (this.#state.phase === 'ended') return;
    this.#carrier.unsubscribe(this);
    this.enter({ phase: 'ended', reason: stopped });
  }

  /** For the link: the tracks that arrive from now on. */
  carriedBy(tracks: readonly MediaStreamTrack[]): void {
    for (const track of this.media.getTracks()) this.media.removeTrack(track);
    for (const track of tracks) this.media.addTrack(track);
    this.events.emit('media', this.media);
  }

  /** For the link: what became of the session. A pause outlives the session it was made on. */
  enter(state: SessionState): void {
    if (this.#state.phase === 'ended') return;
    this.#state = state;
    if (state.phase === 'live') {
      for (const kind of this.#paused) this.#carrier.control(state.id, 'pause', kind).catch(() => undefined);
      const untold = this.#untold;
      this.#untold = undefined;
      if (untold !== undefined) this.#carrier.update(state.id, untold).catch(() => undefined);
    }
    this.events.emit('state', state);
  }

  async #tell(change: VideoChange): Promise<void> {
    if (this.#state.phase === 'live') await this.#carrier.update(this.#state.id, change);
    else this.#untold = { ...this.#untold, ...change };
  }

  async #setPaused(kind: MediaKind, paused: boolean): Promise<void> {
    if (this.#paused.has(kind) === paused) return;
    if (paused) this.#paused.add(kind);
    else this.#paused.delete(kind);
    if (this.#state.phase === 'live')
      await this.#carrier.control(this.#state.id, paused ? 'pause' : 'play', kind);
  }
}
