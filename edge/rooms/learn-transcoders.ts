// Owns a room's learning of what workers can do now: more than was known when it opened, or codecs less. Its conductor
// writes each change once.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Clock, Log } from '../clock.ts';
import type { Abilities } from './abilities.ts';
import type { Command } from './command.ts';
import type { RoomSettings } from './room-settings.ts';
import type { RoomState } from './state.ts';
import { bothOf, sameTranscoders, type Transcoders } from './transcoders.ts';

export interface Learning {
  /** The room's state has changed. */
  look(): void;
  close(): void;
}

/** What could not be written, was heard while something was, or is no longer in the log, waits so long. */
const restMs = 1000;

/** Lasts until it is closed. */
export function learnTranscoders(deps: {
  readonly room: string;
  readonly watch: RoomSettings['watchTranscoders'];
  readonly state: () => Pick<RoomState, 'document' | 'transcoders'>;
  readonly execute: (command: Command) => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
}): Learning {
  const { room, watch, state, execute, clock, log } = deps;
  let phase: 'idle' | 'busy' | 'closed' = 'idle';
  let abilities: Abilities | undefined;
  let cancelRest: Unsubscribe = () => undefined;

  /** What the room should know and does not. */
  function news(): Transcoders | undefined {
    const { document, transcoders } = state();
    if (document === undefined || abilities === undefined) return undefined;
    const now = learned(transcoders, abilities, document.mediaEngines);
    return sameTranscoders(now, transcoders) ? undefined : now;
  }

  function write(): void {
    const transcoders = phase === 'idle' ? news() : undefined;
    if (transcoders === undefined) return;
    phase = 'busy';
    execute({ type: 'learn-transcoders', transcoders })
      .catch((error: unknown) => log.warn('what workers can do could not be written', { room, error }))
      .finally(() => {
        if (phase === 'closed') return;
        phase = 'idle';
        look();
      });
  }

  function look(): void {
    if (phase !== 'idle' || news() === undefined) return;
    phase = 'busy';
    cancelRest = clock.after(restMs, () => {
      phase = 'idle';
      write();
    });
  }

  const stop = watch((known) => {
    abilities = known;
    write();
  });
  return {
    look,
    close() {
      phase = 'closed';
      stop();
      cancelRest();
    },
  };
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
