// Owns text messages between participants (portal-protocol §6).
import { limits } from '../../schemas/request.ts';
import type { Command, Decision } from './command.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom } from './decision.ts';

export function decideText(room: OpenRoom, command: Extract<Command, { type: 'text' }>): Decision {
  const { from, to, message } = command;
  if (!room.participants.has(from)) return refuse('participant-not-found', 'Participant has not joined');
  if (to === '') return refuse('bad-request', 'Invalid receiver');
  if (message.length > limits.textChars) {
    return refuse('too-large', `Message is longer than ${limits.textChars} characters`);
  }
  if (to !== 'all' && !room.participants.has(to)) {
    return refuse('participant-not-found', `Target participant does NOT exist: ${to}`);
  }
  return accept({ type: 'text-sent', from, to, message });
}
