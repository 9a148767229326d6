// Owns the wanted end of a publication, a subscription or a session of the server's own. The owner who asked is told
// nothing; one whose session the server ends is told why.
import type { Command, Decision } from './command.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { mayEnd } from './rights.ts';
import { serverSession } from './server-session.ts';

const endedByServer = { reason: 'Ended by the server' };

export function decideUnpublish(room: OpenRoom, command: Extract<Command, { type: 'unpublish' }>): Decision {
  const { actor, session } = command;
  const stream = room.streams.get(session);
  if (stream === undefined) return refuse('stream-not-found', 'Stream does NOT exist');
  if (!mayEnd(actor, stream.owner)) return refuse('forbidden', 'unauthorized');
  return accept({
    type: 'publication-ended',
    stream: session,
    ...(actor === 'server' ? endedByServer : {}),
  });
}

export function decideUnsubscribe(
  room: OpenRoom,
  command: Extract<Command, { type: 'unsubscribe' }>,
): Decision {
  const { actor, session } = command;
  const subscription = room.subscriptions.get(session);
  if (subscription === undefined) return refuse('not-found', 'Subscription does NOT exist');
  if (!mayEnd(actor, subscription.owner)) return refuse('forbidden', 'unauthorized');
  return accept({
    type: 'subscription-ended',
    subscription: session,
    ...(actor === 'server' ? endedByServer : {}),
  });
}

/** It must be of the kind that is named (spec rest-api §10). */
export function decideEndSession(
  room: OpenRoom,
  { session: id, kind }: Extract<Command, { type: 'end-session' }>,
): Decision {
  const session = serverSession(room, id);
  if (session === undefined && !room.subscriptions.has(id)) {
    return refuse('not-found', `There is no ${kind} ${id}`);
  }
  if (session?.kind !== kind) return refuse('operation-failed', 'Delete type not match');
  return accept({ type: 'transport-closed', transport: id });
}
