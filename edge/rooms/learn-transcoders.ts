// Owns a room's learning of what workers can do now: more than was known when it opened, or codecs less. Its conductor
// writes each change once.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Log } from '../clock.ts';
import type { Abilities } from './abilities.ts';
import type { Command } from './command.ts';
import type { RoomSettings } from './room-settings.ts';
import type { RoomState } from './state.ts';
import { bothOf, sameTranscoders, type Transcoders } from './transcoders.ts';

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
  return watch((abilities) => {
    const known = state().transcoders;
    const transcoders = learned(known, abilities, state().document?.mediaEngines);
    if (writing || sameTranscoders(transcoders, known)) return;
    writing = true;
    execute({ type: 'learn-transcoders', transcoders })
      .catch((error: unknown) => log.warn('what workers can do could not be written', { room, error }))
      .finally(() => {
        writing = false;
      });
  });
}

/** Codecs are taken back only on the word of who knows all workers. */
function learned(
  known: Transcoders,
  { of, whole }: Abilities,
  engines: Parameters<Abilities['of']>[0],
): Transcoders {
  const now = of(engines);
  if (!whole) return bothOf(known, now);
  return { ...now, audio: known.audio || now.audio, video: known.video || now.video };
}
