// Owns pausing and playing, of a stream for everybody and of a subscription for its owner (portal-protocol §6.3, §6.4).
import type { Kind, TrackStatus } from '../../schemas/media.ts';
import type { MediaChoice } from '../../schemas/request.ts';
import type { Command, Decision } from './command.ts';
import { controlledStream } from './controlled-stream.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { mayControl } from './rights.ts';

const statusAfter = { pause: 'inactive', play: 'active' } as const satisfies Record<string, TrackStatus>;

export function decideStreamStatus(
  room: OpenRoom,
  command: Extract<Command, { type: 'set-stream-status' }>,
): Decision {
  const { actor, stream: id, operation, media } = command;
  const found = controlledStream(room, actor, id);
  if (!found.ok) return found;
  const { stream } = found;
  const kinds = kindsOf(media).filter((kind) => stream.tracks.some((track) => track.kind === kind));
  if (kinds.length === 0) {
    return refuse('bad-request', 'Stream does NOT contain valid track to mute/unmute');
  }
  const status = statusAfter[operation];
  const changing = kinds.filter((kind) =>
    stream.tracks.some((track) => track.kind === kind && track.status !== status),
  );
  return accept(
    ...changing.map((kind) => ({ type: 'stream-status-changed', stream: id, kind, status }) as const),
  );
}

export function decideSubscriptionStatus(
  room: OpenRoom,
  command: Extract<Command, { type: 'set-subscription-status' }>,
): Decision {
  const { actor, subscription: id, operation, media } = command;
  const subscription = room.subscriptions.get(id);
  if (subscription === undefined) return refuse('not-found', 'Subscription does NOT exist');
  if (!mayControl(room, actor, subscription.owner)) return refuse('forbidden', 'unauthorized');
  const kinds = kindsOf(media);
  const chosen = subscription.tracks.filter((track) => kinds.includes(track.kind));
  if (chosen.length === 0) {
    return refuse('bad-request', 'Subscription does NOT contain valid track to mute/unmute');
  }
  const status = statusAfter[operation];
  if (chosen.every((track) => track.status === status)) return accept();
  const tracks = subscription.tracks.map((track) =>
    kinds.includes(track.kind) ? { ...track, status } : track,
  );
  return accept({ type: 'subscription-changed', subscription: id, tracks });
}

/** Audio first: `av` gives two updates in that order (portal-protocol §8.1). */
function kindsOf(media: MediaChoice): readonly Kind[] {
  return media === 'av' ? ['audio', 'video'] : [media];
}
