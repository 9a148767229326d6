// Owns questions about what one m-line of a subscription is sent.
import type { WantedParameters } from '../../schemas/request.ts';
import type { Format } from '../../schemas/worker.ts';
import { selectedAudio, viewOf } from './delivery.ts';
import { sameFormat } from './formats.ts';
import type { RoomState, SubscribedTrack } from './state.ts';

/** What it is sent in; undefined when that is not settled yet or changes with who speaks. */
export function sentFormat(
  room: RoomState,
  { format, stream, track }: Pick<SubscribedTrack, 'format' | 'stream' | 'track'>,
): Format | undefined {
  return format ?? room.streams.get(stream)?.tracks.find((each) => each.id === track)?.format;
}

/** The same source in the same format and parameters, whatever its status. */
export function sameDelivery(a: SubscribedTrack, b: SubscribedTrack | undefined): boolean {
  return (
    a.from === b?.from &&
    a.stream === b.stream &&
    a.track === b.track &&
    sameFormat(a.format, b.format) &&
    sameParameters(a.parameters ?? {}, b.parameters ?? {})
  );
}

/** Whether what it is made of is there. */
export function hasSource(
  room: RoomState,
  { kind, stream, track }: Pick<SubscribedTrack, 'kind' | 'stream' | 'track'>,
): boolean {
  const published = room.streams.get(stream);
  if (published !== undefined)
    return published.tracks.some((each) => each.id === track && each.kind === kind);
  const view = viewOf(room, stream);
  if (view !== undefined) return kind === 'audio' || view.video !== false;
  return kind === 'audio' && selectedAudio(room, stream);
}

function sameParameters(a: WantedParameters, b: WantedParameters): boolean {
  return (
    a.resolution?.width === b.resolution?.width &&
    a.resolution?.height === b.resolution?.height &&
    a.framerate === b.framerate &&
    a.bitrate === b.bitrate &&
    a.keyFrameInterval === b.keyFrameInterval
  );
}
