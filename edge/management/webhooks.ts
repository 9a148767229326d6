// Owns the webhooks of a service as a REST resource; what they are told is edge/jobs.
import { Hono } from 'hono';
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import {
  createWebhookSchema,
  type FailedDelivery,
  type Webhook,
  webhookDeliverySchema,
  type WebhookDelivery,
  webhookLimits,
} from '../../schemas/webhook.ts';
import { webhookJob } from '../jobs/webhook-outbox.ts';
import type { Jobs } from '../store/jobs.ts';
import { toBase64Url, toHex } from '../tokens/text-codec.ts';
import type { ResourceDeps, ResourceEnv } from './resource-env.ts';
import { validBody } from './valid-body.ts';

const secretBytes = 32;
const maxFailures = 100;
const failuresLookedAt = 1000;

/** Routes relative to `/services`. */
export function webhookRoutes(
  deps: Pick<ResourceDeps, 'directory' | 'box' | 'clock' | 'random'> & { readonly jobs: Jobs },
  superService: string,
): Hono<ResourceEnv> {
  const { directory, box, clock, random, jobs } = deps;
  const app = new Hono<ResourceEnv>();

  app.use('/:service/webhooks/*', async (c, next) => {
    const { service: caller } = c.get('caller');
    if (c.req.param('service') !== caller._id && caller._id !== superService)
      throw new SluiceError('forbidden', 'Permission denied');
    await next();
  });

  app.post('/:service/webhooks', async (c) => {
    const given = validBody(createWebhookSchema, c.get('body'), 'Webhook');
    const { url, events, secret = toBase64Url(random.bytes(secretBytes)) } = given;
    const added: Webhook = { _id: idAt(clock.now()), url, events, secret: await box.seal(secret) };
    await change(c.req.param('service'), (present) => {
      if (present.length >= webhookLimits.perService)
        throw new SluiceError('bad-request', `A service has at most ${webhookLimits.perService} webhooks`);
      return [...present, added];
    });
    return c.json({ ...added, secret });
  });

  app.get('/:service/webhooks', async (c) => {
    return c.json((await webhooksOf(c.req.param('service'))).map(({ secret: _, ...shown }) => shown));
  });

  app.delete('/:service/webhooks/:webhook', async (c) => {
    const id = c.req.param('webhook');
    await change(c.req.param('service'), (present) => {
      const left = present.filter(({ _id }) => _id !== id);
      if (left.length === present.length) throw notFound();
      return left;
    });
    return c.text('Webhook deleted');
  });

  app.post('/:service/webhooks/:webhook/ping', async (c) => {
    const { service, webhook } = c.req.param();
    await find(service, webhook);
    const id = toHex(random.bytes(8));
    const data: WebhookDelivery = { service, webhook, events: [{ id, type: 'ping', at: clock.now() }] };
    await jobs.add({ kind: webhookJob, data });
    return c.text('Ping sent');
  });

  app.get('/:service/webhooks/:webhook/failures', async (c) => {
    const { service, webhook } = c.req.param();
    await find(service, webhook);
    const failed = await jobs.failed(webhookJob, failuresLookedAt);
    const shown = failed.flatMap(({ data, reason }): FailedDelivery[] => {
      const read = v.safeParse(webhookDeliverySchema, data);
      const own = read.success && read.output.webhook === webhook && read.output.service === service;
      return own ? [{ reason, events: read.output.events }] : [];
    });
    return c.json(shown.slice(0, maxFailures));
  });

  return app;

  async function webhooksOf(id: string): Promise<readonly Webhook[]> {
    const service = await directory.service(id);
    if (service === undefined) throw new SluiceError('service-not-found', 'Service not found');
    return service.webhooks ?? [];
  }

  async function find(service: string, webhook: string): Promise<void> {
    if (!(await webhooksOf(service)).some(({ _id }) => _id === webhook)) throw notFound();
  }

  async function change(
    id: string,
    make: (present: readonly Webhook[]) => readonly Webhook[],
  ): Promise<void> {
    if ((await directory.changeWebhooks(id, make)) === undefined)
      throw new SluiceError('service-not-found', 'Service not found');
  }

  /** Like other ids: seconds, then chance. */
  function idAt(now: number): string {
    return (
      Math.floor(now / 1000)
        .toString(16)
        .padStart(8, '0') + toHex(random.bytes(8))
    );
  }
}

function notFound(): SluiceError {
  return new SluiceError('not-found', 'Webhook not found');
}
