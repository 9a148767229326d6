// Owns what a recording, a live push, an analyser and the peer of a call are sent: from which track, in which format
// (spec rest-api §10). Nothing is negotiated with those but calls, so their formats are settled here.
import type { AudioFormat, Kind, VideoFormat } from '../../schemas/media.ts';
import type { WantedParameters } from '../../schemas/request.ts';
import type { WantedAudio, WantedMedia, WantedVideo } from '../../schemas/server-session.ts';
import type { Format } from '../../schemas/worker.ts';
import { chooseSource, type Source } from './acceptance.ts';
import { refuse } from './decision.ts';
import type { OpenRoom, Refused } from './decision.ts';
import { viewOf } from './delivery.ts';
import type { SubscribedTrack } from './state.ts';

export type ServerTracks = { readonly ok: true; readonly tracks: readonly SubscribedTrack[] } | Refused;
type Chosen = { readonly ok: true; readonly track: SubscribedTrack } | Refused;
/** The format to ask for, given the source's own (undefined: it changes), or why there is none. */
type Rule<F> = (own: Format | undefined, wanted: F | undefined) => Format | undefined | Refused;

/** Sound is AAC and pictures are H.264: a source that is so already is sent as it is, others are made so. */
export function pushedTracks(room: OpenRoom, media: WantedMedia): ServerTracks {
  return chosen(room, media, {
    audio: (own, wanted) => {
      if ((wanted?.codec ?? 'aac') !== 'aac') return refuse('operation-failed', 'Audio codec invalid');
      if (wanted !== undefined) return wanted;
      if (own?.codec === 'aac') return own;
      const made = room.document.mediaOut.audio.find(({ codec }) => codec === 'aac');
      return made ?? refuse('operation-failed', 'Audio codec aac not enabled');
    },
    video: (own, wanted) => {
      if ((wanted?.codec ?? 'h264') !== 'h264') return refuse('operation-failed', 'Video codec invalid');
      return wanted ?? (own?.codec === 'h264' ? own : { codec: 'h264', profile: 'CB' });
    },
  });
}

const recordable: ReadonlySet<string> = new Set(['pcmu', 'pcma', 'opus', 'aac']);

export function recordedTracks(room: OpenRoom, media: WantedMedia): ServerTracks {
  return chosen(room, media, {
    audio: (own, wanted) => {
      const format = wanted ?? own;
      if (format === undefined || !recordable.has(format.codec)) {
        return refuse('operation-failed', 'Audio codec invalid');
      }
      return format;
    },
    video: (own, wanted) => wanted ?? own,
  });
}

export function analysedTracks(room: OpenRoom, video: WantedVideo): ServerTracks {
  return chosen(
    room,
    { audio: false, video },
    { audio: () => undefined, video: (own, wanted) => wanted ?? own },
  );
}

/**
 * Formats are the peer's to choose: as for a client they come with its answer. What it says has mids on the same transport,
 * so these are others.
 */
export function calledTracks(room: OpenRoom, media: WantedMedia): ServerTracks {
  const choice = chosen(room, media, { audio: () => undefined, video: () => undefined });
  if (!choice.ok) return choice;
  return { ok: true, tracks: choice.tracks.map((track) => ({ ...track, mid: `${track.kind}-out` })) };
}

/** What a recording of these tracks is put into when nothing was asked (spec rest-api §10). */
export function recordingContainer(tracks: readonly SubscribedTrack[]): 'mp4' | 'mkv' {
  const codecOf = (kind: Kind) => tracks.find((track) => track.kind === kind)?.format?.codec;
  const video = codecOf('video');
  const fits = video === undefined || video === 'h264' || video === 'h265';
  return codecOf('audio') === 'aac' && fits ? 'mp4' : 'mkv';
}

function chosen(
  room: OpenRoom,
  { audio, video }: WantedMedia,
  rules: { readonly audio: Rule<AudioFormat>; readonly video: Rule<VideoFormat> },
): ServerTracks {
  const tracks: SubscribedTrack[] = [];
  if (audio !== false) {
    const choice = choose(room, 'audio', audio, (own) => rules.audio(own, audio.format));
    if (!choice.ok) return choice;
    tracks.push(choice.track);
  }
  if (video !== false) {
    const choice = choose(room, 'video', video, (own) => rules.video(own, video.format));
    if (!choice.ok) return choice;
    tracks.push(choice.track);
  }
  return { ok: true, tracks };
}

function choose(
  room: OpenRoom,
  kind: Kind,
  { from, parameters }: Pick<WantedAudio, 'from'> & { readonly parameters?: WantedParameters | undefined },
  rule: (own: Format | undefined) => Format | undefined | Refused,
): Chosen {
  // Which track it is and what that has; whether it can be turned into what is asked comes after.
  const first = chooseSource(room, { kind, from, parameters });
  if (!first.ok) return first;
  const format = rule(ownFormat(room, kind, first));
  if (format !== undefined && 'ok' in format) return format;
  const source = chooseSource(room, { kind, from, format, parameters });
  if (!source.ok) return source;
  return {
    ok: true,
    track: {
      mid: kind,
      kind,
      from,
      stream: source.stream,
      ...(source.track === undefined ? {} : { track: source.track }),
      ...(source.format === undefined ? {} : { format: source.format }),
      ...(parameters === undefined ? {} : { parameters }),
      status: 'active',
    },
  };
}

/** Of selected audio it is whatever the speaker has. */
function ownFormat(
  room: OpenRoom,
  kind: Kind,
  { stream, track }: Extract<Source, { ok: true }>,
): Format | undefined {
  const published = room.streams.get(stream)?.tracks.find(({ id }) => id === track);
  if (published !== undefined) return published.format;
  const view = viewOf(room, stream);
  if (view === undefined || kind === 'audio') return view?.audio.format;
  return view.video === false ? undefined : view.video.format;
}
