// Owns the numbering of a view's slots (room-model §7.1): which number a newly shown input gets. How many there may be is
// for who asks.

export interface Slots {
  /** How many numbers have ever been handed out, which is also the next never-used one. */
  readonly fresh: number;
  /** Numbers given back, the last one at the end. */
  readonly freed: readonly number[];
}

export const noSlots: Slots = { fresh: 0, freed: [] };

/** A freed number, last freed first, else the next never-used one. */
export function takeSlot({ fresh, freed }: Slots): { readonly slot: number; readonly slots: Slots } {
  const slot = freed.at(-1);
  if (slot === undefined) return { slot: fresh, slots: { fresh: fresh + 1, freed } };
  return { slot, slots: { fresh, freed: freed.slice(0, -1) } };
}

export function freeSlot({ fresh, freed }: Slots, slot: number): Slots {
  return { fresh, freed: [...freed, slot] };
}
