// Owns what is found out about an engine on this machine: the form in which the process that tried it tells, and in which
// it is kept.
import * as v from 'valibot';
import { videoCodecs } from '../../schemas/media.ts';
import { engineIdSchema } from '../engine/engine-choice.ts';

const text = v.pipe(v.string(), v.maxLength(1000));

const capabilitySchema = v.object({
  codec: v.picklist(videoCodecs),
  implementation: text,
  profile: v.exactOptional(text),
  entrypoint: v.exactOptional(text),
});
const capabilities = v.pipe(v.array(capabilitySchema), v.maxLength(256));

/** What it says it can do. */
export const engineProbeSchema = v.object({
  /** As the driver calls itself; empty for software. */
  vendor: text,
  /** The addon's own line about itself; empty for `wasm`. */
  addon: text,
  decode: capabilities,
  encode: capabilities,
  /** The longest side of a picture, in pixels. */
  maxSide: v.number(),
});
export type EngineProbe = v.InferOutput<typeof engineProbeSchema>;

/** What it was seen doing. */
export const selfTestSchema = v.object({
  /** Of the worst picture, against the same made by `wasm`; 99 for equal ones. */
  psnrDb: v.number(),
  /** For one picture of 1280×720 made of two of 640×360, one after the other: time, and processor time of all threads. */
  msPerPicture: v.number(),
  cpuMsPerPicture: v.number(),
  /** Codecs that it says it can do and could not, with the reason. */
  struck: v.pipe(
    v.array(
      v.object({
        codec: v.picklist(videoCodecs),
        direction: v.picklist(['decode', 'encode']),
        reason: text,
      }),
    ),
    v.maxLength(16),
  ),
});
export type SelfTest = v.InferOutput<typeof selfTestSchema>;

const subject = { engine: engineIdSchema, device: v.exactOptional(text) };

export const engineReportSchema = v.variant('outcome', [
  v.object({ outcome: v.literal('works'), ...subject, probe: engineProbeSchema, test: selfTestSchema }),
  v.object({
    outcome: v.literal('fails'),
    ...subject,
    reason: text,
    probe: v.exactOptional(engineProbeSchema),
  }),
]);
export type EngineReport = v.InferOutput<typeof engineReportSchema>;
export type WorkingEngine = Extract<EngineReport, { outcome: 'works' }>;
