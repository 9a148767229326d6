// Owns the change of one participant's rights through REST (rest-api §7). What it already publishes goes on.
import type { Permission } from '../../schemas/stream.ts';
import type { ParticipantPatch } from '../../schemas/management.ts';
import type { Command, Decision } from './command.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom } from './decision.ts';

export function decidePermission(
  room: OpenRoom,
  command: Extract<Command, { type: 'patch-participant' }>,
): Decision {
  const participant = room.participants.get(command.participant);
  if (participant === undefined) return refuse('participant-not-found', 'Participant does NOT exist');
  const permission = command.patch.reduce(patched, participant.permission);
  if (same(permission, participant.permission)) return accept();
  return accept({ type: 'permission-changed', participant: participant.id, permission });
}

function patched({ publish, subscribe }: Permission, patch: ParticipantPatch[number]): Permission {
  switch (patch.path) {
    case '/permission/publish':
      return { publish: patch.value, subscribe };
    case '/permission/subscribe':
      return { publish, subscribe: patch.value };
    case '/permission/publish/audio':
      return { publish: { ...publish, audio: patch.value }, subscribe };
    case '/permission/publish/video':
      return { publish: { ...publish, video: patch.value }, subscribe };
    case '/permission/subscribe/audio':
      return { publish, subscribe: { ...subscribe, audio: patch.value } };
    case '/permission/subscribe/video':
      return { publish, subscribe: { ...subscribe, video: patch.value } };
  }
}

function same(a: Permission, b: Permission): boolean {
  return (
    a.publish.audio === b.publish.audio &&
    a.publish.video === b.publish.video &&
    a.subscribe.audio === b.subscribe.audio &&
    a.subscribe.video === b.subscribe.video
  );
}
