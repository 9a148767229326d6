// Owns the stored room document (spec room-model §1–§4): the shape every other part may trust. Defaults, conversions and
// cross-checks of what clients send live in edge/management.
import * as v from 'valibot';
import { audioFormatSchema, resolutionSchema, videoFormatSchema } from './media.ts';
import { mediaEngineOrderSchema } from './media-engine.ts';

export const roleSchema = v.object({
  role: v.pipe(v.string(), v.minLength(1)),
  publish: v.object({ audio: v.boolean(), video: v.boolean() }),
  subscribe: v.object({ audio: v.boolean(), video: v.boolean() }),
});
export type Role = v.InferOutput<typeof roleSchema>;

/**
 * Part of the mixed stream's id, so it keeps to the alphabet of ids: REST paths (rest-api §5) and clients' requests
 * (`sourceIdSchema`) name streams by it.
 */
export const viewLabelSchema = v.pipe(v.string(), v.regex(/^[0-9A-Za-z_-]{1,64}$/));

/** Area members are fraction texts: "1/3", "0.5", "0.(3)", "0", "1". */
export const regionSettingSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1)),
  shape: v.literal('rectangle'),
  area: v.object({ left: v.string(), top: v.string(), width: v.string(), height: v.string() }),
});
export type RegionSetting = v.InferOutput<typeof regionSettingSchema>;

const byte = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255));

export const viewSchema = v.object({
  label: viewLabelSchema,
  audio: v.object({ format: audioFormatSchema, vad: v.boolean() }),
  /** `false` is an audio-only view. Bitrate in kbit/s, key frame interval in seconds. */
  video: v.union([
    v.literal(false),
    v.object({
      format: videoFormatSchema,
      parameters: v.object({
        resolution: resolutionSchema,
        framerate: v.number(),
        bitrate: v.optional(v.number()),
        keyFrameInterval: v.number(),
      }),
      maxInput: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(256)),
      motionFactor: v.number(),
      bgColor: v.object({ r: byte, g: byte, b: byte }),
      keepActiveInputPrimary: v.boolean(),
      layout: v.object({
        fitPolicy: v.picklist(['letterbox', 'crop']),
        setRegionEffect: v.optional(v.string()),
        templates: v.object({
          base: v.picklist(['fluid', 'lecture', 'void']),
          custom: v.array(
            v.object({ primary: v.optional(v.string()), region: v.array(regionSettingSchema) }),
          ),
        }),
      }),
    }),
  ]),
});
export type ViewSetting = v.InferOutput<typeof viewSchema>;

/** Milliseconds since 1970; from the one on, until the other, people may join. */
export const roomScheduleSchema = v.object({
  opensAt: v.exactOptional(v.number()),
  closesAt: v.exactOptional(v.number()),
});
export type RoomSchedule = Readonly<v.InferOutput<typeof roomScheduleSchema>>;

export const roomDocumentSchema = v.object({
  /** 24 lower-case hex digits. */
  _id: v.string(),
  name: v.pipe(v.string(), v.minLength(1)),
  /** Enforced when ≥ 0; negative is unlimited. */
  inputLimit: v.number(),
  /** Enforced when > 0. */
  participantLimit: v.number(),
  selectActiveAudio: v.boolean(),
  enableBandwidthAdaptation: v.boolean(),
  roles: v.array(roleSchema),
  views: v.array(viewSchema),
  mediaIn: v.object({ audio: v.array(audioFormatSchema), video: v.array(videoFormatSchema) }),
  mediaOut: v.object({
    audio: v.array(audioFormatSchema),
    video: v.object({
      format: v.array(videoFormatSchema),
      parameters: v.object({
        resolution: v.array(v.string()),
        framerate: v.array(v.number()),
        bitrate: v.array(v.string()),
        keyFrameInterval: v.array(v.number()),
      }),
    }),
  }),
  transcoding: v.object({
    audio: v.boolean(),
    video: v.object({
      format: v.boolean(),
      parameters: v.object({
        resolution: v.boolean(),
        framerate: v.boolean(),
        bitrate: v.boolean(),
        keyFrameInterval: v.boolean(),
      }),
    }),
  }),
  notifying: v.object({ participantActivities: v.boolean(), streamChange: v.boolean() }),
  sip: v.optional(v.object({ sipServer: v.string(), username: v.string(), password: v.string() })),
  /** Not in OWT. */
  schedule: v.exactOptional(roomScheduleSchema),
  /** Not in OWT: what may make the room's pictures, best first; absent: each worker's own order. */
  mediaEngines: v.exactOptional(mediaEngineOrderSchema),
});
export type RoomDocument = v.InferOutput<typeof roomDocumentSchema>;

/** Where a client or source is, for scheduling (spec cluster §5). */
export const originSchema = v.object({ isp: v.string(), region: v.string() });
export type Origin = v.InferOutput<typeof originSchema>;
