// Owns what an operator is shown of the cluster (spec rest-api §13), and what edges ask each other for it on
// `channels.edge(id)`.
import * as v from 'valibot';

const text = v.pipe(v.string(), v.maxLength(256));

/** A process of the cluster: a media worker, or an edge (purpose `portal`). */
export const clusterNodeSchema = v.object({
  id: text,
  purposes: v.array(v.string()),
  /** `full`: its load is at its limit; `draining`: it takes no new work. */
  state: v.picklist(['ready', 'full', 'draining']),
  /** 0..1, the fullest of its limits. */
  load: v.number(),
  maxLoad: v.number(),
  isps: v.array(v.string()),
  regions: v.array(v.string()),
});
export type ClusterNode = Readonly<v.InferOutput<typeof clusterNodeSchema>>;

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
  node: v.optional(text),
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
