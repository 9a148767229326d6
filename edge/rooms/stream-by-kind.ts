// Owns the two older forms of a stream, with media by kind, made from its protocol 1.2 tracks: those of REST v1 and v1.1
// (spec rest-api §8.1) and of the client protocols 1.0 and 1.1 (portal-protocol §12).
import type { TrackInfo, VideoTrackInfo } from '../../schemas/media.ts';
import type { StreamInfo } from '../../schemas/stream.ts';

type SoundTrackInfo = Extract<TrackInfo, { type: 'audio' }>;
type AudioMedia = Pick<SoundTrackInfo, 'status' | 'source' | 'format' | 'optional'>;
type VideoOriginal = Pick<VideoTrackInfo, 'format' | 'parameters'> & { readonly simulcastRid?: string };
type VideoMedia = Pick<VideoTrackInfo, 'status' | 'source' | 'optional'> &
  (VideoOriginal | { readonly original: readonly VideoOriginal[] });

/** The first simulcast layer stands for all (v1, 1.0), or each is listed (v1.1, 1.1). */
export type ShownLayers = 'first' | 'each';

export type StreamByKind = Omit<StreamInfo, 'media'> & {
  readonly media: { readonly audio?: AudioMedia; readonly video?: VideoMedia };
};

/** A kind without a track is absent. */
export function streamByKind({ media, ...stream }: StreamInfo, layers: ShownLayers): StreamByKind {
  const audio = media.tracks.find((track) => track.type === 'audio');
  const videos = media.tracks.filter((track) => track.type === 'video');
  const [first] = videos;
  return {
    ...stream,
    media: {
      ...(audio === undefined ? {} : { audio: audioMedia(audio) }),
      ...(first === undefined ? {} : { video: videoMedia(first, videos, layers) }),
    },
  };
}

function audioMedia({ status, source, format, optional }: SoundTrackInfo): AudioMedia {
  return { status, ...(source === undefined ? {} : { source }), format, optional };
}

function videoMedia(
  first: VideoTrackInfo,
  videos: readonly VideoTrackInfo[],
  shown: ShownLayers,
): VideoMedia {
  const { status, source, optional } = first;
  const layers = first.rid === undefined ? [first] : videos.filter(({ mid }) => mid === first.mid);
  const common = { status, ...(source === undefined ? {} : { source }), optional };
  return shown === 'first'
    ? { ...common, ...original(first, false) }
    : { ...common, original: layers.map((layer) => original(layer, first.rid !== undefined)) };
}

function original({ format, parameters, rid }: VideoTrackInfo, simulcast: boolean): VideoOriginal {
  return {
    format,
    ...(parameters === undefined ? {} : { parameters }),
    ...(simulcast && rid !== undefined ? { simulcastRid: rid } : {}),
  };
}
