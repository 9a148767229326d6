// Owns the way from a command to its topic's rules.
import type { Command, Decision } from './command.ts';
import { refuse } from './decision.ts';
import type { RoomState } from './state.ts';

/** Turns a command into events, or a refusal. `now` in milliseconds since 1970. */
export function decide(_state: RoomState, _command: Command, _now: number): Decision {
  return refuse('not-implemented', 'Not implemented');
}
