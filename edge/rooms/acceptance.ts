// Owns which source a subscription gets and whether it can have what it asks for (room-model §6.3 steps 2 and 3).
import type { Kind } from '../../schemas/media.ts';
import type { WantedParameters } from '../../schemas/request.ts';
import type { OpenRoom, Refused } from './decision.ts';
import { refuse } from './decision.ts';
import { compatibleVideo, sameAudioFormat } from './formats.ts';
import type { WantedFormat } from './formats.ts';
import { audioOptional, videoOptional } from './optional.ts';
import { sameResolution } from './resolutions.ts';
import type { AudioTrack, Stream, Track, VideoTrack } from './state.ts';

export interface WantedTrack {
  readonly kind: Kind;
  /** A stream id, or a track id for one simulcast layer. */
  readonly from: string;
  readonly format?: WantedFormat | undefined;
  readonly parameters?: WantedParameters | undefined;
}

export type Source = { readonly ok: true; readonly stream: Stream; readonly track: Track } | Refused;

/** The track that satisfies the wish, or `Target <kind> stream does NOT satisfy:<why>`. */
export function chooseSource(room: OpenRoom, wanted: WantedTrack): Source {
  const found = findSource(room, wanted);
  if (found === undefined) return unsatisfied(wanted.kind, `Requested ${wanted.kind} stream`);
  const { stream, tracks } = found;
  let why: string | undefined;
  for (const track of tracks) {
    const reason = objection(room, track, wanted);
    if (reason === undefined) return { ok: true, stream, track };
    why ??= reason;
  }
  return unsatisfied(wanted.kind, why ?? `Requested ${wanted.kind} stream`);
}

export function unsatisfied(kind: Kind, why: string): Refused {
  return refuse('bad-request', `Target ${kind} stream does NOT satisfy:${why}`);
}

/**
 * The tracks that may serve, best first. Of a stream that is its first track of the kind, and when a resolution is asked
 * of a simulcast one, its layers of that resolution before that.
 */
function findSource(
  room: OpenRoom,
  { kind, from, parameters }: WantedTrack,
): { stream: Stream; tracks: readonly Track[] } | undefined {
  const stream = room.streams.get(from);
  if (stream?.phase === 'ready') {
    const first = stream.tracks.find((track) => track.kind === kind);
    if (first === undefined) return undefined;
    const size = parameters?.resolution;
    const layers = stream.tracks.filter(
      (track) =>
        track.kind === 'video' &&
        track.mid === first.mid &&
        size !== undefined &&
        track.resolution !== undefined &&
        sameResolution(track.resolution, size),
    );
    return { stream, tracks: [...layers, first] };
  }
  for (const each of room.streams.values()) {
    const track = each.phase === 'ready' ? each.tracks.find(({ id }) => id === from) : undefined;
    if (track?.kind === kind) return { stream: each, tracks: [track] };
  }
  return undefined;
}

function objection(room: OpenRoom, track: Track, wanted: WantedTrack): string | undefined {
  if (track.kind === 'audio') return audioObjection(room, track, wanted.format);
  return videoObjection(room, track, wanted);
}

function audioObjection(
  { document }: OpenRoom,
  { format }: AudioTrack,
  wanted: WantedFormat | undefined,
): string | undefined {
  if (wanted === undefined) return undefined;
  const offered = [format, ...audioOptional(document, format).format];
  return offered.some((each) => sameAudioFormat(each, wanted)) ? undefined : 'Format is not acceptable';
}

function videoObjection(room: OpenRoom, track: VideoTrack, wanted: WantedTrack): string | undefined {
  const optional = videoOptional(room.document, track);
  const offered = [track.format, ...optional.format];
  const format = wanted.format;
  if (format !== undefined && !offered.some((each) => compatibleVideo(each, format))) {
    return 'Format is not acceptable';
  }
  const { resolution, framerate, bitrate, keyFrameInterval } = wanted.parameters ?? {};
  const known = track.resolution;
  if (resolution !== undefined && known !== undefined) {
    const sizes = [known, ...optional.parameters.resolution];
    if (!sizes.some((size) => sameResolution(size, resolution))) return 'Resolution is not acceptable';
  }
  // A track's own frame rate and key frame interval are not known, so only what is offered can be equal.
  if (framerate !== undefined && !optional.parameters.framerate.includes(framerate)) {
    return 'Framerate is not acceptable';
  }
  if (bitrate !== undefined && !isUnchanged(bitrate)) {
    if (typeof bitrate === 'number' || !optional.parameters.bitrate.includes(bitrate)) {
      return 'Bitrate is not acceptable';
    }
  }
  if (keyFrameInterval !== undefined && !optional.parameters.keyFrameInterval.includes(keyFrameInterval)) {
    return 'KeyFrameInterval is not acceptable';
  }
  return undefined;
}

function isUnchanged(bitrate: number | string): boolean {
  return bitrate === 'x1' || bitrate === 'x1.0';
}
