// Owns which formats a subscribed track may be negotiated in, and what decides among them (room-model §6.3 step 4).
import type { DesiredSubscription, Format } from '../../schemas/worker.ts';
import { selectedAudio, viewOf } from './delivery.ts';
import { audioOptional, otherVideoFormats } from './optional.ts';
import type { RoomState, SubscribedTrack } from './state.ts';
import { mixedAudio, mixedVideo } from './view/mixed-stream.ts';

type Formats = Pick<DesiredSubscription['tracks'][number], 'formats' | 'preference'>;

/** For one state: what many subscribers of a mixed stream share is found once. */
export class FormatLists {
  readonly #state: RoomState;
  readonly #mixed = new Map<string, readonly Format[]>();

  constructor(state: RoomState) {
    this.#state = state;
  }

  /** One whose format is settled keeps it: whatever it is turned to is made in that format. */
  of(track: SubscribedTrack): Formats {
    const { streams, document } = this.#state;
    const forward = streams.has(track.stream);
    const preference = forward ? 'formats' : 'offer';
    if (document === undefined) return { formats: [], preference };
    if (track.format !== undefined) return { formats: [track.format], preference };
    if (forward) return { formats: this.#forward(track), preference };
    if (selectedAudio(this.#state, track.stream)) return { formats: [...document.mediaIn.audio], preference };
    return { formats: [...this.#ofView(track)], preference };
  }

  /** The source's own first, then what it can be turned into. */
  #forward({ stream, track }: SubscribedTrack): Format[] {
    const { streams, document, transcoders } = this.#state;
    const source = streams.get(stream)?.tracks.find(({ id }) => id === track);
    if (source === undefined || document === undefined) return [];
    const others =
      source.kind === 'audio'
        ? audioOptional(document, source.format, transcoders).format
        : otherVideoFormats(document, source, transcoders);
    return [source.format, ...others];
  }

  #ofView({ stream, kind }: SubscribedTrack): readonly Format[] {
    const key = `${stream}/${kind}`;
    const known = this.#mixed.get(key);
    if (known !== undefined) return known;
    const { document } = this.#state;
    const view = viewOf(this.#state, stream);
    if (document === undefined || view === undefined) return [];
    const tracks =
      kind === 'audio' ? mixedAudio(document, view) : view.video && mixedVideo(document, view.video);
    const formats = tracks === false ? [] : [tracks.format, ...tracks.optional.format];
    this.#mixed.set(key, formats);
    return formats;
  }
}
