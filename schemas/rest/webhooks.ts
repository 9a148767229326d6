// Owns what is written down about the webhooks of a service: not in OWT.
import * as v from 'valibot';
import { createWebhookSchema, failedDeliverySchema, shownWebhookSchema, webhookSchema } from '../webhook.ts';
import type { RestRoute } from './route.ts';

const tag = 'Webhooks';
const shown = {
  _id: '5f1e9c2ab7d8e90012ab34d7',
  url: 'https://app.example/sluice',
  events: ['room.opened', 'room.closed', 'participant.joined', 'participant.left'],
};
const path = '/services/{service}/webhooks';

export const webhookRoutes: readonly RestRoute[] = [
  {
    method: 'POST',
    path,
    tag,
    access: 'named-service',
    summary: 'Be told by HTTP what happens in the rooms of a service',
    details:
      'Each delivery is a POST of JSON `{service, webhook, events}` with the header `X-Sluice-Signature: t=<ms>,v1=<hex>`, where v1 is the HMAC-SHA256 of `<t>.<body>` with the secret. The secret is in this reply and in no other. Without `events` it is told of all. Whatever is not answered with 2xx within 10 s is sent again, ten times in three quarters of an hour; an event may come twice, with the same `id`. Events of one room may overtake each other when something is sent again: `seq` is their order. A service may have 16 webhooks. Not in OWT.',
    body: {
      schema: createWebhookSchema,
      example: { url: shown.url, events: shown.events, secret: 'at least sixteen characters' },
    },
    reply: {
      type: 'json',
      schema: webhookSchema,
      example: { ...shown, secret: 'at least sixteen characters' },
    },
  },
  {
    method: 'GET',
    path,
    tag,
    access: 'named-service',
    summary: 'List the webhooks of a service',
    reply: { type: 'json', schema: v.array(shownWebhookSchema), example: [shown] },
  },
  {
    method: 'DELETE',
    path: `${path}/{webhook}`,
    tag,
    access: 'named-service',
    summary: 'Tell a webhook nothing more',
    reply: { type: 'text', example: 'Webhook deleted' },
    errors: ['not-found'],
  },
  {
    method: 'POST',
    path: `${path}/{webhook}/ping`,
    tag,
    access: 'named-service',
    summary: 'Send an event `ping` to a webhook',
    details: 'It is sent like any other; whether it arrived is seen at the receiver, or among the failures.',
    reply: { type: 'text', example: 'Ping sent' },
    errors: ['not-found', 'unavailable'],
  },
  {
    method: 'GET',
    path: `${path}/{webhook}/failures`,
    tag,
    access: 'named-service',
    summary: 'List the deliveries that were given up',
    details: 'The latest first, at most 100; older ones are forgotten.',
    reply: {
      type: 'json',
      schema: v.array(failedDeliverySchema),
      example: [
        {
          reason: 'The receiver answered 503',
          events: [{ id: '77d9699e0a9251ef.9.1', type: 'room.opened', at: 1_700_000_000_000 }],
        },
      ],
    },
    errors: ['not-found', 'unavailable'],
  },
];
