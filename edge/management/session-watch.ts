// Owns the wait for a session of the server itself: until its worker has said that it runs, until it ended, or until it
// took too long.
import { SluiceError } from '../../schemas/error.ts';
import type { ServerSessionRequest } from '../../schemas/server-session.ts';
import type { Clock } from '../clock.ts';
import type { Command } from '../rooms/command.ts';
import type { LiveRoom } from '../rooms/live-room.ts';
import { isUp, outputId, serverSession, type ServerSession } from '../rooms/server-session.ts';
import type { RoomState } from '../rooms/state.ts';
import { execute } from './room-session.ts';

const failed = (message: string) => new SluiceError('operation-failed', message);

/**
 * Starts a session and resolves when it is up. Throws SluiceError `operation-failed` with the reason of the room or the
 * worker, or with `late` after `withinMs`; then nothing of it is left.
 */
export async function startSession(
  clock: Clock,
  room: LiveRoom,
  session: string,
  request: ServerSessionRequest,
  { withinMs, late }: { readonly withinMs: number; readonly late: string },
): Promise<ServerSession> {
  const look = (state: RoomState): ServerSession | 'ended' | undefined => {
    const found = serverSession(state, session);
    if (found === undefined) return 'ended';
    return isUp(found) ? found : undefined;
  };
  return watching(clock, room, session, async (watch) => {
    await obey(room, { type: 'start-session', session, request });
    let seen = await watch.until(look, withinMs);
    if (seen === undefined) {
      await room.execute({ type: 'give-up-session', session, reason: late });
      seen = look(room.state);
    }
    if (typeof seen === 'object') return seen;
    throw failed(watch.reason ?? late);
  });
}

/**
 * Changes what a session is sent and resolves when its worker has done so. Throws SluiceError `operation-failed` when it
 * cannot, or not within `withinMs`; then the session goes on as it was.
 */
export async function updateSession(
  clock: Clock,
  room: LiveRoom,
  command: Extract<Command, { type: 'update-session' }>,
  withinMs: number,
): Promise<ServerSession> {
  const { session } = command;
  const late = 'Update subscription failed';
  return watching(clock, room, session, async (watch) => {
    await obey(room, command);
    const revision = outputOf(room.state, session)?.revision;
    const look = (state: RoomState): 'done' | 'failed' | undefined => {
      const output = outputOf(state, session);
      if (output === undefined || output.revision !== revision) return 'failed';
      return output.restore === undefined ? 'done' : undefined;
    };
    let seen = await watch.until(look, withinMs);
    if (seen === undefined) {
      await room.execute({ type: 'give-up-session', session, reason: late });
      seen = look(room.state);
    }
    const found = serverSession(room.state, session);
    if (found === undefined || seen !== 'done') throw failed(watch.reason ?? late);
    return found;
  });
}

function outputOf({ transports, subscriptions }: RoomState, session: string) {
  const work = transports.get(session)?.work;
  return work && subscriptions.get(outputId(session, work));
}

/** What was well-formed but cannot be had is a failed operation, whatever the room calls it (spec rest-api §2.1). */
async function obey(room: LiveRoom, command: Command): Promise<void> {
  try {
    await execute(room, command);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    if (error.code !== 'bad-request' && error.code !== 'forbidden') throw error;
    throw failed(error.message);
  }
}

interface Watch {
  /** Why the session ended, if that was told. */
  readonly reason: string | undefined;
  /** What `look` finds in the state now or later; undefined after `withinMs`. */
  until<T>(look: (state: RoomState) => T | undefined, withinMs: number): Promise<T | undefined>;
}

async function watching<T>(
  clock: Clock,
  room: LiveRoom,
  session: string,
  run: (watch: Watch) => Promise<T>,
): Promise<T> {
  let reason: string | undefined;
  let changed: () => void = () => undefined;
  const stop = room.listen(({ notices }) => {
    for (const { notice } of notices) {
      if (notice.type === 'session-ended' && notice.transport === session) reason ??= notice.reason;
    }
    changed();
  });
  try {
    return await run({
      get reason() {
        return reason;
      },
      until: (look, withinMs) =>
        new Promise((resolve) => {
          const cancel = clock.after(withinMs, () => resolve(undefined));
          changed = () => {
            const found = look(room.state);
            if (found === undefined) return;
            cancel();
            resolve(found);
          };
          changed();
        }),
    });
  } finally {
    stop();
  }
}
