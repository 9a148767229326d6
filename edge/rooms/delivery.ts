// Owns how a subscribed track comes to its subscriber: as its source sends it, or made by a mixer for all who wish the
// same (room-model §6.3 step 5). Whether it may be wished for was settled when it was asked (acceptance).
import type { AudioFormat, VideoFormat } from '../../schemas/media.ts';
import type { WantedParameters } from '../../schemas/request.ts';
import type { RoomDocument, ViewSetting } from '../../schemas/room.ts';
import { isUnchanged } from './bitrate.ts';
import { encodesVideo } from './capabilities.ts';
import { compatibleVideo, isAudioFormat, isVideoFormat, sameAudioFormat } from './formats.ts';
import { audioOptional, transcodable } from './optional.ts';
import type { VideoWish } from './output-name.ts';
import { mixerId } from './output-name.ts';
import type { AudioTrack, RoomState, Stream, SubscribedTrack, VideoTrack } from './state.ts';
import { mixedStreamId } from './view/mixed-stream.ts';
import { viewWish } from './view/view-parameters.ts';

export type Delivery =
  /** In which format is not settled yet, or it has no source. */
  | { readonly by: 'nothing' }
  | { readonly by: 'source'; readonly track: string }
  | { readonly by: 'view'; readonly kind: 'audio'; readonly view: ViewSetting; readonly format: AudioFormat }
  | { readonly by: 'view'; readonly kind: 'video'; readonly view: ViewSetting; readonly wish: VideoWish }
  | {
      readonly by: 'transcoder';
      readonly kind: 'audio';
      readonly stream: Stream;
      readonly track: AudioTrack;
      readonly format: AudioFormat;
    }
  | {
      readonly by: 'transcoder';
      readonly kind: 'video';
      readonly stream: Stream;
      readonly track: VideoTrack;
      readonly wish: VideoWish;
    };

const nothing: Delivery = { by: 'nothing' };

export function delivery(state: RoomState, wanted: SubscribedTrack): Delivery {
  const { document } = state;
  const stream = state.streams.get(wanted.stream);
  if (stream !== undefined) {
    const track = stream.tracks.find(({ id }) => id === wanted.track);
    if (track === undefined || document === undefined) return nothing;
    if (track.kind === 'audio') return forwardAudio(state, document, stream, track, wanted);
    return forwardVideo(state, document, stream, track, wanted);
  }
  const view = viewOf(state, wanted.stream);
  if (view !== undefined) return fromView(view, wanted);
  return selectedAudio(state, wanted.stream) ? { by: 'source', track: wanted.stream } : nothing;
}

/** The mixer that makes it; undefined where none does. */
export function mixerOf(room: string, how: Delivery): string | undefined {
  switch (how.by) {
    case 'view':
      return mixerId(mixedStreamId(room, how.view.label), how.kind);
    case 'transcoder':
      return mixerId(how.track.id, how.kind);
    case 'nothing':
    case 'source':
      return undefined;
  }
}

/** The view whose mixed stream has this id, while something mixes it. */
export function viewOf(
  { id, document, views }: Pick<RoomState, 'id' | 'document' | 'views'>,
  stream: string,
): ViewSetting | undefined {
  if (views.size === 0) return undefined;
  return document?.views.find(({ label }) => views.has(label) && mixedStreamId(id, label) === stream);
}

/** Whether the id is of one of the streams of `selectActiveAudio`. */
export function selectedAudio({ selected }: Pick<RoomState, 'selected'>, stream: string): boolean {
  return selected.some((_, index) => selectedAudioId(index) === stream);
}

export function selectedAudioId(index: number): string {
  return `active-audio-${index}`;
}

function fromView(view: ViewSetting, { kind, format, parameters }: SubscribedTrack): Delivery {
  if (format === undefined) return nothing;
  if (kind === 'audio') return isAudioFormat(format) ? { by: 'view', kind, view, format } : nothing;
  if (view.video === false || !isVideoFormat(format)) return nothing;
  return { by: 'view', kind, view, wish: viewWish(view.video, made(format), parameters ?? {}) };
}

function forwardAudio(
  { transcoders }: RoomState,
  document: RoomDocument,
  stream: Stream,
  track: AudioTrack,
  { format }: SubscribedTrack,
): Delivery {
  const asItIs: Delivery = { by: 'source', track: track.id };
  if (format === undefined || sameAudioFormat(track.format, format)) return asItIs;
  const other = audioOptional(document, track.format, transcoders).format.find((each) =>
    sameAudioFormat(each, format),
  );
  if (other === undefined) return asItIs;
  return { by: 'transcoder', kind: 'audio', stream, track, format: other };
}

function forwardVideo(
  { transcoders }: RoomState,
  document: RoomDocument,
  stream: Stream,
  track: VideoTrack,
  { format = track.format, parameters }: SubscribedTrack,
): Delivery {
  const asItIs: Delivery = { by: 'source', track: track.id };
  if (!isVideoFormat(format)) return asItIs;
  const serves = format === track.format || compatibleVideo(track.format, format);
  if ((serves && parameters === undefined) || !transcodable(track, transcoders)) return asItIs;
  const wishes = parameters === undefined ? {} : differing(document, track, parameters);
  const wish = { format: made(format), ...wishes };
  if ((serves && Object.keys(wishes).length === 0) || !encodesVideo(wish.format, transcoders)) return asItIs;
  return { by: 'transcoder', kind: 'video', stream, track, wish };
}

/**
 * What of the wishes changes anything and is for this room to give. A size that was accepted before the track's own was
 * known may turn out to be that, or larger.
 */
function differing(
  { transcoding }: RoomDocument,
  { resolution: own }: VideoTrack,
  { resolution, framerate, bitrate, keyFrameInterval }: WantedParameters,
): Omit<VideoWish, 'format'> {
  const on = transcoding.video.parameters;
  const smaller =
    resolution !== undefined &&
    on.resolution &&
    (own === undefined || (resolution.width < own.width && resolution.height < own.height));
  return {
    ...(smaller ? { resolution } : {}),
    ...(framerate === undefined ? {} : { framerate }),
    ...(bitrate === undefined || isUnchanged(bitrate) ? {} : { bitrate }),
    ...(keyFrameInterval === undefined ? {} : { keyFrameInterval }),
  };
}

/** H.264 is always made as Constrained Baseline, which serves every profile (room-model §2.2, RFC 6184 §8.1). */
function made(format: VideoFormat): VideoFormat {
  return format.codec === 'h264' ? { codec: 'h264', profile: 'CB' } : format;
}
