// Owns what follows from the formats that an SDP answer settled on: what is made for a subscriber is made in its format.
import type { Format, ReportItem } from '../../schemas/worker.ts';
import type { Decision } from './command.ts';
import { accept } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { selectedAudio } from './delivery.ts';
import { compatibleVideo, isAudioFormat, isVideoFormat, sameAudioFormat, sameFormat } from './formats.ts';
import type { SubscribedTrack, Subscription, Track } from './state.ts';
import { noLongerMade, unmadeCodec } from './unmade.ts';

type Negotiated = Extract<ReportItem, { type: 'subscription-negotiated' }>['tracks'];

export function decideNegotiated(
  room: OpenRoom,
  { id, tracks }: Subscription,
  negotiated: Negotiated,
): Decision {
  const settled = tracks.map((track): SubscribedTrack => {
    const format = negotiated.find(({ mid }) => mid === track.mid)?.format;
    return format === undefined || !settles(room, track, format) ? track : { ...track, format };
  });
  if (settled.every((track, index) => track === tracks[index])) return accept();
  const codec = settled.flatMap((track) => unmadeCodec(room, track) ?? [])[0];
  if (codec !== undefined)
    return accept({ type: 'subscription-ended', subscription: id, reason: noLongerMade(codec) });
  return accept({ type: 'subscription-changed', subscription: id, tracks: settled });
}

/** Whether the format is to be remembered. A forward track that goes out as it is needs no entry in the log for that. */
function settles(room: OpenRoom, track: SubscribedTrack, format: Format): boolean {
  const fits = track.kind === 'audio' ? isAudioFormat(format) : isVideoFormat(format);
  if (!fits || sameFormat(track.format, format) || selectedAudio(room, track.stream)) return false;
  const source = room.streams.get(track.stream)?.tracks.find(({ id }) => id === track.track);
  return track.format !== undefined || source === undefined || !serves(source, format);
}

function serves(source: Track, format: Format): boolean {
  return source.kind === 'audio'
    ? sameAudioFormat(source.format, format)
    : compatibleVideo(source.format, format);
}
