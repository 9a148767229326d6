import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { SluiceError } from '../../schemas/error.ts';
import type { StreamInfo } from '../../schemas/stream.ts';
import { Subscription, type VideoChange } from './subscription.ts';

beforeAll(() => vi.stubGlobal('MediaStream', Object));
afterAll(() => vi.unstubAllGlobals());

const mixed: StreamInfo = {
  id: 'room-common',
  type: 'mixed',
  media: { tracks: [] },
  data: null,
  info: { label: 'common', activeInput: 'unknown', layout: [], origin: { isp: '', region: '' } },
};
const small = { resolution: { width: 320, height: 240 } };
const slow = { framerate: 6, bitrate: 'x0.4' };

let updates: { session: string; video: VideoChange }[];
let refusal: SluiceError | undefined;
let subscription: Subscription;

beforeEach(() => {
  updates = [];
  refusal = undefined;
  subscription = new Subscription(
    {
      unsubscribe: () => undefined,
      control: () => Promise.resolve(),
      update: (session, video) => {
        updates.push({ session, video });
        return refusal === undefined ? Promise.resolve() : Promise.reject(refusal);
      },
    },
    mixed,
    { parameters: slow },
  );
});

describe('a change of parameters', () => {
  it('is told to the session and asked for again when that is made anew', async () => {
    subscription.enter({ phase: 'live', id: 'a' });
    await subscription.change(small);
    expect(updates).toEqual([{ session: 'a', video: { parameters: small } }]);
    expect(subscription.options.parameters).toEqual(small);
  });

  it('leaves all as before when it is refused', async () => {
    subscription.enter({ phase: 'live', id: 'a' });
    refusal = new SluiceError('bad-request', 'Resolution is not acceptable');
    await expect(subscription.change(small)).rejects.toBe(refusal);
    expect(subscription.options.parameters).toEqual(slow);
  });

  it('does not undo a later one when it is refused', async () => {
    subscription.enter({ phase: 'live', id: 'a' });
    refusal = new SluiceError('bad-request', 'Resolution is not acceptable');
    const first = subscription.change(small);
    refusal = undefined;
    await subscription.change({});
    await expect(first).rejects.toThrow('Resolution is not acceptable');
    expect(subscription.options.parameters).toEqual({});
  });

  it('waits for a session that is not up yet, the last one winning', async () => {
    await subscription.change(small);
    await subscription.chooseLayer('t-1:h');
    await subscription.change({});
    expect(updates).toEqual([]);
    subscription.enter({ phase: 'live', id: 'a' });
    expect(updates).toEqual([{ session: 'a', video: { from: 't-1:h', parameters: {} } }]);
    subscription.enter({ phase: 'recovering', reason: 'x' });
    subscription.enter({ phase: 'live', id: 'b' });
    expect(updates).toHaveLength(1);
  });

  it('is refused once the subscription has ended', async () => {
    subscription.stop();
    await expect(subscription.change(small)).rejects.toThrow('The subscription has ended');
    expect(updates).toEqual([]);
  });
});
