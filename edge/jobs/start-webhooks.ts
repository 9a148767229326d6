// Owns webhooks as a whole on one edge: what its rooms tell, and its share of the deliveries.
import type { Clock, Log, Random } from '../clock.ts';
import type { Directory } from '../store/directory.ts';
import type { Jobs } from '../store/jobs.ts';
import { createSecretBox } from '../tokens/secret-box.ts';
import { type Post, webhookDelivery } from './webhook-delivery.ts';
import { createWebhookOutbox, webhookJob, type WebhookOutbox } from './webhook-outbox.ts';

/** Receivers are slow: an edge waits for so many at a time. */
const deliveriesAtOnce = 16;

/** Begins to deliver. `close` takes no more deliveries and hands on what rooms told last. */
export function startWebhooks(deps: {
  readonly directory: Directory;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly post: Post;
}): WebhookOutbox {
  const { directory, jobs, random } = deps;
  const outbox = createWebhookOutbox(deps);
  const box = createSecretBox(directory, random);
  const stop = jobs.work(webhookJob, webhookDelivery({ ...deps, box }), deliveriesAtOnce);
  return {
    ...outbox,
    async close() {
      stop();
      await outbox.close();
    },
  };
}
