// Owns where a client left off.

/** A seq of the room's history, meaningful with its epoch. */
export interface Position {
  readonly seq: number;
  readonly epoch: string;
}
