// Owns how participant and session ids are made (portal-protocol §1).
import type { Random } from '../clock.ts';

const urlSafe = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 20 URL-safe characters, 120 random bits. */
export function participantId(random: Random): string {
  return Array.from(random.bytes(20), (byte) => urlSafe.charAt(byte & 63)).join('');
}

/**
 * The id of the session that command `cid` of a participant opens: 32 lower-case hex digits. It follows from the
 * command, so that a command sent again after a break, to any edge, is answered with the id it had the first time.
 * Participant ids are random, so ids of different participants do not meet.
 */
export function sessionId(participant: string, cid: number): string {
  const text = `${participant}/${cid}`;
  const lanes = seeds.map((seed, lane) => {
    let hash = seed;
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), multipliers[lane] ?? 1);
      hash ^= hash >>> 15;
    }
    return hash;
  });
  // Every lane ends up depending on every other.
  for (let round = 0; round < 2; round++) {
    for (let lane = 0; lane < 4; lane++) {
      lanes[lane] = mix((lanes[lane] ?? 0) + Math.imul(lanes[(lane + 1) & 3] ?? 0, 0x9e3779b1) + lane);
    }
  }
  return lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}

const seeds = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
const multipliers = [0x01000193, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];

/** A bijection on 32 bits in which each input bit reaches each output bit. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
