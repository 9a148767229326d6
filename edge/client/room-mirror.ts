// Owns the client's picture of the room: folds notices into it, and replaces it by a whole view telling what differed.
// Pure: states in, states and changes out.
import type { Notice, StreamUpdate } from '../../schemas/notice.ts';
import type { RoomView } from '../../schemas/signal.ts';
import type { ParticipantInfo, StreamInfo } from '../../schemas/stream.ts';
import type { TrackInfo, TrackStatus } from '../../schemas/media.ts';

export interface RoomMirror {
  readonly participants: ReadonlyMap<string, ParticipantInfo>;
  readonly streams: ReadonlyMap<string, StreamInfo>;
}

export type RoomChange =
  | { readonly type: 'participant-joined'; readonly participant: ParticipantInfo }
  | { readonly type: 'participant-left'; readonly participant: ParticipantInfo }
  | { readonly type: 'stream-added'; readonly stream: StreamInfo }
  | { readonly type: 'stream-updated'; readonly stream: StreamInfo }
  | { readonly type: 'stream-removed'; readonly stream: StreamInfo };

type Loudness = Exclude<Extract<StreamUpdate, { field: 'activeInput' }>['value'], string>;

export interface Folded {
  readonly room: RoomMirror;
  readonly changes: readonly RoomChange[];
}

export const emptyMirror: RoomMirror = { participants: new Map(), streams: new Map() };

/** The mirror after one notice. A notice told twice changes nothing the second time. */
export function foldNotice(room: RoomMirror, notice: Notice): Folded {
  switch (notice.type) {
    case 'participant-joined': {
      const { participant } = notice;
      if (room.participants.has(participant.id)) return { room, changes: [] };
      const participants = new Map(room.participants).set(participant.id, participant);
      return { room: { ...room, participants }, changes: [{ type: 'participant-joined', participant }] };
    }
    case 'participant-left': {
      const participant = room.participants.get(notice.participant);
      if (participant === undefined) return { room, changes: [] };
      const participants = without(room.participants, notice.participant);
      return { room: { ...room, participants }, changes: [{ type: 'participant-left', participant }] };
    }
    case 'stream-added': {
      const { stream } = notice;
      const known = room.streams.get(stream.id);
      if (known !== undefined && same(known, stream)) return { room, changes: [] };
      const streams = new Map(room.streams).set(stream.id, stream);
      const type = known === undefined ? 'stream-added' : 'stream-updated';
      return { room: { ...room, streams }, changes: [{ type, stream }] };
    }
    case 'stream-updated': {
      const known = room.streams.get(notice.stream);
      if (known === undefined) return { room, changes: [] };
      const stream = applyUpdate(known, notice.update);
      const streams = new Map(room.streams).set(stream.id, stream);
      return { room: { ...room, streams }, changes: [{ type: 'stream-updated', stream }] };
    }
    case 'stream-removed': {
      const stream = room.streams.get(notice.stream);
      if (stream === undefined) return { room, changes: [] };
      const streams = without(room.streams, notice.stream);
      return { room: { ...room, streams }, changes: [{ type: 'stream-removed', stream }] };
    }
    default:
      return { room, changes: [] };
  }
}

/** The mirror of a whole view, and what a listener of the old one must be told. Removals come first. */
export function replaceMirror(room: RoomMirror, view: RoomView): Folded {
  const participants = new Map(view.participants.map((participant) => [participant.id, participant]));
  const streams = new Map(view.streams.map((stream) => [stream.id, stream]));
  const changes: RoomChange[] = [];
  for (const stream of room.streams.values())
    if (!streams.has(stream.id)) changes.push({ type: 'stream-removed', stream });
  for (const participant of room.participants.values())
    if (!participants.has(participant.id)) changes.push({ type: 'participant-left', participant });
  for (const participant of participants.values())
    if (!room.participants.has(participant.id)) changes.push({ type: 'participant-joined', participant });
  for (const stream of streams.values()) {
    const known = room.streams.get(stream.id);
    if (known === undefined) changes.push({ type: 'stream-added', stream });
    else if (!same(known, stream)) changes.push({ type: 'stream-updated', stream });
  }
  return { room: { participants, streams }, changes };
}

/** The stream after an update (portal-protocol §8.1). */
export function applyUpdate(stream: StreamInfo, update: StreamUpdate): StreamInfo {
  switch (update.field) {
    case '.':
      return update.value;
    case 'audio.status':
      return withStatus(stream, 'audio', update.value);
    case 'video.status':
      return withStatus(stream, 'video', update.value);
    case 'video.layout':
      return stream.type === 'mixed' ? { ...stream, info: { ...stream.info, layout: update.value } } : stream;
    case 'activeInput':
      return withSpeaker(stream, update.value);
  }
}

/** A mixed stream is told who speaks; one of selected audio also how loud. */
function withSpeaker(stream: StreamInfo, value: string | Loudness): StreamInfo {
  const activeInput = typeof value === 'string' ? value : value.id;
  if (stream.type === 'mixed') return { ...stream, info: { ...stream.info, activeInput } };
  const volume = typeof value === 'string' ? {} : { volume: value.volume };
  return { ...stream, info: { ...stream.info, activeInput, ...volume } };
}

function withStatus(stream: StreamInfo, kind: TrackInfo['type'], status: TrackStatus): StreamInfo {
  const tracks = stream.media.tracks.map((track) => (track.type === kind ? { ...track, status } : track));
  return stream.type === 'mixed' ? { ...stream, media: { tracks } } : { ...stream, media: { tracks } };
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

/** Views of the same stream come from the same code at the server, so their fields are in the same order. */
function same(a: StreamInfo, b: StreamInfo): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
