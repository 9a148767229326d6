// Owns how REST reaches a room that is live: what of it may be shown, commands as the server, and its end.
import { SluiceError } from '../../schemas/error.ts';
import type { Command } from '../rooms/command.ts';
import type { LiveRoom } from '../rooms/live-room.ts';
import type { ResourceDeps } from './resource-env.ts';

/** Has the room do it. Throws SluiceError with the room's refusal. */
export async function execute(room: LiveRoom, command: Command): Promise<void> {
  const outcome = await room.execute(command);
  if (!outcome.ok) throw new SluiceError(outcome.refusal.code, outcome.refusal.message);
}

/**
 * Removes rooms by `remove` and ends their sessions, on whatever edge they live; their participants are told. False when
 * `remove` says so. A session that does not end is logged: the room ends with its last participant.
 */
export async function removeWithSessions(
  { rooms, log }: Pick<ResourceDeps, 'rooms' | 'log'>,
  ids: readonly string[],
  remove: () => Promise<boolean>,
): Promise<boolean> {
  async function attempted<T>(room: string, attempt: Promise<T>): Promise<T | undefined> {
    try {
      return await attempt;
    } catch (error) {
      log.error('Closing a deleted room failed', { room, error });
      return undefined;
    }
  }
  // Reached before its document is gone: without that it can no longer be opened here.
  const found = await Promise.all(ids.map((id) => attempted(id, rooms.reach(id))));
  if (!(await remove())) return false;
  const close = { type: 'close', reason: 'Room destruction' } as const;
  const live = found.flatMap((room) => room ?? []);
  await Promise.all(live.map((room) => attempted(room.id, room.execute(close))));
  return true;
}
