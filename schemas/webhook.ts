// Owns the shapes of webhooks: what a service asks to be told of, and what it is sent. Extensions of ours, not in OWT.
import * as v from 'valibot';
import { objectIdSchema } from './object-id.ts';

export const webhookEventTypes = [
  'room.opened',
  'room.closed',
  'participant.joined',
  'participant.left',
  'stream.added',
  'stream.removed',
  /** The times of a room's schedule have come. */
  'schedule.opened',
  'schedule.closed',
  /** Sent on request, to try a webhook. */
  'ping',
] as const;
export type WebhookEventType = (typeof webhookEventTypes)[number];

export const webhookLimits = {
  perService: 16,
  urlChars: 2048,
  secretChars: 256,
  eventsPerDelivery: 100,
} as const;

const url = v.pipe(
  v.string(),
  v.maxLength(webhookLimits.urlChars),
  v.url(),
  v.regex(/^https?:\/\//i, 'Only http and https URLs'),
  v.check((text) => {
    const { username, password } = new URL(text);
    return username === '' && password === '';
  }, 'A URL with a password in it would be shown: check the signature instead'),
);
const events = v.pipe(
  v.array(v.picklist(webhookEventTypes)),
  v.minLength(1),
  v.maxLength(webhookEventTypes.length),
);

/** As stored; `secret` is sealed. */
export const webhookSchema = v.object({
  _id: objectIdSchema,
  url,
  events,
  secret: v.string(),
});
export type Webhook = Readonly<v.InferOutput<typeof webhookSchema>>;

/** All events but `ping` where none are named. The secret signs; one is made up where none is given. */
export const createWebhookSchema = v.strictObject({
  url,
  events: v.optional(events, [...webhookEventTypes]),
  secret: v.exactOptional(v.pipe(v.string(), v.minLength(16), v.maxLength(webhookLimits.secretChars))),
});

/** As shown, without its secret. */
export const shownWebhookSchema = v.omit(webhookSchema, ['secret']);

export const webhookEventSchema = v.object({
  /** The same whenever it is sent again. */
  id: v.string(),
  type: v.picklist(webhookEventTypes),
  /** Milliseconds since 1970. */
  at: v.number(),
  room: v.exactOptional(v.string()),
  /** Its place in the room's life: events of one room and life are in this order. */
  seq: v.exactOptional(v.number()),
  participant: v.exactOptional(v.object({ id: v.string(), user: v.string(), role: v.string() })),
  stream: v.exactOptional(v.object({ id: v.string(), owner: v.string() })),
  reason: v.exactOptional(v.string()),
});
export type WebhookEvent = Readonly<v.InferOutput<typeof webhookEventSchema>>;

/** The body of a delivery, in JSON. */
export const webhookDeliverySchema = v.object({
  service: objectIdSchema,
  webhook: objectIdSchema,
  events: v.pipe(v.array(webhookEventSchema), v.maxLength(webhookLimits.eventsPerDelivery)),
});
export type WebhookDelivery = Readonly<v.InferOutput<typeof webhookDeliverySchema>>;

/** A delivery that was given up. */
export const failedDeliverySchema = v.object({
  reason: v.string(),
  events: v.array(webhookEventSchema),
});
export type FailedDelivery = Readonly<v.InferOutput<typeof failedDeliverySchema>>;
