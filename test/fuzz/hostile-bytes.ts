// Owns making byte strings that look right at first and go wrong somewhere, for the targets that parse packets.

/** A whole number from 0 to `below - 1`. */
export function integer(random: () => number, below: number): number {
  return Math.floor(random() * below);
}

/** Throws unless `holds`: the code under test broke the promise named `promise`. */
export function must(holds: boolean, promise: string): void {
  if (!holds) throw new Error(`broken promise: ${promise}`);
}

/** `start` with up to `extra` random bytes after it, some bytes changed, sometimes cut short. */
export function hostileBytes(random: () => number, start: readonly number[], extra: number): Uint8Array {
  const length = start.length + integer(random, extra + 1);
  // Long stretches of 0 and 255 reach counters and lengths that noise does not.
  const style = random();
  const fill = style < 0.2 ? 0 : style < 0.4 ? 0xff : -1;
  const bytes = Uint8Array.from({ length }, (_, at) => {
    const byte = start[at];
    if (byte !== undefined) return byte;
    return fill < 0 ? integer(random, 256) : fill;
  });
  const changes = random() < 0.3 ? 0 : integer(random, 6);
  for (let change = 0; change < changes && length > 0; change++) {
    bytes[integer(random, length)] = integer(random, 256);
  }
  return random() < 0.2 ? bytes.subarray(0, integer(random, length + 1)) : bytes;
}
