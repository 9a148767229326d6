// Owns the check of what a worker tells of a room's mixers (`MixerStats`).
import * as v from 'valibot';
import type { AudioMixerStats, MixerStats, VideoMixerStats } from '../../schemas/worker.ts';

const distribution = v.object({ p50: v.number(), p99: v.number() });

const videoSchema: v.GenericSchema<unknown, VideoMixerStats> = v.object({
  kind: v.literal('video'),
  id: v.string(),
  engine: v.string(),
  rebuilds: v.number(),
  fallbacks: v.optional(v.number(), 0),
  fallbackReason: v.exactOptional(v.string()),
  share: v.exactOptional(v.number()),
  queue: v.exactOptional(v.number()),
  framerate: v.object({ wanted: v.number(), made: v.number(), limit: v.number() }),
  decodeMs: distribution,
  composeMs: distribution,
  encodeMs: distribution,
  addedMs: distribution,
  skewMs: v.exactOptional(v.number()),
  inputs: v.array(
    v.object({
      id: v.string(),
      track: v.exactOptional(v.string()),
      width: v.number(),
      height: v.number(),
      decoded: v.number(),
      broken: v.number(),
      keyFrameRequests: v.number(),
      isolated: v.exactOptional(v.string()),
    }),
  ),
  outputs: v.array(
    v.object({
      track: v.string(),
      width: v.number(),
      height: v.number(),
      frames: v.number(),
      keyFrames: v.number(),
      bytes: v.number(),
    }),
  ),
});

const audioSchema: v.GenericSchema<unknown, AudioMixerStats> = v.object({
  kind: v.literal('audio'),
  id: v.string(),
  rebuilds: v.number(),
  mixMs: distribution,
  addedMs: distribution,
  missed: v.number(),
  inputs: v.array(
    v.object({
      id: v.string(),
      levelDb: v.number(),
      played: v.number(),
      concealed: v.number(),
      late: v.number(),
      delayMs: v.number(),
    }),
  ),
  outputs: v.array(v.object({ track: v.string(), packets: v.number(), bytes: v.number() })),
});

export const mixerStatsSchema: v.GenericSchema<unknown, readonly MixerStats[]> = v.array(
  v.union([videoSchema, audioSchema]),
);
