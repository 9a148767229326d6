// Owns what is shown of the people in a room: one tile for each camera and each shared screen, and one for who shows
// nothing. Pure.
import type { ParticipantInfo, StreamInfo } from '../../../../schemas/stream.ts';

export interface Tile {
  /** Stays the same when the stream behind it is made anew, so that nothing jumps. */
  readonly key: string;
  readonly participant: string;
  readonly name: string;
  readonly purpose: 'camera' | 'screen' | 'mixed';
  readonly stream: StreamInfo | undefined;
  readonly audio: 'on' | 'muted' | 'none';
  readonly video: 'on' | 'muted' | 'none';
}

/** Tiles of everybody but `me`, in the order people came; with `self`, our own streams too. */
export function tilesOf(
  participants: Iterable<ParticipantInfo>,
  streams: Iterable<StreamInfo>,
  me: string,
  self: boolean,
): readonly Tile[] {
  const all = [...streams];
  const tiles: Tile[] = [];
  for (const { id, user } of participants) {
    if (id === me && !self) continue;
    const own = all.filter((stream) => stream.type === 'forward' && stream.info.owner === id);
    const counts = { camera: 0, screen: 0 };
    for (const stream of own) {
      const purpose = purposeOf(stream);
      tiles.push(tileOf(`${id} ${purpose} ${counts[purpose]++}`, id, user, purpose, stream));
    }
    if (counts.camera === 0 && id !== me) tiles.push(tileOf(`${id} camera 0`, id, user, 'camera', undefined));
  }
  for (const stream of all)
    if (
      stream.type === 'forward' &&
      !tiles.some((tile) => tile.stream === stream) &&
      stream.info.owner !== me
    )
      // Streams that the server brings in belong to nobody in the room.
      tiles.push(tileOf(stream.id, stream.info.owner, 'Live stream', 'screen', stream));
  return tiles;
}

export function purposeOf(stream: StreamInfo): 'camera' | 'screen' {
  return stream.media.tracks.some(({ source }) => source === 'screen-cast') ? 'screen' : 'camera';
}

function tileOf(
  key: string,
  participant: string,
  name: string,
  purpose: Tile['purpose'],
  stream: StreamInfo | undefined,
): Tile {
  return {
    key,
    participant,
    name,
    purpose,
    stream,
    audio: statusOf(stream, 'audio'),
    video: statusOf(stream, 'video'),
  };
}

export function statusOf(stream: StreamInfo | undefined, kind: 'audio' | 'video'): Tile['audio'] {
  const tracks = stream?.media.tracks.filter(({ type }) => type === kind) ?? [];
  if (tracks.length === 0) return 'none';
  return tracks.some(({ status }) => status === 'active') ? 'on' : 'muted';
}
