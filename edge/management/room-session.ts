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

/** Ends the session of a room whose document is gone. A failure is logged: the room ends with its last participant. */
export async function endSession({ rooms, log }: ResourceDeps, id: string): Promise<void> {
  try {
    await rooms.find(id)?.execute({ type: 'close', reason: 'Room destruction' });
  } catch (error) {
    log.error('Closing a deleted room failed', { room: id, error: String(error) });
  }
}
