// Owns the change of a service's key: an extension of ours, the original has no way but a new service.
import * as v from 'valibot';

/** The longest time for which two keys are good. */
export const maxOverlapSeconds = 30 * 86_400;

/** The new key, and for how long the one before it still signs. */
export const changeServiceKeySchema = v.strictObject({
  key: v.pipe(v.string(), v.minLength(1)),
  overlapSeconds: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(maxOverlapSeconds)),
    0,
  ),
});
