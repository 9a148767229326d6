// Owns what an operator is shown of the cluster (spec rest-api §13), and what edges ask each other for it on
// `channels.edge(id)`.
import * as v from 'valibot';
import { deviceWishSchema, sharedRestSchema, workerDeviceSchema } from './device.ts';
import { capacitySchema, scheduledPurposeSchema } from './worker.ts';

const text = v.pipe(v.string(), v.maxLength(256));

/** A process of the cluster: a media worker, or an edge (purpose `portal`). */
export const clusterNodeSchema = v.object({
  id: text,
  purposes: v.array(scheduledPurposeSchema),
  /** `full`: for none of its purposes it takes one more task. Only who is `ready` gets new work. */
  state: v.picklist(['starting', 'ready', 'full', 'draining']),
  /** 0..1 by purpose, the fullest of what limits it; a purpose whose load is not known yet is not here. */
  load: v.record(v.string(), v.number()),
  /** By purpose what one more task is measured to add to that. */
  cost: v.exactOptional(v.record(v.string(), v.number())),
  maxLoad: v.number(),
  capacity: capacitySchema,
  /** The GPU that it makes pictures with. */
  device: v.exactOptional(workerDeviceSchema),
  /** Where clients connect to; edges only. */
  portal: v.exactOptional(v.object({ host: v.string(), secure: v.boolean() })),
});
export type ClusterNode = Readonly<v.InferOutput<typeof clusterNodeSchema>>;

/** A GPU that living workers have. `left-out`: by one of them, if not all. */
export const clusterDeviceSchema = v.object({
  /** Of it in the cluster: its worker host and the name of its render node there. */
  id: text,
  ...workerDeviceSchema.entries,
  workers: v.array(text),
  /** The highest load for `video` of its workers, 0..1: of whatever limits them, not of the device alone. */
  load: v.number(),
});
export type ClusterDevice = Readonly<v.InferOutput<typeof clusterDeviceSchema>>;

/** `drain: false` uses it again. `software`: what runs on it goes on there without it; otherwise it goes to other workers. */
export const deviceDrainSchema = v.strictObject({
  drain: v.boolean(),
  software: v.optional(v.boolean(), false),
});
export type DeviceDrain = Readonly<v.InferOutput<typeof deviceDrainSchema>>;

/** What is still on it, as far as its workers say. */
export const drainedDeviceSchema = v.object({ id: text, state: deviceWishSchema, rest: sharedRestSchema });
export type DrainedDevice = Readonly<v.InferOutput<typeof drainedDeviceSchema>>;

/** `drain: false` gives it new work again. */
export const nodeDrainSchema = v.strictObject({ drain: v.boolean() });
export type NodeDrain = Readonly<v.InferOutput<typeof nodeDrainSchema>>;

/** What is still on it. */
export const drainedNodeSchema = v.object({
  id: text,
  state: v.picklist(['ready', 'draining']),
  rest: v.object({ rooms: v.number() }),
});
export type DrainedNode = Readonly<v.InferOutput<typeof drainedNodeSchema>>;

/** Settings by name, nested; secrets are masked. */
export const nodeConfigSchema = v.record(v.string(), v.unknown());
export type NodeConfig = Readonly<v.InferOutput<typeof nodeConfigSchema>>;

/** A room as one edge sees it. */
export const roomPresenceSchema = v.object({
  room: text,
  participants: v.number(),
  streams: v.number(),
  subscriptions: v.number(),
  /** Media workers that carry something of it. */
  workers: v.array(text),
});
export type RoomPresence = Readonly<v.InferOutput<typeof roomPresenceSchema>>;

export const liveRoomSchema = v.object({
  id: text,
  name: v.string(),
  service: v.string(),
  /** Edges that hold a replica of it. */
  edges: v.array(text),
  /** The edge that conducts its media; absent for the moment in which nobody does. */
  node: v.exactOptional(text),
  /** Its home, where regions have a Redis of their own. */
  home: v.exactOptional(text),
  participants: v.number(),
  streams: v.number(),
  subscriptions: v.number(),
  workers: v.array(text),
});
export type LiveRoomResource = Readonly<v.InferOutput<typeof liveRoomSchema>>;

export const edgeRequestSchema = v.variant('type', [
  v.object({ type: v.literal('config') }),
  v.object({ type: v.literal('rooms') }),
]);
