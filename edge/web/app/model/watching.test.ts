import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Subscription } from '../../../client/index.ts';
import type { SubscribeOptions } from '../../../client/index.ts';
import { SluiceError } from '../../../../schemas/error.ts';
import type { StreamInfo } from '../../../../schemas/stream.ts';
import { mixedWith } from './scripted-cast.ts';
import { Watching } from './watching.ts';
import type { WatchWish } from './watching.ts';

beforeAll(() => vi.stubGlobal('MediaStream', Object));
afterAll(() => vi.unstubAllGlobals());

const { mixed, cast } = mixedWith(['ana-1', 'bo-1']);
const wish: WatchWish = { mode: 'mixed', view: 'common', self: false };

let streams: Map<string, StreamInfo>;
let made: { subscription: Subscription; options: SubscribeOptions }[];
let stopped: string[];
let refusal: SluiceError | undefined;
let shown: (() => void) | undefined;

beforeEach(() => {
  streams = new Map([...cast.streams, [mixed.id, mixed]]);
  made = [];
  stopped = [];
  refusal = undefined;
  shown = undefined;
});

function watching(changes: Partial<WatchWish> = {}): Watching {
  const carrier = {
    unsubscribe: ({ stream }: Subscription) => stopped.push(stream.id),
    control: () => Promise.resolve(),
    update: () => (refusal === undefined ? Promise.resolve() : Promise.reject(refusal)),
  };
  return new Watching(
    {
      me: { id: 'me', user: 'Me', role: 'presenter' },
      streams,
      subscribe: (id: string, wanted?: SubscribeOptions) => {
        const options = wanted ?? {};
        const stream = streams.get(id);
        if (stream === undefined) throw new Error(`no ${id}`);
        const subscription = new Subscription(carrier, stream, options);
        made.push({ subscription, options });
        return subscription;
      },
    },
    { ...wish, ...changes },
    () => undefined,
    () =>
      new Promise((resolve) => {
        shown = resolve;
      }),
  );
}

const subscribed = () => made.map(({ subscription }) => subscription.stream.id);
const last = () => {
  const latest = made.at(-1);
  if (latest === undefined) throw new Error('nothing is subscribed');
  return latest;
};

describe('watching the mixed picture', () => {
  it('subscribes nothing before it begins', () => {
    watching().follow();
    expect(made).toEqual([]);
  });

  it('takes the mixed stream once, and the screen that is not in it', () => {
    const watch = watching();
    watch.begin();
    watch.follow();
    expect(subscribed()).toEqual(['room-common', 'bo-2']);
    expect(watch.watched).toEqual({ mode: 'mixed' });
  });

  it('lets go of a screen that is mixed now', () => {
    const watch = watching();
    watch.begin();
    streams.set(mixed.id, mixedWith(['ana-1', 'bo-1', 'bo-2']).mixed);
    watch.follow();
    expect(stopped).toEqual(['bo-2']);
    expect(watch.of('bo-2')).toBeUndefined();
  });

  it.each([
    { what: 'another view', change: () => undefined, view: 'other' },
    { what: 'a server that does not mix', change: () => streams.delete(mixed.id), view: 'common' },
  ])('watches everybody where there is none: $what', ({ change, view }) => {
    change();
    const watch = watching({ view });
    watch.begin();
    expect(watch.watched).toEqual({ mode: 'forward', because: 'no-mixer' });
    expect(subscribed()).toEqual(['ana-1', 'bo-1', 'bo-2']);
  });

  it('goes over to it when mixing begins', () => {
    streams.delete(mixed.id);
    const watch = watching();
    watch.begin();
    streams.set(mixed.id, mixed);
    watch.follow();
    expect(watch.watched).toEqual({ mode: 'mixed' });
    expect(stopped).toEqual(['ana-1', 'bo-1']);
  });

  it('goes over to everybody when it ends, and stays there until asked to try again', () => {
    const watch = watching();
    watch.begin();
    watch.mixed?.enter({ phase: 'ended', reason: 'No worker for video' });
    const failed = { mode: 'forward', because: 'failed', reason: 'No worker for video' };
    expect(watch.watched).toEqual(failed);
    expect(subscribed().slice(2)).toEqual(['ana-1', 'bo-1']);
    watch.follow();
    expect(watch.watched).toEqual(failed);
    watch.retry();
    expect(watch.watched).toEqual({ mode: 'mixed' });
    expect(subscribed().at(-1)).toBe('room-common');
    expect(stopped).toEqual(['ana-1', 'bo-1']);
  });
});

describe('watching everybody', () => {
  it('leaves the mixed stream alone when asked to', () => {
    const watch = watching({ mode: 'forward' });
    watch.begin();
    expect(watch.watched).toEqual({ mode: 'forward', because: 'asked' });
    expect(subscribed()).toEqual(['ana-1', 'bo-1', 'bo-2']);
  });

  it('does not ask again for what was refused, until it is there anew', () => {
    const watch = watching({ mode: 'forward' });
    watch.begin();
    watch.of('ana-1')?.enter({ phase: 'ended', reason: 'unauthorized' });
    watch.follow();
    expect(subscribed()).toHaveLength(3);
    const ana = streams.get('ana-1');
    streams.delete('ana-1');
    watch.follow();
    if (ana !== undefined) streams.set('ana-1', ana);
    watch.follow();
    expect(subscribed().slice(3)).toEqual(['ana-1']);
  });
});

describe('another quality', () => {
  function begun(): Watching {
    const watch = watching();
    watch.begin();
    watch.mixed?.enter({ phase: 'live', id: 'one' });
    return watch;
  }

  it('is had on the same subscription', async () => {
    const watch = begun();
    const choosing = watch.choose({ framerate: 12 });
    expect(watch.changing).toBe(true);
    await choosing;
    expect(watch.changing).toBe(false);
    expect(watch.quality).toEqual({ framerate: 12 });
    expect(watch.mixed?.options.parameters).toEqual({ framerate: 12 });
    expect(subscribed()).toHaveLength(2);
  });

  it('stays as it was when refused', async () => {
    const watch = begun();
    refusal = new SluiceError('bad-request', 'Framerate is not acceptable');
    await expect(watch.choose({ framerate: 12 })).rejects.toBe(refusal);
    expect(watch.quality).toEqual({});
    expect(watch.changing).toBe(false);
  });

  it('of another codec is shown once its first picture is there', async () => {
    const watch = begun();
    const before = watch.mixed;
    const choosing = watch.choose({ framerate: 12, codec: 'h264' });
    expect(last().options).toEqual({ parameters: { framerate: 12 }, videoCodec: 'h264' });
    last().subscription.enter({ phase: 'live', id: 'two' });
    await vi.waitFor(() => expect(shown).toBeDefined());
    expect(watch.mixed).toBe(before);
    expect(stopped).toEqual([]);
    shown?.();
    await choosing;
    expect(watch.mixed).toBe(last().subscription);
    expect(stopped).toEqual(['room-common']);
    expect(watch.watched).toEqual({ mode: 'mixed' });
  });

  it('of a codec that is refused leaves the picture there is', async () => {
    const watch = begun();
    const before = watch.mixed;
    const choosing = watch.choose({ codec: 'h264' });
    last().subscription.enter({ phase: 'ended', reason: 'Format is not acceptable' });
    await expect(choosing).rejects.toThrow('Format is not acceptable');
    expect(watch.mixed).toBe(before);
    expect(watch.watched).toEqual({ mode: 'mixed' });
    expect(watch.quality).toEqual({});
  });
});
