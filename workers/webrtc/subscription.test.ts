import { describe, expect, it } from 'vitest';
import type { DesiredSubscription, Format } from '../../schemas/worker.ts';
import { Router } from '../routing/router.ts';
import { Source } from '../routing/source.ts';
import { Subscription } from './subscription.ts';
import { testPayload, TestOutlet } from './testing/test-media.ts';

const vp8: Format = { codec: 'vp8' };
const vp9: Format = { codec: 'vp9' };

const desired = (formats: Format[], from?: string): DesiredSubscription => ({
  id: 'sub',
  tracks: [
    {
      mid: '0',
      kind: 'video',
      formats,
      preference: 'formats',
      paused: false,
      ...(from === undefined ? {} : { from }),
    },
  ],
});

/** Its client settled on VP9, and the room has `vp8` and `vp9` tracks. */
function settledOnVp9(): Subscription {
  const router = new Router();
  for (const codec of ['vp8', 'vp9']) {
    const source = new Source({
      track: codec,
      kind: 'video',
      rid: undefined,
      payload: testPayload(96, codec),
      redType: undefined,
      feedback: { nack: () => undefined, pli: () => undefined },
      resized: () => undefined,
    });
    router.publish(source, 0);
  }
  const rim = { nowMs: () => 0, random32: () => 7 };
  const subscription = new Subscription(desired([vp8, vp9]), { router, rim, outlet: new TestOutlet() });
  const payloads = [testPayload(98, 'vp9')];
  subscription.negotiated([{ mid: '0', payloads, rtxTypes: new Map(), redType: undefined }]);
  return subscription;
}

describe('a subscription', () => {
  it('says what was settled on, and again only when that changes', () => {
    const subscription = settledOnVp9();
    expect(subscription.takeSettled()).toEqual([{ mid: '0', format: vp9 }]);
    expect(subscription.takeSettled()).toEqual([]);
    const again = (name: string): void => {
      const payloads = [testPayload(96, name), testPayload(98, 'vp9')];
      subscription.negotiated([{ mid: '0', payloads, rtxTypes: new Map(), redType: undefined }]);
    };
    again('vp9');
    expect(subscription.takeSettled()).toEqual([]);
    again('vp8');
    expect(subscription.takeSettled()).toEqual([{ mid: '0', format: vp8 }]);
  });

  it('that carries what its client does not take is hopeless when nothing else is wanted', () => {
    const subscription = settledOnVp9();
    subscription.update(desired([vp8], 'vp8'));
    expect(subscription.hopeless(0)?.mid).toBe('0');
  });

  it('waits for what is being made in the format that was settled on, but not for ever', () => {
    const subscription = settledOnVp9();
    subscription.update(desired([vp8, vp9], 'vp8'));
    expect(subscription.hopeless(0)).toBeUndefined();
    expect(subscription.hopeless(9_000)).toBeUndefined();
    subscription.update(desired([vp9], 'vp9'));
    expect(subscription.hopeless(10_000)).toBeUndefined();
    subscription.update(desired([vp8, vp9], 'vp8'));
    expect(subscription.hopeless(20_000)).toBeUndefined();
    expect(subscription.hopeless(30_000)?.mid).toBe('0');
  });
});
