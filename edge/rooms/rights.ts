// Owns who may act on another's stream or subscription (portal-protocol §6, §11).
import type { Actor } from './command.ts';
import type { RoomState } from './state.ts';

/** Ends are for the owner and the server. */
export function mayEnd(actor: Actor, owner: string): boolean {
  return actor === 'server' || actor.participant === owner;
}

/** Controls are also for participants of the role `admin`. */
export function mayControl(state: RoomState, actor: Actor, owner: string): boolean {
  return mayEnd(actor, owner) || hasAllRights(state, actor);
}

/** The server, and participants of the role `admin`. */
export function hasAllRights(state: RoomState, actor: Actor): boolean {
  return actor === 'server' || state.participants.get(actor.participant)?.role === 'admin';
}
