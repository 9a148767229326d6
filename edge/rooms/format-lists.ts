// Owns which formats a subscribed track may be negotiated in, and what decides among them (room-model §6.3 step 4).
import type { DesiredSubscription, Format } from '../../schemas/worker.ts';
import { selectedAudio, viewOf } from './delivery.ts';
import { audioOptional, otherVideoFormats } from './optional.ts';
import type { RoomState, SubscribedTrack } from './state.ts';
import { mixedAudio, mixedVideo } from './view/mixed-stream.ts';

type Formats = Pick<DesiredSubscription['tracks'][number], 'formats' | 'preference'>;

/** For one state: what many subscribers of a track share is found once. */
export class FormatLists {
  readonly #state: RoomState;
  readonly #known = new Map<string, Format[]>();

  constructor(state: RoomState) {
    this.#state = state;
  }

  /** One whose format is settled keeps it: whatever it is turned to is made in that format. */
  of(track: SubscribedTrack): Formats {
    const preference = this.#state.streams.has(track.stream) ? 'formats' : 'offer';
    if (track.format !== undefined) return { formats: [track.format], preference };
    const key = track.track ?? `${track.stream}/${track.kind}`;
    const formats = this.#known.get(key) ?? this.#find(track);
    this.#known.set(key, formats);
    return { formats, preference };
  }

  #find({ stream, track, kind }: SubscribedTrack): Format[] {
    const { streams, document, transcoders } = this.#state;
    if (document === undefined) return [];
    const source = streams.get(stream)?.tracks.find(({ id }) => id === track);
    // The source's own first, then what it can be turned into.
    if (source?.kind === 'audio') {
      return [source.format, ...audioOptional(document, source.format, transcoders).format];
    }
    if (source !== undefined) return [source.format, ...otherVideoFormats(document, source, transcoders)];
    if (selectedAudio(this.#state, stream)) return document.mediaIn.audio;
    const view = viewOf(this.#state, stream);
    if (view === undefined || (kind === 'video' && view.video === false)) return [];
    const mixed =
      kind === 'audio' || view.video === false
        ? mixedAudio(document, view)
        : mixedVideo(document, view.video);
    return [mixed.format, ...mixed.optional.format];
  }
}
