// Owns changes to what a recording, a live push or the peer of a call is sent (spec rest-api §10), and what becomes of one
// that its worker cannot do: it goes back to what it was.
import type { Kind } from '../../schemas/media.ts';
import { chooseSource } from './acceptance.ts';
import type { Command, Decision, SessionChanges } from './command.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom, Refused } from './decision.ts';
import { isUp, serverSession } from './server-session.ts';
import type { SubscribedTrack, Subscription } from './state.ts';
import { hasSource, sameDelivery, sentFormat } from './subscribed-track.ts';
import { unmadeCodec } from './unmade.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;
type Change = NonNullable<SessionChanges['video']>;

/** Told when what it was before is gone too. */
const updateFailed = 'Update subscription failed';

export function decideUpdateSession(
  room: OpenRoom,
  { session: id, kind: what, changes }: Of<'update-session'>,
): Decision {
  const session = serverSession(room, id);
  if (session?.kind !== what) return refuse('not-found', `There is no ${what} ${id}`);
  const { subscription } = session;
  if (subscription === undefined) return refuse('operation-failed', 'Nothing is sent that could be updated');
  if (!isUp(session)) return refuse('operation-failed', 'Session is NOT ready');
  if (subscription.restore !== undefined) return refuse('operation-failed', 'Another update is under way');
  let tracks = subscription.tracks;
  for (const kind of ['audio', 'video'] as const satisfies readonly Kind[]) {
    const change: Change | undefined = changes[kind];
    if (change === undefined) continue;
    const current = tracks.find((track) => track.kind === kind);
    if (current === undefined) return refuse('operation-failed', `Target ${kind} does NOT exist`);
    const updated = update(room, current, change);
    if (!updated.ok) return updated;
    tracks = tracks.map((track) => (track === current ? updated.track : track));
  }
  return changed(subscription, tracks);
}

function changed(
  { id: subscription, tracks: before }: Subscription,
  tracks: readonly SubscribedTrack[],
): Decision {
  if (tracks.some((track, index) => !sameDelivery(track, before[index]))) {
    return accept({ type: 'subscription-replaced', subscription, tracks });
  }
  if (tracks.every(({ status }, index) => status === before[index]?.status)) return accept();
  return accept({ type: 'subscription-changed', subscription, tracks });
}

/** It goes on in the format it has: a file or a live stream cannot change that. */
function update(
  room: OpenRoom,
  current: SubscribedTrack,
  change: Change,
): { readonly ok: true; readonly track: SubscribedTrack } | Refused {
  const { mid, kind } = current;
  const { from = current.from, status = current.status } = change;
  if (change.from === undefined && change.parameters === undefined) {
    return { ok: true, track: { ...current, status } };
  }
  const parameters =
    current.parameters === undefined && change.parameters === undefined
      ? undefined
      : { ...current.parameters, ...change.parameters };
  const format = sentFormat(room, current);
  const source = chooseSource(room, { kind, from, format, parameters });
  if (!source.ok) return source;
  const settled =
    current.format === undefined && current.stream === source.stream ? undefined : source.format;
  return {
    ok: true,
    track: {
      mid,
      kind,
      from,
      stream: source.stream,
      ...(source.track === undefined ? {} : { track: source.track }),
      ...(settled === undefined ? {} : { format: settled }),
      ...(parameters === undefined ? {} : { parameters }),
      status,
    },
  };
}

/** The end of a replacement that did not work. */
export function decideRestore(room: OpenRoom, { id: subscription, restore }: Subscription): Decision {
  const isThere = (track: SubscribedTrack): boolean =>
    hasSource(room, track) && unmadeCodec(room, track) === undefined;
  if (restore?.every(isThere) === true) {
    return accept({ type: 'subscription-restored', subscription });
  }
  return accept({ type: 'subscription-ended', subscription, reason: updateFailed });
}

/** What is up by now stays as it is. */
export function decideGiveUp(room: OpenRoom, { session: id, reason }: Of<'give-up-session'>): Decision {
  const session = serverSession(room, id);
  if (session === undefined) return accept();
  if (session.subscription?.restore !== undefined) return decideRestore(room, session.subscription);
  return isUp(session) ? accept() : accept({ type: 'transport-closed', transport: id, reason });
}
