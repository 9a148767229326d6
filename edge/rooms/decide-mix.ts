// Owns when a stream is taken into a view and out of it (portal-protocol §6.3, room-model §6.5).
import type { Command, Decision } from './command.ts';
import { controlledStream } from './controlled-stream.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom, Refused } from './decision.ts';
import { viewSetting } from './view/view-setting.ts';

/** Doing it again changes nothing. A view without video takes only sound. */
export function decideMix(
  room: OpenRoom,
  { type, actor, stream: id, view: label }: Extract<Command, { type: 'mix' | 'unmix' }>,
): Decision {
  if (room.views.size === 0) return mixingUnavailable();
  const found = controlledStream(room, actor, id);
  if (!found.ok) return found;
  const { inViews, tracks } = found.stream;
  if (!room.views.has(label)) return refuse('bad-request', 'Invalid view');
  const isIn = inViews.includes(label);
  if (type === 'unmix') return isIn ? accept({ type: 'stream-unmixed', stream: id, view: label }) : accept();
  if (isIn) return accept();
  if (viewSetting(room.document, label)?.video === false && !tracks.some(({ kind }) => kind === 'audio')) {
    return refuse('bad-request', 'No audio or video to mix');
  }
  return accept({ type: 'stream-mixed', stream: id, view: label });
}

/** Of a room without views, or on a cluster without workers that mix. */
export function mixingUnavailable(): Refused {
  return refuse('not-implemented', 'Mixing is not available');
}
