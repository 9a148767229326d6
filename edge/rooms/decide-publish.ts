// Owns when a participant may publish (portal-protocol §6.1). An accepted publication is connecting: it is shown only
// when its worker reports its tracks (decide-report).
import type { PublishRequest } from '../../schemas/request.ts';
import { storableAttributes } from './attributes.ts';
import type { Command, Decision } from './command.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { inputRefusal } from './input-rules.ts';
import type { RequestedTrack } from './state.ts';
import { chooseTransport } from './transport-choice.ts';

export function decidePublish(room: OpenRoom, command: Extract<Command, { type: 'publish' }>): Decision {
  const { participant: owner, session: id, request } = command;
  const participant = room.participants.get(owner);
  if (participant === undefined) return refuse('participant-not-found', 'Participant has not joined');
  if (request.data === true || request.transport?.type === 'quic') {
    return refuse('not-implemented', 'Data and quic streams are not supported');
  }
  const tracks = request.media?.tracks ?? [];
  if (tracks.length === 0) return refuse('bad-request', 'Nothing to publish');
  const has = { audio: tracks.some(isKind('audio')), video: tracks.some(isKind('video')) };
  const { publish } = participant.permission;
  if ((has.audio && !publish.audio) || (has.video && !publish.video)) {
    return refuse('forbidden', 'unauthorized');
  }
  const refusal = inputRefusal(room, has);
  if (refusal !== undefined) return refusal;
  if (room.streams.has(id) || room.subscriptions.has(id)) return refuse('bad-request', 'Stream exists');
  const { attributes } = request;
  if (attributes !== undefined && !storableAttributes(attributes)) {
    return refuse('bad-request', 'Invalid attributes');
  }
  const mids = tracks.map((track) => track.mid);
  const choice = chooseTransport(room, { id, owner, mids, transport: request.transport?.id ?? undefined });
  if (!choice.ok) return choice;
  return accept(...choice.events, {
    type: 'publication-requested',
    stream: id,
    owner,
    streamType: 'webrtc',
    transport: choice.transport,
    tracks: tracks.map(requested),
    ...(attributes === undefined ? {} : { attributes }),
  });
}

type PublishTrack = NonNullable<PublishRequest['media']>['tracks'][number];

function isKind(kind: 'audio' | 'video'): (track: PublishTrack) => boolean {
  return (track) => track.type === kind;
}

function requested({ type, mid, source }: PublishTrack): RequestedTrack {
  return { mid, kind: type, ...(source === undefined ? {} : { source }) };
}
