// Owns streams as REST shows them: media by kind, in v1 with the first simulcast layer only, in v1.1 with each (spec
// rest-api §8.1).
import * as v from 'valibot';
import {
  audioFormatSchema,
  resolutionSchema,
  trackSourceSchema,
  trackStatusSchema,
  videoFormatSchema,
  videoParametersSchema,
} from '../media.ts';
import { originSchema } from '../room.ts';
import { regionSchema } from '../stream.ts';

const common = { status: trackStatusSchema, source: v.optional(trackSourceSchema) };
const audio = v.object({
  ...common,
  /** The codec of selected audio is `unknown`: it is that of whoever is heard. */
  format: v.union([audioFormatSchema, v.object({ codec: v.literal('unknown') })]),
  optional: v.object({ format: v.optional(v.array(audioFormatSchema)) }),
});
const videoCommon = {
  ...common,
  optional: v.object({
    format: v.optional(v.array(videoFormatSchema)),
    parameters: v.optional(
      v.object({
        resolution: v.array(resolutionSchema),
        framerate: v.array(v.number()),
        bitrate: v.array(v.string()),
        keyFrameInterval: v.array(v.number()),
      }),
    ),
  }),
};
const layer = { format: videoFormatSchema, parameters: v.optional(videoParametersSchema) };
const videoOf = {
  v1: v.object({ ...videoCommon, ...layer }),
  'v1.1': v.object({
    ...videoCommon,
    original: v.array(v.object({ ...layer, simulcastRid: v.optional(v.string()) })),
  }),
};

const forwardInfo = v.object({
  owner: v.string(),
  type: v.picklist(['webrtc', 'streaming', 'sip', 'quic', 'analytics', 'selecting']),
  inViews: v.array(v.string()),
  attributes: v.optional(v.record(v.string(), v.unknown())),
  activeInput: v.optional(v.string()),
  volume: v.optional(v.picklist(['major', 'minor'])),
});
const mixedInfo = v.object({
  label: v.string(),
  activeInput: v.string(),
  layout: v.array(v.object({ stream: v.optional(v.string()), region: regionSchema })),
  origin: originSchema,
});

/** A stream in the form of a version; a kind without a track is absent. */
export function streamReply(version: keyof typeof videoOf) {
  const media = v.object({ audio: v.optional(audio), video: v.optional(videoOf[version]) });
  const data = v.optional(v.nullable(v.boolean()));
  return v.variant('type', [
    v.object({ id: v.string(), type: v.literal('forward'), media, data, info: forwardInfo }),
    v.object({ id: v.string(), type: v.literal('mixed'), media, data, info: mixedInfo }),
  ]);
}
