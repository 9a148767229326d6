// Owns coming and going: joining, the edge that holds a participant's connection, leaving and being dropped.
import type { Command, Decision } from './command.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { internalParticipant } from './stream-info.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

export function decideJoin(room: OpenRoom, command: Of<'join'>, now: number): Decision {
  const { participantLimit, roles, schedule: { opensAt, closesAt } = {} } = room.document;
  const { participant: id, user, role: name, origin, edge } = command;
  if (opensAt !== undefined && now < opensAt) return refuse('operation-failed', 'Room is not open yet');
  if (closesAt !== undefined && now >= closesAt) return refuse('operation-failed', 'Room is closed');
  const count = [...room.participants.keys()].filter((each) => each !== internalParticipant).length;
  if (participantLimit > 0 && count >= participantLimit) return refuse('operation-failed', 'Room is full');
  const role = roles.find((each) => each.role === name);
  if (role === undefined) return refuse('forbidden', 'Invalid role');
  if (room.participants.has(id)) return refuse('bad-request', `Participant exists: ${id}`);
  const permission = { publish: { ...role.publish }, subscribe: { ...role.subscribe } };
  return accept({
    type: 'participant-joined',
    participant: { id, user, role: name, permission, origin, edge },
  });
}

export function decideAttach(room: OpenRoom, command: Of<'attach'>): Decision {
  const participant = room.participants.get(command.participant);
  if (participant === undefined) return refuse('participant-not-found', 'Client does NOT exist');
  if (command.from !== undefined && participant.edge !== command.from) {
    return refuse('operation-failed', 'Participant has moved');
  }
  if (participant.edge === command.edge) return accept();
  return accept({ type: 'participant-attached', participant: participant.id, edge: command.edge });
}

export function decideLeave(room: OpenRoom, command: Of<'leave'>): Decision {
  if (!room.participants.has(command.participant)) return accept();
  return accept({ type: 'participant-left', participant: command.participant });
}

export function decideExpire(room: OpenRoom, command: Of<'expire'>): Decision {
  const participant = room.participants.get(command.participant);
  if (participant?.edge !== command.edge) return accept();
  return accept({ type: 'participant-left', participant: participant.id });
}

export function decideDrop(room: OpenRoom, command: Of<'drop'>): Decision {
  const { participant, reason } = command;
  if (!room.participants.has(participant)) {
    return refuse('participant-not-found', 'Participant does NOT exist');
  }
  return accept({ type: 'participant-left', participant, dropped: reason });
}
