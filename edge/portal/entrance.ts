// Owns how clients come into live rooms: the room is opened, the participant is made in it, and who was told that it did
// not come in is put out again. What it finds inside is `portal.ts`'s to tell.
import { SluiceError } from '../../schemas/error.ts';
import type { Clock, Log } from '../clock.ts';
import type { LiveRoom, Rooms } from '../rooms/live-room.ts';
import type { RoomEntry } from '../store/directory.ts';
import type { Redeemed } from '../tokens/tokens.ts';
import { noSuchClient } from './no-such-client.ts';

export interface EntranceDeps {
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly log: Log;
  /** This edge's id. */
  readonly edge: string;
}

/** A room that closes while it is joined is opened again, so often. */
const maxLives = 5;
/** A room's log may be away for so many times as long. */
const putOutAgainMs = 1_000;
const maxPutOuts = 3_600;

export class Entrance {
  readonly #deps: EntranceDeps;
  #closed = false;

  constructor(deps: EntranceDeps) {
    this.#deps = deps;
  }

  /** Makes a participant of the room's present life. Rejects with SluiceError. */
  async enter({ room: id, user, role, origin, entry }: Redeemed, participant: string): Promise<LiveRoom> {
    const { edge } = this.#deps;
    for (let attempts = 0; attempts < maxLives; attempts++) {
      const room = await this.#open(id, attempts === 0 ? entry : undefined);
      const join = { type: 'join', participant, user, role, origin, edge } as const;
      try {
        const outcome = await room.execute(join);
        if (outcome.ok) return room;
        const { code, message } = outcome.refusal;
        // It closed in the meantime: who comes at that moment begins its next life.
        if (code !== 'room-not-found') throw new SluiceError(code, message);
      } catch (error) {
        if (error instanceof SluiceError && error.code !== 'unavailable') throw error;
        // Whether it got into the log is not known.
        this.#putOut(room, participant);
        throw joiningFailed(error);
      }
    }
    throw joiningFailed();
  }

  /** The room that a client comes back to. Rejects with SluiceError: `unavailable` when it is to come again. */
  async reopen(room: string): Promise<LiveRoom> {
    try {
      return await this.#deps.rooms.open(room);
    } catch (error) {
      // It may well exist.
      if (error instanceof SluiceError && error.code === 'unavailable') throw error;
      throw noSuchClient(error);
    }
  }

  /** Nobody is put out any more. */
  close(): void {
    this.#closed = true;
  }

  async #open(room: string, entry: RoomEntry | undefined): Promise<LiveRoom> {
    try {
      return await this.#deps.rooms.open(room, entry);
    } catch (error) {
      throw joiningFailed(error);
    }
  }

  /** Makes sure that somebody who was told that it did not come in is not in the room, again until that is known. */
  #putOut(room: LiveRoom, participant: string, attempt = 1): void {
    const { edge, clock, log } = this.#deps;
    room.execute({ type: 'expire', participant, edge }).catch((error: unknown) => {
      if (this.#closed) return;
      if (attempt < maxPutOuts)
        clock.after(putOutAgainMs, () => this.#putOut(room, participant, attempt + 1));
      else
        log.error('a participant that did not come in may be in the room', {
          room: room.id,
          participant,
          error,
        });
    });
  }
}

function joiningFailed(cause?: unknown): SluiceError {
  return new SluiceError('operation-failed', 'Joining room failed', cause);
}
