// Owns the Annex B byte stream of H.264 and H.265: start codes before each NAL unit.
import { joinParts } from './frame-payloads.ts';

export const startCode: Uint8Array = Uint8Array.of(0, 0, 0, 1);

/** NAL units (views into `stream`) between start codes of three or four bytes; trailing zero bytes are not theirs. */
export function splitAnnexB(stream: Uint8Array): readonly Uint8Array[] {
  const units: Uint8Array[] = [];
  let from = -1;
  let at = 0;
  while (at < stream.length) {
    at = nextStartCode(stream, at);
    if (from >= 0) {
      let end = at;
      while (end > from && stream[end - 1] === 0) end--;
      if (end > from) units.push(stream.subarray(from, end));
    }
    at += 3;
    from = at;
  }
  return units;
}

/** The byte stream of `units` with start codes of four bytes. */
export function joinAnnexB(units: readonly Uint8Array[]): Uint8Array {
  return joinParts(units.flatMap((unit) => [startCode, unit]));
}

function nextStartCode(stream: Uint8Array, from: number): number {
  for (let at = stream.indexOf(1, from + 2); at >= 0; at = stream.indexOf(1, at + 1)) {
    if (stream[at - 1] === 0 && stream[at - 2] === 0) return at - 2;
  }
  return stream.length;
}
