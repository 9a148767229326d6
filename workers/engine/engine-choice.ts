// Owns how an engine is named to whoever begins it, also between processes: worker hosts choose (workers/devices), workers and
// their mixing threads begin them in that order.
import * as v from 'valibot';
import { videoFormatSchema } from '../../schemas/media.ts';
import { mediaEngines } from '../../schemas/media-engine.ts';

export const engineIdSchema = v.picklist(mediaEngines);

const formats = v.pipe(v.array(videoFormatSchema), v.maxLength(32));

export const engineChoiceSchema = v.object({
  id: engineIdSchema,
  /** The render node, such as /dev/dri/renderD128, of the engines that need one: `vaapi` and `qsv`. */
  device: v.exactOptional(v.pipe(v.string(), v.regex(/^\/dev\/dri\/renderD\d{1,3}$/))),
  /** Milliseconds that a picture of 1280×720 took when it was tried. */
  pictureMs: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
  /** As found out in another process, since asking a device may end the one that asks. */
  capabilities: v.object({ decode: formats, encode: formats, maxSize: v.number() }),
});
export type EngineChoice = v.InferOutput<typeof engineChoiceSchema>;
