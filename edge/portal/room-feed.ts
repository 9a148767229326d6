// Owns the way of a room's notices to the sessions that this edge has in it: one listener a room, one division a tick.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { LiveRoom, NoticeBatch } from '../rooms/live-room.ts';
import { divide } from './delivery.ts';
import type { Session } from './session.ts';

export class RoomFeed {
  readonly room: LiveRoom;
  readonly #sessions = new Map<string, Session>();
  readonly #unlisten: Unsubscribe;
  readonly #emptied: () => void;
  #epoch: string;
  #seq: number;

  constructor(room: LiveRoom, emptied: () => void) {
    this.room = room;
    this.#emptied = emptied;
    this.#epoch = room.epoch;
    this.#seq = room.state.seq;
    this.#unlisten = room.listen((batch) => this.#spread(batch));
  }

  /** The room's seq after the last batch spread here. */
  get seq(): number {
    return this.#seq;
  }

  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  get size(): number {
    return this.#sessions.size;
  }

  session(participant: string): Session | undefined {
    return this.#sessions.get(participant);
  }

  add(session: Session): void {
    this.#sessions.set(session.participant, session);
  }

  remove(session: Session): void {
    if (this.#sessions.get(session.participant) !== session) return;
    this.#sessions.delete(session.participant);
    if (this.#sessions.size > 0) return;
    this.#unlisten();
    this.#emptied();
  }

  #spread(batch: NoticeBatch): void {
    if (this.room.epoch !== this.#epoch) {
      // A new epoch of the same log begins with what these sessions have seen, unless some of that was lost.
      const goesOn = this.room.since(this.#seq, this.#epoch) !== undefined;
      this.#epoch = this.room.epoch;
      if (!goesOn) {
        this.#seq = batch.seq;
        for (const session of this.sessions) session.resync();
        return;
      }
      // Or a client that comes back would name a place in the old one that nobody knows.
      for (const session of this.sessions) session.continues(this.#epoch, this.#seq);
    }
    const before = this.#seq;
    this.#seq = Math.max(before, batch.seq);
    const { common, own } = divide(batch.notices, batch.seq);
    for (const session of this.#sessions.values()) {
      const { participant } = session;
      session.receive(batch, before, own.has(participant) ? own.get(participant) : common);
    }
  }
}
