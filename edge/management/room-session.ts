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
  const failed = (room: string) => (error: unknown) =>
    void log.error('Closing a deleted room failed', { room, error: String(error) });
  // Reached before its document is gone: without that it can no longer be opened here.
  const live = await Promise.all(ids.map((id) => rooms.reach(id).catch(failed(id))));
  if (!(await remove())) return false;
  const close = { type: 'close', reason: 'Room destruction' } as const;
  await Promise.all(live.map((room) => room?.execute(close).catch(failed(room.id))));
  return true;
}
