// Owns where a client left off.
import type { LiveRoom } from '../rooms/live-room.ts';

/** A seq of the room's history, meaningful with its epoch. */
export interface Position {
  readonly seq: number;
  readonly epoch: string;
}

/** Whether the room's history on this edge reaches back to it. */
export function isKnown(room: LiveRoom, { seq, epoch }: Position): boolean {
  return room.since(seq, epoch) !== undefined;
}
