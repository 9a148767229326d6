// Owns the way from a command to the rules of its topic, and what a room that is not open answers.
import type { Command, Decision } from './command.ts';
import { decideAttach, decideDrop, decideExpire, decideJoin, decideLeave } from './decide-join.ts';
import { decideSetLayout, decideSetRegion } from './decide-layout.ts';
import { decideClose, decideCloseIfIdle, decideLearn, decideOpen, decideReschedule } from './decide-life.ts';
import { decideMix } from './decide-mix.ts';
import { decideMixingUnplaceable } from './decide-mixer-failed.ts';
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
  switch (command.type) {
    case 'open':
      return accept();
    case 'learn-transcoders':
      return decideLearn(state, command);
    case 'close':
      return decideClose(command);
    case 'close-if-idle':
      return decideCloseIfIdle(state);
    case 'reschedule':
      return decideReschedule(state, command);
    case 'join':
      return decideJoin(state, command, now);
    case 'attach':
      return decideAttach(state, command);
    case 'leave':
      return decideLeave(state, command);
    case 'expire':
      return decideExpire(state, command);
    case 'drop':
      return decideDrop(state, command);
    case 'patch-participant':
      return decidePermission(state, command);
    case 'publish':
      return decidePublish(state, command);
    case 'unpublish':
      return decideUnpublish(state, command);
    case 'subscribe':
      return decideSubscribe(state, command);
    case 'unsubscribe':
      return decideUnsubscribe(state, command);
    case 'start-session':
      return decideStartSession(state, command, now);
    case 'update-session':
      return decideUpdateSession(state, command);
    case 'end-session':
      return decideEndSession(state, command);
    case 'give-up-session':
      return decideGiveUp(state, command);
    case 'set-stream-status':
      return decideStreamStatus(state, command);
    case 'set-subscription-status':
      return decideSubscriptionStatus(state, command);
    case 'update-subscription':
      return decideUpdate(state, command);
    case 'mix':
    case 'unmix':
      return decideMix(state, command);
    case 'set-region':
      return decideSetRegion(state, command);
    case 'set-layout':
      return decideSetLayout(state, command);
    case 'place-mixing':
      return decidePlaceMixing(state, command);
    case 'mixing-unplaceable':
      return decideMixingUnplaceable(state, command);
    case 'text':
      return decideText(state, command);
    case 'place-transport':
      return decidePlacement(state, command);
    case 'transport-unplaceable':
      return decideUnplaceable(state, command);
    case 'report':
      return decideReport(state, command);
    case 'worker-lost':
      return decideWorkerLost(state, command);
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
    case 'mixing-unplaceable':
    case 'transport-unplaceable':
    case 'report':
    case 'worker-lost':
      return accept();
    default:
      return refuse('room-not-found', 'Room is not open');
  }
}
