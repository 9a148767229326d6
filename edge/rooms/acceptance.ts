// Owns which source a subscription gets and whether it can have what it asks for (room-model §6.3 steps 2 and 3).
import type { AudioFormat, Kind, VideoFormat } from '../../schemas/media.ts';
import type { WantedParameters } from '../../schemas/request.ts';
import type { Format } from '../../schemas/worker.ts';
import { offersBitrate } from './bitrate.ts';
import type { OpenRoom, Refused } from './decision.ts';
import { selectedAudio, viewOf } from './delivery.ts';
import { compatibleVideo, sameAudioFormat } from './formats.ts';
import type { WantedFormat } from './formats.ts';
import { audioOptional, videoOptional } from './optional.ts';
import { sameResolution } from './resolutions.ts';
import type { AudioTrack, Stream, Track, VideoTrack } from './state.ts';
import { unsatisfied } from './unsatisfied.ts';
import { chooseMixedAudio, chooseMixedVideo } from './view/view-parameters.ts';

export interface WantedTrack {
  readonly kind: Kind;
  /** A stream id, or a track id for one simulcast layer. */
  readonly from: string;
  readonly format?: WantedFormat | undefined;
  readonly parameters?: WantedParameters | undefined;
}

/** Which stream, which of its tracks if they have ids, and in which format if one was asked for. */
export type Source =
  | {
      readonly ok: true;
      readonly stream: string;
      readonly track?: string;
      readonly format?: Format;
    }
  | Refused;

/** The track that satisfies the wish, or `Target <kind> stream does NOT satisfy:<why>`. */
export function chooseSource(room: OpenRoom, wanted: WantedTrack): Source {
  const { kind, from } = wanted;
  const forward = findSource(room, wanted);
  if (forward !== undefined) return chooseForward(room, forward, wanted);
  const view = viewOf(room, from);
  if (view !== undefined) {
    const { document } = room;
    if (kind === 'audio') {
      const choice = chooseMixedAudio(document, view, wanted.format);
      return choice.ok ? mixed(wanted, choice.format) : choice;
    }
    const choice = chooseMixedVideo(document, view, wanted);
    return choice.ok ? mixed(wanted, choice.encoding.format) : choice;
  }
  // It comes as it is, in whatever format the speaker has.
  if (kind === 'audio' && selectedAudio(room, from)) return { ok: true, stream: from };
  return unsatisfied(kind, `Requested ${kind} stream`);
}

function mixed({ from, format: wanted }: WantedTrack, format: Format): Source {
  return { ok: true, stream: from, ...(wanted === undefined ? {} : { format }) };
}

interface Forward {
  readonly stream: Stream;
  readonly tracks: readonly Track[];
}

function chooseForward(room: OpenRoom, { stream, tracks }: Forward, wanted: WantedTrack): Source {
  let why: string | undefined;
  for (const track of tracks) {
    const answer = serve(room, track, wanted);
    if (typeof answer === 'object') {
      const { format } = answer;
      return {
        ok: true,
        stream: stream.id,
        track: track.id,
        ...(wanted.format === undefined ? {} : { format }),
      };
    }
    why ??= answer;
  }
  return unsatisfied(wanted.kind, why ?? `Requested ${wanted.kind} stream`);
}

/**
 * The tracks that may serve, best first. Of a stream that is its first track of the kind, and when a resolution is asked
 * of a simulcast one, its layers of that resolution before that.
 */
function findSource(room: OpenRoom, { kind, from, parameters }: WantedTrack): Forward | undefined {
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

/** The format in which a track can serve the wish, or why it cannot. */
function serve(room: OpenRoom, track: Track, wanted: WantedTrack): { readonly format: Format } | string {
  return track.kind === 'audio'
    ? serveAudio(room, track, wanted.format)
    : serveVideo(room, track, wanted.format, wanted.parameters ?? {});
}

function serveAudio(
  { document, transcoders }: OpenRoom,
  { format: own }: AudioTrack,
  wanted: WantedFormat | undefined,
): { readonly format: AudioFormat } | string {
  if (wanted === undefined) return { format: own };
  const offered = [own, ...audioOptional(document, own, transcoders).format];
  const format = offered.find((each) => sameAudioFormat(each, wanted));
  return format === undefined ? 'Format is not acceptable' : { format };
}

function serveVideo(
  { document, transcoders }: OpenRoom,
  track: VideoTrack,
  wanted: WantedFormat | undefined,
  { resolution, framerate, bitrate, keyFrameInterval }: WantedParameters,
): { readonly format: VideoFormat } | string {
  const optional = videoOptional(document, track, transcoders);
  const offered = [track.format, ...optional.format];
  const format = wanted === undefined ? track.format : offered.find((each) => compatibleVideo(each, wanted));
  if (format === undefined) return 'Format is not acceptable';
  const known = track.resolution;
  if (resolution !== undefined && known !== undefined) {
    const sizes = [known, ...optional.parameters.resolution];
    if (!sizes.some((size) => sameResolution(size, resolution))) return 'Resolution is not acceptable';
  }
  // A track's own frame rate and key frame interval are not known, so only what is offered can be equal.
  if (framerate !== undefined && !optional.parameters.framerate.includes(framerate)) {
    return 'Framerate is not acceptable';
  }
  if (!offersBitrate(optional.parameters.bitrate, bitrate)) return 'Bitrate is not acceptable';
  if (keyFrameInterval !== undefined && !optional.parameters.keyFrameInterval.includes(keyFrameInterval)) {
    return 'KeyFrameInterval is not acceptable';
  }
  return { format };
}
