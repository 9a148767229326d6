// Owns the way from a command to the rules of its topic, and what a room that is not open answers.
import type { Command, Decision } from './command.ts';
import { decideAttach, decideDrop, decideExpire, decideJoin, decideLeave } from './decide-join.ts';
import { decideSetLayout, decideSetRegion } from './decide-layout.ts';
import { decideClose, decideCloseIfIdle, decideLearn, decideOpen, decideReschedule } from './decide-life.ts';
import { decideMix } from './decide-mix.ts';
import { decidePermission } from './decide-permission.ts';
import { decidePublish } from './decide-publish.ts';
import { decideReport } from './decide-report.ts';
import { decideStreamStatus, decideSubscriptionStatus } from './decide-status.ts';
import { decideSubscribe } from './decide-subscribe.ts';
import { decideText } from './decide-text.ts';
import {
  decidePlaceMixing,
  decidePlacement,
  decideUnplaceable,
  decideWorkerLost,
} from './decide-transport.ts';
import { decideEndSession, decideUnpublish, decideUnsubscribe } from './decide-end.ts';
import { decideStartSession } from './decide-start-session.ts';
import { decideGiveUp, decideUpdateSession } from './decide-update-session.ts';
import { decideUpdate } from './decide-update.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import type { RoomState } from './state.ts';

/**
 * Turns a command into the events that make it true, or a refusal with the wire text of portal-protocol §6. Never
 * throws. `now` is in milliseconds since 1970.
 */
export function decide(state: RoomState, command: Command, now: number): Decision {
  if (!isOpen(state)) return command.type === 'open' ? decideOpen(command) : decideClosed(command);
  const room = state;
  switch (command.type) {
    case 'open':
      return accept();
    case 'learn-transcoders':
      return decideLearn(room, command);
    case 'close':
      return decideClose(command);
    case 'close-if-idle':
      return decideCloseIfIdle(room);
    case 'reschedule':
      return decideReschedule(room, command);
    case 'join':
      return decideJoin(room, command, now);
    case 'attach':
      return decideAttach(room, command);
    case 'leave':
      return decideLeave(room, command);
    case 'expire':
      return decideExpire(room, command);
    case 'drop':
      return decideDrop(room, command);
    case 'patch-participant':
      return decidePermission(room, command);
    case 'publish':
      return decidePublish(room, command);
    case 'unpublish':
      return decideUnpublish(room, command);
    case 'subscribe':
      return decideSubscribe(room, command);
    case 'unsubscribe':
      return decideUnsubscribe(room, command);
    case 'start-session':
      return decideStartSession(room, command, now);
    case 'update-session':
      return decideUpdateSession(room, command);
    case 'end-session':
      return decideEndSession(room, command);
    case 'give-up-session':
      return decideGiveUp(room, command);
    case 'set-stream-status':
      return decideStreamStatus(room, command);
    case 'set-subscription-status':
      return decideSubscriptionStatus(room, command);
    case 'update-subscription':
      return decideUpdate(room, command);
    case 'mix':
    case 'unmix':
      return decideMix(room, command);
    case 'set-region':
      return decideSetRegion(room, command);
    case 'set-layout':
      return decideSetLayout(room, command);
    case 'place-mixing':
      return decidePlaceMixing(room, command);
    case 'text':
      return decideText(room, command);
    case 'place-transport':
      return decidePlacement(room, command);
    case 'transport-unplaceable':
      return decideUnplaceable(room, command);
    case 'report':
      return decideReport(room, command);
    case 'worker-lost':
      return decideWorkerLost(room, command);
  }
}

function isOpen(state: RoomState): state is OpenRoom {
  return state.document !== undefined;
}

/** What only takes away is already true of a room that is not open; the rest has nothing to work on. */
function decideClosed(command: Exclude<Command, { type: 'open' }>): Decision {
  switch (command.type) {
    case 'learn-transcoders':
    case 'close':
    case 'close-if-idle':
    case 'reschedule':
    case 'leave':
    case 'expire':
    case 'give-up-session':
    case 'place-transport':
    case 'place-mixing':
    case 'transport-unplaceable':
    case 'report':
    case 'worker-lost':
      return accept();
    default:
      return refuse('room-not-found', 'Room is not open');
  }
}
