// Owns the part of the configuration that says what makes the pictures of mixed and converted streams.
import * as v from 'valibot';

export const mediaSettingsSchema = v.strictObject({
  /** The preferred one first; one that is not named is never used. `auto` stands for a whole order: deploy/GPU.md. */
  engines: v.optional(
    v.pipe(
      v.array(
        v.picklist(['auto', 'vaapi', 'qsv', 'cpu', 'wasm'], 'must be some of auto, vaapi, qsv, cpu and wasm'),
      ),
      v.nonEmpty('must name at least one engine'),
      v.check((names) => new Set(names).size === names.length, 'names an engine twice'),
    ),
    ['auto'],
  ),
  /** A render node for all workers of this machine; `auto`: its devices in turn. */
  device: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (text) => text === 'auto' || /^\/dev\/dri\/renderD\d{1,3}$/.test(text),
        'must be auto or like /dev/dri/renderD128',
      ),
    ),
    'auto',
  ),
  /** How long each engine that is not known yet may take at a start to show what it can. */
  try_seconds: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(600)), 15),
});
export type MediaSettings = v.InferOutput<typeof mediaSettingsSchema>;
