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
  return isVideoFormat(source.format) && isEverywhere(source.format.codec, format.codec, room)
    ? undefined
    : format.codec;
}

/** What every engine converts: no worker went that could have. */
function isEverywhere(from: Codec, to: Codec, { transcoders }: RoomState): boolean {
  const { untaken = [], unmade = [] } = transcoders;
  const isPlain = plainCodecs.has(from) && plainCodecs.has(to);
  return isPlain && !untaken.includes(from) && !unmade.includes(to);
}

export function noLongerMade(codec: Codec): string {
  return `No media worker can make ${codec.toUpperCase()} of it any more`;
}
