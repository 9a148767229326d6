// Owns the update of a subscription (portal-protocol §6.4): another source or other parameters on the same m-line.
import type { Kind } from '../../schemas/media.ts';
import type { WantedParameters } from '../../schemas/request.ts';
import { chooseSource, unsatisfied } from './acceptance.ts';
import type { Command, Decision } from './command.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom, Refused } from './decision.ts';
import { compatibleVideo, sameAudioFormat } from './formats.ts';
import { hasAllRights, mayControl } from './rights.ts';
import type { SubscribedTrack, Subscription, Track } from './state.ts';

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
  const changed = tracks.some((track, index) => !sameTrack(track, subscription.tracks[index]));
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
  const source = chooseSource(room, { kind, from, parameters });
  if (!source.ok) return source;
  if (!sameCodec(sourceOf(room, current), source.track)) {
    return unsatisfied(kind, 'Format is not acceptable');
  }
  return {
    ok: true,
    track: {
      mid,
      kind,
      from,
      stream: source.stream.id,
      track: source.track.id,
      ...(parameters === undefined ? {} : { parameters }),
      status,
    },
  };
}

function sourceOf(room: OpenRoom, { stream, track }: SubscribedTrack): Track | undefined {
  return room.streams.get(stream)?.tracks.find((each) => each.id === track);
}

/** No SDP follows an update, so the m-line goes on with the codec it has. */
function sameCodec(before: Track | undefined, after: Track): boolean {
  if (before === undefined) return true;
  if (before.kind === 'audio' || after.kind === 'audio') {
    return before.kind === after.kind && sameAudioFormat(before.format, after.format);
  }
  return compatibleVideo(after.format, before.format);
}

function sameTrack(a: SubscribedTrack, b: SubscribedTrack | undefined): boolean {
  return (
    a.from === b?.from &&
    a.stream === b.stream &&
    a.track === b.track &&
    sameParameters(a.parameters ?? {}, b.parameters ?? {})
  );
}

function sameParameters(a: WantedParameters, b: WantedParameters): boolean {
  return (
    a.resolution?.width === b.resolution?.width &&
    a.resolution?.height === b.resolution?.height &&
    a.framerate === b.framerate &&
    a.bitrate === b.bitrate &&
    a.keyFrameInterval === b.keyFrameInterval
  );
}
