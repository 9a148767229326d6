// Owns the bodies of the management REST API that are not a room document (spec rest-api §4, §6–§8).
import * as v from 'valibot';
import { trackStatusSchema } from './media.ts';
import { objectIdSchema } from './object-id.ts';
import { limits } from './request.ts';
import { originSchema } from './room.ts';
import { webhookSchema } from './webhook.ts';

/**
 * A tenant as stored. `key` is the MAuth key as text, never decoded; sealed when `encrypted`, and `oldKey.key` with it. An
 * old key signs as well as the new one before `until` (milliseconds since 1970).
 */
export const serviceSchema = v.object({
  _id: v.string(),
  name: v.string(),
  key: v.string(),
  encrypted: v.boolean(),
  rooms: v.array(v.string()),
  oldKey: v.exactOptional(v.object({ key: v.string(), until: v.number() })),
  webhooks: v.exactOptional(v.array(webhookSchema)),
});
export type Service = v.InferOutput<typeof serviceSchema>;

/** A service that moves here from an OWT server brings its `_id`, an extension of ours; others are given one. */
export const createServiceSchema = v.object({
  name: v.string(),
  key: v.string(),
  _id: v.exactOptional(objectIdSchema),
});

export const createTokenSchema = v.object({
  user: v.optional(v.string()),
  role: v.optional(v.string()),
  preference: v.optional(v.partial(originSchema)),
});

/** What a join token says of its bearer, sealed inside its id so that any edge reads it without asking anyone. */
export const tokenClaimsSchema = v.object({
  user: v.string(),
  role: v.string(),
  room: v.string(),
  service: v.string(),
  origin: originSchema,
  /** Milliseconds since 1970. */
  issuedAt: v.number(),
});
export type TokenClaims = v.InferOutput<typeof tokenClaimsSchema>;

/** What a token's base64 carries (spec rest-api §6.2). */
export const tokenPayloadSchema = v.object({
  tokenId: v.string(),
  host: v.string(),
  secure: v.boolean(),
  webTransportUrl: v.optional(v.string()),
  signature: v.string(),
});
export type TokenPayload = v.InferOutput<typeof tokenPayloadSchema>;

const rights = v.strictObject({ audio: v.boolean(), video: v.boolean() });
const replace = <P extends string, S extends v.GenericSchema>(path: P, value: S) =>
  v.strictObject({ op: v.literal('replace'), path: v.literal(path), value });

export const participantPatchSchema = v.array(
  v.variant('path', [
    replace('/permission/publish', rights),
    replace('/permission/subscribe', rights),
    replace('/permission/publish/audio', v.boolean()),
    replace('/permission/publish/video', v.boolean()),
    replace('/permission/subscribe/audio', v.boolean()),
    replace('/permission/subscribe/video', v.boolean()),
  ]),
);
export type ParticipantPatch = v.InferOutput<typeof participantPatchSchema>;

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.idChars * 2));

/** The index of a region in the layout as it is listed. */
export const layoutIndexPath = /^\/info\/layout\/(0|[1-9]\d{0,2})\/stream$/;

/** Operations on a stream (spec rest-api §8.2). What a layout must be is known where views are. */
export const streamPatchSchema = v.pipe(
  v.array(
    v.variant('path', [
      replace('/media/audio/status', trackStatusSchema),
      replace('/media/video/status', trackStatusSchema),
      v.strictObject({ op: v.picklist(['add', 'remove']), path: v.literal('/info/inViews'), value: name }),
      replace('/info/layout', v.unknown()),
      v.strictObject({
        op: v.literal('replace'),
        path: v.custom<`/info/layout/${number}/stream`>(
          (path) => typeof path === 'string' && layoutIndexPath.test(path),
        ),
        value: name,
      }),
    ]),
  ),
  v.maxLength(1000),
);
export type StreamPatch = v.InferOutput<typeof streamPatchSchema>;
