// Owns the contract by which something outside of rooms learns what happens in one of them.
import type { Fold } from './replica.ts';

export interface RoomWitness {
  /** Each event in order, on every edge where the room lives. Must not throw. */
  folded(fold: Fold, epoch: string): void;
  /** This edge conducts the room from now on, or does so no more: one edge speaks for a room. Must not throw. */
  conducts(on: boolean): void;
}

/** Called with its service when a room begins to live on this edge. */
export type Witnessing = (service: string) => RoomWitness;
