// Owns whether a room takes another input, whoever brings it (room-model §1, §6.2).
import { refuse } from './decision.ts';
import type { OpenRoom, Refused } from './decision.ts';

/** Why it does not, if so; `audio` and `video` say what the input is to have. */
export function inputRefusal(
  room: OpenRoom,
  { audio, video }: { readonly audio: boolean; readonly video: boolean },
): Refused | undefined {
  const { inputLimit, mediaIn } = room.document;
  if (inputLimit >= 0 && inputs(room) >= inputLimit) return refuse('operation-failed', 'Too many inputs');
  if (audio && mediaIn.audio.length === 0) return refuse('forbidden', 'Audio is forbiden');
  if (video && mediaIn.video.length === 0) return refuse('forbidden', 'Video is forbiden');
  return undefined;
}

/** Published streams, connecting ones too, but those the server makes from others. */
function inputs(room: OpenRoom): number {
  let count = 0;
  for (const { type } of room.streams.values()) {
    if (type !== 'analytics') count += 1;
  }
  return count;
}
