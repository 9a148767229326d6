// Owns whether an actor may control a stream, and what is said to those who may not (portal-protocol §6.3).
import type { Actor } from './command.ts';
import { refuse } from './decision.ts';
import type { Refused } from './decision.ts';
import { selectedAudio } from './delivery.ts';
import { hasAllRights, mayControl } from './rights.ts';
import type { RoomState, Stream } from './state.ts';
import { mixedStreamId } from './view/mixed-stream.ts';

/** A published stream that is ready. Streams of the room itself have no owner, and cannot be mixed nor paused. */
export function controlledStream(
  state: RoomState,
  actor: Actor,
  id: string,
): { readonly ok: true; readonly stream: Stream } | Refused {
  const stream = state.streams.get(id);
  if (stream === undefined) {
    if (!isOfTheRoom(state, id)) return refuse('stream-not-found', 'Stream does NOT exist');
    return hasAllRights(state, actor) ? refuse('bad-request', 'Stream is Mixed') : unauthorized();
  }
  if (!mayControl(state, actor, stream.owner)) return unauthorized();
  if (stream.phase !== 'ready') return refuse('operation-failed', 'Stream is NOT ready');
  return { ok: true, stream };
}

function unauthorized(): Refused {
  return refuse('forbidden', 'unauthorized');
}

/** The ids of mixed streams are known where none is mixed too. */
function isOfTheRoom(state: RoomState, id: string): boolean {
  const { id: room, document } = state;
  return (
    selectedAudio(state, id) ||
    document?.views.some(({ label }) => id === mixedStreamId(room, label)) === true
  );
}
