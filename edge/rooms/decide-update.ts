// Owns the update of a subscription (portal-protocol §6.4): another source or other parameters on the same m-line.
import type { Kind } from '../../schemas/media.ts';
import { chooseSource } from './acceptance.ts';
import type { Command, Decision } from './command.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom, Refused } from './decision.ts';
import { hasAllRights, mayControl } from './rights.ts';
import type { SubscribedTrack, Subscription } from './state.ts';
import { sameDelivery, sentFormat } from './subscribed-track.ts';

type Update = Extract<Command, { type: 'update-subscription' }>;
type Change = NonNullable<Update['video']>;

export function decideUpdate(room: OpenRoom, command: Update): Decision {
  const subscription = room.subscriptions.get(command.subscription);
  if (subscription === undefined) return refuse('not-found', 'Subscription does NOT exist');
  if (!mayControl(room, command.actor, subscription.owner)) return refuse('forbidden', 'unauthorized');
  let tracks = subscription.tracks;
  const changes: readonly (readonly [Kind, Change | undefined])[] = [
    ['audio', command.audio],
    ['video', command.video],
  ];
  for (const [kind, change] of changes) {
    if (change === undefined) continue;
    const current = tracks.find((track) => track.kind === kind);
    if (current === undefined) {
      return refuse('bad-request', `Target subscription does NOT have ${kind} to update`);
    }
    const updated = update(room, command, subscription, current, change);
    if (!updated.ok) return updated;
    tracks = tracks.map((track) => (track === current ? updated.track : track));
  }
  const changed = tracks.some((track, index) => !sameDelivery(track, subscription.tracks[index]));
  if (!changed) return accept();
  return accept({ type: 'subscription-changed', subscription: subscription.id, tracks });
}

function update(
  room: OpenRoom,
  { actor }: Update,
  { owner }: Subscription,
  current: SubscribedTrack,
  change: Change,
): { readonly ok: true; readonly track: SubscribedTrack } | Refused {
  const { mid, kind, status } = current;
  const from = change.from ?? current.from;
  // Rights may have been taken since it subscribed: what it has goes on, but it gets no other source.
  const allowed = room.participants.get(owner)?.permission.subscribe[kind] === true;
  if (from !== current.from && !allowed && !hasAllRights(room, actor)) {
    return refuse('forbidden', 'unauthorized');
  }
  // Another source clears the remembered parameters.
  const parameters = change.parameters ?? (from === current.from ? current.parameters : undefined);
  // No SDP follows an update, so the m-line goes on in the format it has.
  const format = sentFormat(room, current);
  const source = chooseSource(room, { kind, from, format, parameters });
  if (!source.ok) return source;
  const { stream, track } = source;
  // Of its own source's format nothing need be remembered.
  const remembered = current.format === undefined && current.stream === stream ? undefined : source.format;
  return {
    ok: true,
    track: {
      mid,
      kind,
      from,
      stream,
      ...(track === undefined ? {} : { track }),
      ...(remembered === undefined ? {} : { format: remembered }),
      ...(parameters === undefined ? {} : { parameters }),
      status,
    },
  };
}
