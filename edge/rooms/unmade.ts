// Owns what can no longer be sent to a subscriber since nobody makes it, and what its subscriber is told then.
import type { VideoFormat } from '../../schemas/media.ts';
import { encodesVideo } from './capabilities.ts';
import { delivery } from './delivery.ts';
import { isVideoFormat } from './formats.ts';
import type { RoomState, SubscribedTrack } from './state.ts';
import { plainCodecs } from '../cluster/plain-codecs.ts';

type Codec = VideoFormat['codec'];

/** The codec that a track is to be sent in and nobody makes of its source; undefined: it can be sent, or is not settled. */
export function unmadeCodec(room: RoomState, track: SubscribedTrack): Codec | undefined {
  const { kind, stream, format } = track;
  if (kind === 'audio' || format === undefined || !isVideoFormat(format)) return undefined;
  const how = delivery(room, track);
  if (how.by === 'view' && how.kind === 'video' && !encodesVideo(how.wish.format, room.transcoders))
    return how.wish.format.codec;
  if (how.by !== 'source') return undefined;
  const source = room.streams.get(stream)?.tracks.find(({ id }) => id === how.track);
  if (source === undefined || source.format.codec === format.codec) return undefined;
  const isPlain =
    isVideoFormat(source.format) && plainCodecs.has(source.format.codec) && plainCodecs.has(format.codec);
  return isPlain ? undefined : format.codec;
}

export function noLongerMade(codec: Codec): string {
  return `No media worker can make ${codec.toUpperCase()} of it any more`;
}
