// Owns the way from rooms to webhooks: collects what rooms tell for a moment and makes jobs of it, one for each webhook that
// wants it. The edge that conducts a room speaks for it; one that takes over repeats the last seconds, which the one before
// may not have told any more. Nobody waits for it.
import type { Unsubscribe } from '../../schemas/bus.ts';
import {
  webhookLimits,
  type Webhook,
  type WebhookDelivery,
  type WebhookEvent,
} from '../../schemas/webhook.ts';
import type { Clock, Log } from '../clock.ts';
import type { Witnessing } from '../rooms/room-witness.ts';
import type { Directory } from '../store/directory.ts';
import type { Jobs } from '../store/jobs.ts';
import { webhookEventsOf } from './webhook-events.ts';

export interface WebhookOutbox {
  readonly witness: Witnessing;
  /** What no room tells. */
  tell(service: string, event: WebhookEvent): void;
  /** Makes jobs of what is left. Idempotent. */
  close(): Promise<void>;
}

export const webhookJob = 'webhook';
/** The last one comes three quarters of an hour after the first. */
const tries = { most: 10, firstDelayMs: 5_000 };
const collectMs = 200;
const retryMs = 2000;
/** As long as a conductor that died is missed, and some more. */
const repeatMs = 6000;
const recentPerRoom = 256;
const maxWaiting = 5000;
const hooksFreshMs = 5000;
const maxServices = 10_000;

export function createWebhookOutbox(deps: {
  readonly directory: Pick<Directory, 'service'>;
  readonly jobs: Pick<Jobs, 'add'>;
  readonly clock: Clock;
  readonly log: Log;
}): WebhookOutbox {
  const { directory, jobs, clock, log } = deps;
  const waiting = new Map<string, WebhookEvent[]>();
  const known = new Map<string, { readonly at: number; readonly hooks: Promise<readonly Webhook[]> }>();
  let count = 0;
  let cancel: Unsubscribe | undefined;
  let sending: Promise<void> | undefined;
  let dropped = 0;
  let closed = false;

  function hooksOf(service: string): Promise<readonly Webhook[]> {
    const now = clock.now();
    const found = known.get(service);
    if (found !== undefined && now - found.at < hooksFreshMs) return found.hooks;
    if (known.size >= maxServices) known.clear();
    const hooks = directory.service(service).then((each) => each?.webhooks ?? []);
    known.set(service, { at: now, hooks });
    // The next one asks again.
    hooks.catch(() => known.delete(service));
    return hooks;
  }

  function put(service: string, events: readonly WebhookEvent[]): void {
    for (const event of events) {
      if (count >= maxWaiting) {
        dropped += 1;
        continue;
      }
      const list = waiting.get(service) ?? [];
      waiting.set(service, list);
      list.push(event);
      count += 1;
    }
    if (count > 0 && !closed) cancel ??= clock.after(collectMs, send);
  }

  function send(): void {
    cancel = undefined;
    if (dropped > 0) log.warn('webhooks were not told of everything', { dropped });
    dropped = 0;
    const all = [...waiting];
    waiting.clear();
    count = 0;
    const before = sending;
    sending = (async () => {
      await before;
      // One service after the other: the order of a room's events is kept.
      for (const [service, events] of all) await addJobs(service, events);
    })();
  }

  async function addJobs(service: string, events: readonly WebhookEvent[]): Promise<void> {
    try {
      const hooks = await hooksOf(service);
      await Promise.all(
        hooks.flatMap((hook) =>
          deliveries(service, hook, events).map((data) => jobs.add({ kind: webhookJob, data, tries })),
        ),
      );
    } catch (error) {
      log.warn('webhooks wait for their store', { service, error });
      // Some of it may be sent twice then: each event has its id.
      const newer = waiting.get(service) ?? [];
      waiting.delete(service);
      count -= newer.length;
      put(service, [...events, ...newer]);
      cancel?.();
      if (!closed) cancel = clock.after(retryMs, send);
    }
  }

  return {
    witness(service) {
      const recent: { readonly event: WebhookEvent; told: boolean }[] = [];
      let speaks = false;
      return {
        folded(fold, epoch) {
          const events = webhookEventsOf(fold, epoch);
          if (events.length === 0) return;
          if (speaks) put(service, events);
          recent.push(...events.map((event) => ({ event, told: speaks })));
          recent.splice(0, recent.length - recentPerRoom);
        },
        conducts(on) {
          const from = clock.now() - repeatMs;
          for (const each of on ? recent : []) {
            if (!each.told && each.event.at >= from) put(service, [each.event]);
            each.told = true;
          }
          speaks = on;
        },
      };
    },
    tell: (service, event) => put(service, [event]),
    async close() {
      closed = true;
      cancel?.();
      send();
      await sending;
    },
  };
}

function deliveries(service: string, hook: Webhook, events: readonly WebhookEvent[]): WebhookDelivery[] {
  const wanted = events.filter(({ type }) => hook.events.includes(type));
  const parts = Math.ceil(wanted.length / webhookLimits.eventsPerDelivery);
  return Array.from({ length: parts }, (_, part) => ({
    service,
    webhook: hook._id,
    events: wanted.slice(
      part * webhookLimits.eventsPerDelivery,
      (part + 1) * webhookLimits.eventsPerDelivery,
    ),
  }));
}
