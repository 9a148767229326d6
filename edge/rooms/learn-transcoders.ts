// Owns a room's learning of what workers can do that were not heard of when it opened: its conductor writes that once.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Log } from '../clock.ts';
import type { Command } from './command.ts';
import type { RoomSettings } from './room-settings.ts';
import type { RoomState } from './state.ts';
import { bothOf, sameTranscoders } from './transcoders.ts';

/** Lasts until the result is called. What cannot be written is tried again when it is heard the next time. */
export function learnTranscoders(deps: {
  readonly room: string;
  readonly watch: RoomSettings['watchTranscoders'];
  readonly state: () => RoomState;
  readonly execute: (command: Command) => Promise<unknown>;
  readonly log: Log;
}): Unsubscribe {
  const { room, watch, state, execute, log } = deps;
  let writing = false;
  return watch((transcoders) => {
    const known = state().transcoders;
    if (writing || sameTranscoders(bothOf(known, transcoders), known)) return;
    writing = true;
    execute({ type: 'learn-transcoders', transcoders })
      .catch((error: unknown) => log.warn('what workers can do could not be written', { room, error }))
      .finally(() => {
        writing = false;
      });
  });
}
