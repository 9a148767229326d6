// Owns the text of a refusal because of what was asked of a source (portal-protocol §6.2).
import type { Kind } from '../../schemas/media.ts';
import { refuse } from './decision.ts';
import type { Refused } from './decision.ts';

/** `Target <kind> stream does NOT satisfy:<why>`. */
export function unsatisfied(kind: Kind, why: string): Refused {
  return refuse('bad-request', `Target ${kind} stream does NOT satisfy:${why}`);
}
