// Owns the clock of test pages: finer than Date.now, and the same in all pages of one machine.

/** Milliseconds since 1970. */
export const wallMs = (): number => performance.timeOrigin + performance.now();
