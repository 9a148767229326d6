// Owns what is said of the GPUs that media workers make pictures with: which one a worker has, what an operator asks of one,
// and how a worker's device and the pipelines on its engines fare.
import * as v from 'valibot';

/**
 * What an operator wishes. `used`. `draining`: its workers take no new work, and their mixers go to others. `drained`: its
 * workers go on without it, in software.
 */
const wishes = ['used', 'draining', 'drained'] as const;
export const deviceWishSchema = v.picklist(wishes);
export type DeviceWish = v.InferOutput<typeof deviceWishSchema>;

/** `left-out`: wished for, but a worker goes on without it for a while, since it failed there. */
export const deviceStateSchema = v.picklist([...wishes, 'left-out']);
export type DeviceState = v.InferOutput<typeof deviceStateSchema>;

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const share = v.pipe(v.number(), v.finite(), v.minValue(0));

/** The device of a worker: its worker host, its render node there, such as /dev/dri/renderD128, and whether it is used. */
export const workerDeviceSchema = v.object({ host: text, node: text, state: deviceStateSchema });
export type WorkerDevice = v.InferOutput<typeof workerDeviceSchema>;

/** Served by a worker host on `channels.host(id)`. `software`: what runs on the device goes on without it, where it is. */
export const hostRequestSchema = v.object({
  type: v.literal('drain-device'),
  node: text,
  on: v.boolean(),
  software: v.boolean(),
});
export type HostRequest = v.InferOutput<typeof hostRequestSchema>;

/** How much is on a device: rooms that its workers have a part in, and mixers whose pictures it makes. */
export const deviceRestSchema = v.object({ rooms: v.number(), mixers: v.number() });
export type DeviceRest = v.InferOutput<typeof deviceRestSchema>;

/** The same of all workers of a device; `silent`: how many of them did not say it in time. */
export const sharedRestSchema = v.object({ ...deviceRestSchema.entries, silent: v.optional(v.number(), 0) });
export type SharedRest = Readonly<v.InferOutput<typeof sharedRestSchema>>;

/** What a worker host answers: what is so from now on. */
export const hostReplySchema = v.object({ state: deviceWishSchema, rest: sharedRestSchema });
export type HostReply = v.InferOutput<typeof hostReplySchema>;

const distribution = v.object({ p50: v.number(), p99: v.number() });
const figures = v.record(v.pipe(v.string(), v.maxLength(32)), v.number());

export const maxPipelines = 128;

/** What a worker says of its device and of its video pipelines. What Linux does not tell is not there. */
export const mediaUseSchema = v.object({
  device: v.exactOptional(
    v.object({
      ...workerDeviceSchema.entries,
      /** How much of the device is this worker's, 0..1: workers that share one have equal parts. */
      part: share,
      /** Shares of the device, by measured time of its engine: what the worker's pipelines take, and what one more would. */
      taken: share,
      next: share,
      /** Shares of its units that this worker keeps busy, 0..1: render, video, video-enhance, copy, compute, other. */
      busy: figures,
      /** Bytes that this worker has in use, by region. */
      memoryBytes: figures,
      /** By part of the device. */
      frequencyHz: figures,
    }),
  ),
  /** Those that take most first. */
  pipelines: v.pipe(
    v.array(
      v.object({
        room: text,
        mixer: v.pipe(v.string(), v.maxLength(512)),
        engine: text,
        /** Pictures a second. */
        framerate: v.object({ wanted: v.number(), made: v.number(), limit: v.number() }),
        /** Milliseconds for one picture, by stage. */
        decodeMs: distribution,
        composeMs: distribution,
        encodeMs: distribution,
        /** Of the time: how long its engine works, all stages together. */
        share,
        /** Pieces of work that wait for its engine. */
        queue: v.number(),
        rebuilds: v.number(),
        fallbacks: v.number(),
        fallbackReason: v.exactOptional(v.pipe(v.string(), v.maxLength(500))),
      }),
    ),
    v.maxLength(maxPipelines),
  ),
  /** Pipelines that are not listed. */
  more: v.number(),
});
export type MediaUse = v.InferOutput<typeof mediaUseSchema>;
