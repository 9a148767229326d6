// Owns the step from the tracks a worker reports to the tracks of a stream, and whether the room takes their formats.
import type { RoomDocument } from '../../schemas/room.ts';
import type { ReportedTrack } from '../../schemas/worker.ts';
import {
  acceptsAudio,
  acceptsVideo,
  isAudioFormat,
  isVideoFormat,
  sameAudioFormat,
  sameVideoFormat,
} from './formats.ts';
import type { Stream, Track } from './state.ts';

/** Simulcast layers of one m-line. */
const maxLayers = 4;

/**
 * The stream's tracks as reported: those that were requested, each with the source its publisher named and the status
 * its kind has now. What was not requested, has no format of its kind, or comes twice is left out.
 */
export function tracksFrom(stream: Stream, reported: readonly ReportedTrack[]): readonly Track[] {
  const tracks: Track[] = [];
  for (const each of reported) {
    const wanted = stream.requested.find(({ mid, kind }) => mid === each.mid && kind === each.kind);
    const layers = tracks.filter(({ mid }) => mid === each.mid);
    if (wanted === undefined || layers.length >= maxLayers) continue;
    if (tracks.some(({ id }) => id === each.id)) continue;
    const common = {
      id: each.id,
      mid: each.mid,
      ...(each.rid === undefined ? {} : { rid: each.rid }),
      ...(wanted.source === undefined ? {} : { source: wanted.source }),
      status: stream.tracks.find(({ kind }) => kind === each.kind)?.status ?? 'active',
    };
    const { format, resolution } = each;
    if (each.kind === 'audio' && isAudioFormat(format)) tracks.push({ ...common, kind: 'audio', format });
    if (each.kind === 'video' && isVideoFormat(format)) {
      tracks.push({ ...common, kind: 'video', format, ...(resolution === undefined ? {} : { resolution }) });
    }
  }
  return tracks;
}

/** Why the room cannot take the tracks (portal-protocol §7.5), if so. */
export function trackObjection(
  { mediaIn }: Pick<RoomDocument, 'mediaIn'>,
  tracks: readonly Track[],
): string | undefined {
  if (tracks.length === 0) return 'No valid tracks in stream';
  for (const track of tracks) {
    if (track.kind === 'audio' && !acceptsAudio(mediaIn.audio, track.format)) {
      return 'Audio format unacceptable';
    }
    if (track.kind === 'video' && !acceptsVideo(mediaIn.video, track.format)) {
      return 'Video format unacceptable';
    }
  }
  return undefined;
}

/** Same tracks with the same formats, sizes and status, in the same order. */
export function sameTracks(a: readonly Track[], b: readonly Track[]): boolean {
  return a.length === b.length && a.every((track, index) => same(track, b[index]));
}

function same(a: Track, b: Track | undefined): boolean {
  if (a.id !== b?.id || a.mid !== b.mid || a.rid !== b.rid || a.status !== b.status) return false;
  if (a.kind === 'audio' || b.kind === 'audio') {
    return a.kind === b.kind && sameAudioFormat(a.format, b.format);
  }
  return (
    sameVideoFormat(a.format, b.format) &&
    a.resolution?.width === b.resolution?.width &&
    a.resolution?.height === b.resolution?.height
  );
}
