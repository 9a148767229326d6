// Owns when a participant may subscribe (portal-protocol §6.2). What its tracks may ask for is in acceptance.
import type { SubscribeRequest } from '../../schemas/request.ts';
import { chooseSource, type Source } from './acceptance.ts';
import type { Command, Decision } from './command.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import type { SubscribedTrack } from './state.ts';
import { chooseTransport } from './transport-choice.ts';

export function decideSubscribe(room: OpenRoom, command: Extract<Command, { type: 'subscribe' }>): Decision {
  const { participant: owner, session: id, request } = command;
  const participant = room.participants.get(owner);
  if (participant === undefined) return refuse('participant-not-found', 'Participant has not joined');
  if (request.data !== undefined || request.transport?.type === 'quic') {
    return refuse('not-implemented', 'Data and quic streams are not supported');
  }
  const wanted = request.media?.tracks ?? [];
  if (wanted.length === 0) return refuse('bad-request', 'Nothing to subscribe');
  const { subscribe } = participant.permission;
  if (wanted.some((track) => !subscribe[track.type])) return refuse('forbidden', 'unauthorized');
  if (room.subscriptions.has(id) || room.streams.has(id)) return refuse('bad-request', 'Subscription exists');
  const tracks: SubscribedTrack[] = [];
  for (const track of wanted) {
    const source = chooseSource(room, { ...track, kind: track.type });
    if (!source.ok) return source;
    tracks.push(subscribed(track, source));
  }
  const mids = wanted.map((track) => track.mid);
  const choice = chooseTransport(room, { id, owner, mids, transport: request.transport?.id ?? undefined });
  if (!choice.ok) return choice;
  return accept(...choice.events, {
    type: 'subscription-requested',
    subscription: id,
    owner,
    transport: choice.transport,
    tracks,
  });
}

type SubscribeTrack = NonNullable<SubscribeRequest['media']>['tracks'][number];

function subscribed(
  { mid, type, from, parameters }: SubscribeTrack,
  { stream, track, format }: Extract<Source, { ok: true }>,
): SubscribedTrack {
  return {
    mid,
    kind: type,
    from,
    stream,
    ...(track === undefined ? {} : { track }),
    ...(format === undefined ? {} : { format }),
    ...(parameters === undefined ? {} : { parameters }),
    status: 'active',
  };
}
