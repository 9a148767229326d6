// Owns what a worker's reports mean. A report may come twice or late: what is already so, what is gone, and what is on
// another worker gives no events.
import type { ReportItem, ReportedTrack } from '../../schemas/worker.ts';
import type { WorkResult } from '../../schemas/work.ts';
import { storableAttributes } from './attributes.ts';
import type { Command, Decision } from './command.ts';
import { decideAugmented } from './decide-augmented.ts';
import { decideMixerFailed } from './decide-mixer-failed.ts';
import { decideNegotiated } from './decide-negotiated.ts';
import { decideRestore } from './decide-update-session.ts';
import { decideVoice } from './decide-voice.ts';
import { accept } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { sameTracks, trackObjection, tracksFrom } from './reported-tracks.ts';
import type { Stream, Subscription, Transport } from './state.ts';

export function decideReport(room: OpenRoom, command: Extract<Command, { type: 'report' }>): Decision {
  const { worker, item } = command;
  switch (item.type) {
    case 'transport-ready':
    case 'transport-failed':
    case 'augmented':
      return aboutTransport(room, room.transports.get(item.transport), worker, item);
    case 'publication-ready':
    case 'publication-changed':
    case 'publication-failed': {
      const stream = room.streams.get(item.publication);
      if (stream === undefined || !isOn(room, stream.transport, worker)) return accept();
      return aboutPublication(room, stream, item);
    }
    case 'subscription-ready':
    case 'subscription-failed': {
      const subscription = room.subscriptions.get(item.subscription);
      if (subscription === undefined || !isOn(room, subscription.transport, worker)) return accept();
      return aboutSubscription(room, subscription, item);
    }
    case 'subscription-negotiated': {
      const subscription = room.subscriptions.get(item.subscription);
      if (subscription === undefined || !isOn(room, subscription.transport, worker)) return accept();
      return decideNegotiated(room, subscription, item.tracks);
    }
    case 'speaker':
    case 'selected':
      return decideVoice(room, worker, item);
    case 'mixer-failed':
      return decideMixerFailed(room, worker, item.mixer);
  }
}

type Item<T extends ReportItem['type']> = Extract<ReportItem, { type: T }>;

function isOn(room: OpenRoom, transport: string, worker: string): boolean {
  return room.transports.get(transport)?.worker === worker;
}

function aboutTransport(
  room: OpenRoom,
  transport: Transport | undefined,
  worker: string,
  item: Item<'transport-ready' | 'transport-failed' | 'augmented'>,
): Decision {
  if (transport?.worker !== worker) return accept();
  if (item.type === 'augmented') return decideAugmented(room, transport, item.tracks);
  if (item.type === 'transport-failed') {
    return accept({ type: 'transport-closed', transport: transport.id, reason: item.reason });
  }
  if (transport.phase === 'ready') return accept();
  const result = transport.work === undefined ? undefined : storable(item.result);
  return accept({
    type: 'transport-ready',
    transport: transport.id,
    ...(result === undefined ? {} : { result }),
  });
}

/** Without what the log could not give back. */
function storable(result: WorkResult | undefined): WorkResult | undefined {
  if (result?.analytics === undefined || storableAttributes(result.analytics)) return result;
  const { analytics: _refused, ...rest } = result;
  return rest;
}

function aboutPublication(
  room: OpenRoom,
  stream: Stream,
  item: Item<'publication-ready' | 'publication-changed' | 'publication-failed'>,
): Decision {
  switch (item.type) {
    case 'publication-failed':
      return accept({ type: 'publication-ended', stream: stream.id, reason: item.reason });
    case 'publication-ready':
      // Said again after a change it would take the change back.
      return stream.phase === 'ready' ? accept() : withTracks(room, stream, item.tracks);
    case 'publication-changed':
      return stream.phase === 'ready' ? withTracks(room, stream, item.tracks) : accept();
  }
}

function withTracks(room: OpenRoom, stream: Stream, reported: readonly ReportedTrack[]): Decision {
  const tracks = tracksFrom(stream, reported);
  const reason = trackObjection(room.document, tracks);
  if (reason !== undefined) return accept({ type: 'publication-ended', stream: stream.id, reason });
  if (stream.phase === 'connecting') return accept({ type: 'publication-ready', stream: stream.id, tracks });
  if (sameTracks(tracks, stream.tracks)) return accept();
  return accept({ type: 'publication-changed', stream: stream.id, tracks });
}

function aboutSubscription(
  room: OpenRoom,
  subscription: Subscription,
  item: Item<'subscription-ready' | 'subscription-failed'>,
): Decision {
  const { id, phase, revision = 0, restore } = subscription;
  // About what it carried before it was replaced.
  if ((item.revision ?? 0) !== revision) return accept();
  if (item.type === 'subscription-failed') {
    if (restore !== undefined) return decideRestore(room, subscription);
    return accept({ type: 'subscription-ended', subscription: id, reason: item.reason });
  }
  if (phase === 'ready' && restore === undefined) return accept();
  return accept({ type: 'subscription-ready', subscription: id });
}
