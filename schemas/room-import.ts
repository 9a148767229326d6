// Owns the body and the reply of an import of rooms: a thing of ours that the original did not have. What a room is
// stays with the documents themselves (room-input.ts): each is looked at for itself, so that one bad room stops no other.
import * as v from 'valibot';

/** What one request may bring and one reply may tell. */
export const importLimits = {
  bodyBytes: 4 * 1024 * 1024,
  rooms: 500,
  roomChars: 256 * 1024,
  changes: 50,
  /** Of a value or name that a reply shows. */
  shownChars: 100,
} as const;

export const importRoomsSchema = v.object({
  /** As exported: with `_id` and `name`, today's form or that of 3.x. */
  rooms: v.pipe(v.array(v.unknown()), v.maxLength(importLimits.rooms)),
  /** Replaces rooms that are there already; otherwise they stay as they are. */
  update: v.optional(v.boolean(), false),
  /** Stores nothing, and tells what would have been done. */
  dryRun: v.optional(v.boolean(), false),
});
export type ImportRooms = v.InferOutput<typeof importRoomsSchema>;

/** One field that is not as it was exported: without `now` it was dropped. Values are shown as JSON, cut short. */
export const fieldChangeSchema = v.object({
  field: v.string(),
  was: v.string(),
  now: v.exactOptional(v.string()),
  reason: v.exactOptional(v.string()),
});
export type FieldChange = v.InferOutput<typeof fieldChangeSchema>;

/** What became of one room, in the order of the request. `id` and `name` are empty where the room had none to tell. */
export const importedRoomSchema = v.object({
  id: v.string(),
  name: v.string(),
  /** `exists`: the room is there and was left as it is; when it differs, `reason` says so. */
  status: v.picklist(['created', 'exists', 'updated', 'refused']),
  reason: v.exactOptional(v.string()),
  changes: v.pipe(v.array(fieldChangeSchema), v.readonly()),
});
export type ImportedRoom = v.InferOutput<typeof importedRoomSchema>;
