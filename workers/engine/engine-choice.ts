// Owns how an engine is named to whoever begins it, also between processes. Which ones and in which order is decided in
// devices/.
import * as v from 'valibot';

export const engineIdSchema = v.picklist(['wasm', 'cpu', 'vaapi', 'qsv']);

/** `device` is the render node, such as /dev/dri/renderD128, of the engines that need one: `vaapi` and `qsv`. */
export const engineChoiceSchema = v.object({
  id: engineIdSchema,
  device: v.exactOptional(v.pipe(v.string(), v.regex(/^\/dev\/dri\/renderD\d{1,3}$/))),
});
export type EngineChoice = v.InferOutput<typeof engineChoiceSchema>;
