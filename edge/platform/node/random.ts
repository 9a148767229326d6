// Owns randomness on Node: the operating system's, good for keys and ids.
import { randomBytes } from 'node:crypto';
import type { Random } from '../../clock.ts';

export const nodeRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
};
