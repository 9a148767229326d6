// Owns what is tried: an engine, on its device where it has one.
import * as v from 'valibot';
import { engineIdSchema } from '../engine/engine-choice.ts';

export const engineSubjectSchema = v.object({
  engine: engineIdSchema,
  /** A render node. */
  device: v.exactOptional(v.string()),
});
export type EngineSubject = v.InferOutput<typeof engineSubjectSchema>;
