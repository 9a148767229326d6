// Owns the two forms in which REST shows a stream, made from its protocol 1.2 tracks (spec rest-api §8.1).
import type { TrackInfo, VideoTrackInfo } from '../../schemas/media.ts';
import type { StreamInfo } from '../../schemas/stream.ts';
import type { RestVersion } from './resource-env.ts';

type SoundTrackInfo = Extract<TrackInfo, { type: 'audio' }>;
type AudioMedia = Pick<SoundTrackInfo, 'status' | 'source' | 'format' | 'optional'>;
type VideoOriginal = Pick<VideoTrackInfo, 'format' | 'parameters'> & { readonly simulcastRid?: string };
type VideoMedia = Pick<VideoTrackInfo, 'status' | 'source' | 'optional'> &
  (VideoOriginal | { readonly original: readonly VideoOriginal[] });

export type StreamResource = Omit<StreamInfo, 'media'> & {
  readonly media: { readonly audio?: AudioMedia; readonly video?: VideoMedia };
};

/** v1.1 lists every simulcast layer, v1 shows the first only. A kind without a track is absent. */
export function streamResource({ media, ...stream }: StreamInfo, version: RestVersion): StreamResource {
  const audio = media.tracks.find((track) => track.type === 'audio');
  const videos = media.tracks.filter((track) => track.type === 'video');
  const [first] = videos;
  return {
    ...stream,
    media: {
      ...(audio === undefined ? {} : { audio: audioMedia(audio) }),
      ...(first === undefined ? {} : { video: videoMedia(first, videos, version) }),
    },
  };
}

function audioMedia({ status, source, format, optional }: SoundTrackInfo): AudioMedia {
  return { status, ...(source === undefined ? {} : { source }), format, optional };
}

function videoMedia(
  first: VideoTrackInfo,
  videos: readonly VideoTrackInfo[],
  version: RestVersion,
): VideoMedia {
  const { status, source, optional } = first;
  const layers = first.rid === undefined ? [first] : videos.filter(({ mid }) => mid === first.mid);
  const common = { status, ...(source === undefined ? {} : { source }), optional };
  return version === 'v1'
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
