// Owns when the server itself may take in, send, record, analyse or dial for a room (spec rest-api §9–§11). An accepted
// session is connecting until its worker reports it. Whether there is such a worker is found out when it is placed.
import type {
  AnalyticsRequest,
  RecordingRequest,
  SipCallRequest,
  StreamingInRequest,
  StreamingOutRequest,
} from '../../schemas/server-session.ts';
import type { Kind } from '../../schemas/media.ts';
import type { Origin } from '../../schemas/room.ts';
import type { Work } from '../../schemas/work.ts';
import type { Purpose } from '../../schemas/worker.ts';
import { storableAttributes } from './attributes.ts';
import type { Command, Decision } from './command.ts';
import { decideJoin } from './decide-join.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import type { RoomEvent } from './event.ts';
import { inputRefusal } from './input-rules.ts';
import { maskedUri } from './masked-uri.ts';
import { nowhere } from './nowhere.ts';
import { outputId } from './server-session.ts';
import {
  analysedTracks,
  calledTracks,
  pushedTracks,
  recordedTracks,
  recordingContainer,
} from './server-tracks.ts';
import type { ServerTracks } from './server-tracks.ts';
import type { RequestedTrack, SubscribedTrack } from './state.ts';
import { internalParticipant } from './stream-info.ts';
import { ownership } from './transport-choice.ts';

/** The role of who is on the other end of a call (room-model §1.1). */
export const sipRole = 'sip';

type Start = Extract<Command, { type: 'start-session' }>;

export function decideStartSession(room: OpenRoom, { session: id, request }: Start, now: number): Decision {
  if (room.streams.has(id) || room.subscriptions.has(id) || room.transports.has(id)) {
    return refuse('bad-request', 'Session exists');
  }
  const others = [...room.transports.values()].filter(({ work }) => work !== undefined);
  if (others.length >= ownership.sessions) return refuse('operation-failed', 'Too many sessions');
  switch (request.kind) {
    case 'streaming-in':
      return streamingIn(room, id, request.body);
    case 'streaming-out':
      return streamingOut(room, id, request.body);
    case 'recording':
      return recording(room, id, request.body);
    case 'analytics':
      return analytics(room, id, request.body);
    case 'sip-call':
      return sipCall(room, id, request.body, now);
  }
}

function streamingIn(room: OpenRoom, id: string, body: StreamingInRequest): Decision {
  const { connection, media, attributes } = body;
  const has = { audio: media.audio !== false, video: media.video !== false };
  if (!has.audio && !has.video) return refuse('operation-failed', 'Nothing to publish');
  const refusal = inputRefusal(room, has);
  if (refusal !== undefined) return refusal;
  if (attributes !== undefined && !storableAttributes(attributes)) {
    return refuse('operation-failed', 'Invalid attributes');
  }
  const { url, transportProtocol, bufferSize: bufferBytes, origin } = connection;
  const work: Work = { do: 'pull', url, transportProtocol, bufferBytes, ...media };
  const opened = opening(id, internalParticipant, { purpose: 'streaming', origin, work });
  return accept(opened, {
    type: 'publication-requested',
    stream: id,
    owner: internalParticipant,
    streamType: 'streaming',
    transport: id,
    tracks: requested(has, 'streaming'),
    ...(attributes === undefined ? {} : { attributes }),
  });
}

function streamingOut(room: OpenRoom, id: string, body: StreamingOutRequest): Decision {
  return subscribing(room, id, 'streaming', pushedTracks(room, body.media), () => {
    switch (body.protocol) {
      case 'rtmp':
      case 'rtsp':
        return { do: 'push', target: { protocol: body.protocol, url: body.url } };
      case 'hls':
        return { do: 'push', target: { protocol: 'hls', url: body.url, parameters: body.parameters } };
      case 'dash':
        return { do: 'push', target: { protocol: 'dash', url: body.url, parameters: body.parameters } };
    }
  });
}

function recording(room: OpenRoom, id: string, { container, media }: RecordingRequest): Decision {
  return subscribing(room, id, 'recording', recordedTracks(room, media), (tracks) => ({
    do: 'record',
    container: container === 'auto' ? recordingContainer(tracks) : container,
  }));
}

function analytics(room: OpenRoom, id: string, { algorithm, media }: AnalyticsRequest): Decision {
  return subscribing(room, id, 'analytics', analysedTracks(room, media.video), () => ({
    do: 'analyse',
    algorithm,
  }));
}

function sipCall(
  room: OpenRoom,
  id: string,
  { peerURI: peer, mediaIn, mediaOut }: SipCallRequest,
  now: number,
): Decision {
  if (room.document.sip === undefined) return refuse('operation-failed', 'Room has no SIP connectivity');
  // The peer is nobody's connection: no edge holds it.
  const joining = { participant: id, user: maskedUri(peer), role: sipRole, origin: nowhere, edge: '' };
  const joined = decideJoin(room, { type: 'join', ...joining }, now);
  if (!joined.ok) return joined;
  const role = room.document.roles.find((each) => each.role === sipRole);
  const video = mediaIn.video;
  const gets = { audio: true, video: mediaOut.video !== false };
  if (!role?.publish.audio || (video && !role.publish.video)) return refuse('forbidden', 'unauthorized');
  if (!role.subscribe.audio || (gets.video && !role.subscribe.video))
    return refuse('forbidden', 'unauthorized');
  const refusal = inputRefusal(room, { audio: true, video });
  if (refusal !== undefined) return refusal;
  const choice = calledTracks(room, mediaOut);
  if (!choice.ok) return choice;
  const work: Work = { do: 'call', direction: 'out', peer };
  const origin = sourceOrigin(room, choice.tracks);
  return accept(
    ...joined.events,
    opening(id, id, { purpose: 'sip', origin, work }),
    {
      type: 'publication-requested',
      stream: id,
      owner: id,
      streamType: 'sip',
      transport: id,
      tracks: requested({ audio: true, video }),
    },
    {
      type: 'subscription-requested',
      subscription: outputId(id, work),
      owner: id,
      transport: id,
      tracks: choice.tracks,
    },
  );
}

function subscribing(
  room: OpenRoom,
  id: string,
  purpose: Purpose,
  choice: ServerTracks,
  workOf: (tracks: readonly SubscribedTrack[]) => Work,
): Decision {
  if (!choice.ok) return choice;
  const { tracks } = choice;
  const origin = sourceOrigin(room, tracks);
  const owner = internalParticipant;
  return accept(opening(id, owner, { purpose, origin, work: workOf(tracks) }), {
    type: 'subscription-requested',
    subscription: id,
    owner,
    transport: id,
    tracks,
  });
}

function opening(
  transport: string,
  owner: string,
  what: { readonly purpose: Purpose; readonly origin: Origin; readonly work: Work },
): RoomEvent {
  return { type: 'transport-opened', transport, owner, ...what };
}

function requested(
  has: Readonly<Record<Kind, boolean>>,
  source?: RequestedTrack['source'],
): readonly RequestedTrack[] {
  const kinds = (['audio', 'video'] as const).filter((kind) => has[kind]);
  return kinds.map((kind) => ({ mid: kind, kind, ...(source === undefined ? {} : { source }) }));
}

/** It is served from where its first published source comes in (spec cluster §5.1). */
function sourceOrigin(room: OpenRoom, tracks: readonly SubscribedTrack[]): Origin {
  for (const { stream } of tracks) {
    const transport = room.transports.get(room.streams.get(stream)?.transport ?? '');
    if (transport !== undefined) return transport.origin;
  }
  return nowhere;
}
