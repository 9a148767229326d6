// Owns how a view looks to clients and REST: its mixed stream in protocol 1.2 form (room-model §3, §5.1, §5.3).
import { videoCodecs, type AudioTrackInfo, type VideoTrackInfo } from '../../../schemas/media.ts';
import type { RoomDocument, ViewSetting } from '../../../schemas/room.ts';
import type { LayoutEntry, MixedStreamInfo } from '../../../schemas/stream.ts';
import { audioOptional, videoOptional } from '../optional.ts';
import type { Transcoders } from '../transcoders.ts';

/** A mixed picture or sound is encoded for its subscribers in any case, so everything the room allows can be had. */
const encoders: Transcoders = { audio: true, video: true, taken: videoCodecs };

/** What a mixed stream's `optional` depends on. */
export type MixingRules = Pick<RoomDocument, 'mediaOut' | 'transcoding'>;

export function mixedStreamId(room: string, label: string): string {
  return `${room}-${label}`;
}

export function mixedStreamInfo(
  room: string,
  document: MixingRules,
  view: ViewSetting,
  { activeInput, layout }: { readonly activeInput: string; readonly layout: readonly LayoutEntry[] },
): MixedStreamInfo {
  return {
    id: mixedStreamId(room, view.label),
    type: 'mixed',
    media: { tracks: mixedTracks(document, view) },
    data: null,
    info: { label: view.label, activeInput, layout, origin: { isp: '', region: '' } },
  };
}

/** One audio track, and one video track unless the view is audio only. They have no ids. */
export function mixedTracks(
  document: MixingRules,
  view: ViewSetting,
): readonly (AudioTrackInfo | VideoTrackInfo)[] {
  const { video } = view;
  const audio = mixedAudio(document, view);
  return video === false ? [audio] : [audio, mixedVideo(document, video)];
}

export function mixedAudio(
  document: MixingRules,
  { audio: { format } }: ViewSetting,
): AudioTrackInfo & { readonly optional: ReturnType<typeof audioOptional> } {
  return { type: 'audio', status: 'active', format, optional: audioOptional(document, format, encoders) };
}

export function mixedVideo(
  document: MixingRules,
  { format, parameters }: Exclude<ViewSetting['video'], false>,
): VideoTrackInfo & { readonly optional: ReturnType<typeof videoOptional> } {
  const { resolution, framerate, bitrate, keyFrameInterval } = parameters;
  return {
    type: 'video',
    status: 'active',
    format,
    parameters: {
      resolution,
      framerate,
      ...(bitrate === undefined ? {} : { bitrate }),
      keyFrameInterval,
    },
    optional: videoOptional(document, { format, resolution, framerate }, encoders),
  };
}
