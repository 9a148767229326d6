// Owns how random bytes become a chance.
import type { Random } from '../clock.ts';

/** A number in [0, 1), evenly spread. */
export function chanceOf(random: Random): number {
  const bytes = random.bytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0) / 2 ** 32;
}
