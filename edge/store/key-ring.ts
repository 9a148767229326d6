// Owns the shape of the server's own keys: one that is used now, and those before it that still open what they closed.

/** At most so many previous keys are kept; nobody rotates faster than keys are forgotten but by mistake. */
export const maxPreviousKeys = 64;

export interface Key {
  /** 8 lower-case hexadecimal digits, unique in its ring; stands in what the key signs or seals. */
  readonly id: string;
  readonly secret: string;
  /** When it became the current one, milliseconds since 1970. */
  readonly since: number;
  /** Only previous keys have it, and only those that are ever forgotten: valid before this time. */
  readonly until?: number;
}

export interface KeyRing {
  readonly current: Key;
  /** The last one replaced comes first. */
  readonly previous: readonly Key[];
}
