import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../edge/platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../../edge/platform/memory/ports.ts';
import { createLog } from '../../edge/platform/node/log.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import type { Transcoders } from '../../edge/rooms/transcoders.ts';
import { madeWorker } from '../../edge/store/conformance/made-worker.ts';
import type { Registry } from '../../edge/store/registry.ts';
import { channels } from '../../schemas/bus.ts';
import type { ScheduledPurpose } from '../../schemas/worker.ts';
import { watchTranscoders } from './watch-transcoders.ts';

const none = { audio: false, video: false };
const both = { audio: true, video: true };

async function watched(
  options: { patienceMs?: number; registries?: Pick<Registry, 'alive' | 'watch'>[] } = {},
) {
  const clock = createManualClock();
  const lines: string[] = [];
  const log = createLog({ name: 'test', write: (line) => void lines.push(line) });
  const { bus, registry } = await createMemoryPorts({ clock, random: nodeRandom });
  const { patienceMs = 5000, registries = [registry] } = options;
  const watch = watchTranscoders({ bus, registries, clock, log, patienceMs });
  const announce = (purposes: ScheduledPurpose[]) => {
    bus.publish(channels.workers, madeWorker('w', { purposes }));
    return clock.advance(0);
  };
  return { clock, bus, registry, watch, announce, lines };
}

describe('watchTranscoders', () => {
  it('waits for the first worker and then knows what it can do', async () => {
    const { watch, announce } = await watched();
    const known = watch.known();
    await announce(['webrtc', 'audio', 'video']);
    expect(await known).toEqual(both);
    expect(await watch.known()).toEqual(both);
  });

  it('knows of none without codec modules, and none when no worker comes', async () => {
    const forwarding = await watched();
    await forwarding.announce(['webrtc']);
    expect(await forwarding.watch.known()).toEqual(none);
    const { watch, clock } = await watched();
    const known = watch.known();
    await clock.advance(5000);
    expect(await known).toEqual(none);
  });

  it('takes no edge for a worker, and each worker for what it can', async () => {
    const { watch, announce } = await watched();
    await announce(['portal']);
    const known = watch.known();
    await announce(['audio']);
    await announce(['webrtc']);
    await announce(['portal']);
    expect(await known).toEqual({ audio: true, video: false });
  });

  it('knows of codecs that only some workers have', async () => {
    const { watch, bus, clock } = await watched();
    const video = { decode: ['vp8', 'av1'], encode: ['vp8', 'h265'] };
    bus.publish(channels.workers, madeWorker('gpu', { purposes: ['audio', 'video'], video }));
    await clock.advance(0);
    bus.publish(channels.workers, madeWorker('other', { purposes: ['audio', 'video'] }));
    await clock.advance(0);
    expect(await watch.known()).toEqual({ ...both, taken: ['av1'], made: ['h265'] });
  });

  it('believes in a worker that has just died: another one is coming', async () => {
    const { watch, announce, bus, clock } = await watched();
    await announce(['webrtc', 'audio', 'video']);
    bus.publish(channels.workers, { type: 'quit', worker: 'w' });
    await clock.advance(0);
    expect(await watch.known()).toEqual(both);
  });

  it('without patience takes the word of the registries for who was not heard here, and waits for nobody', async () => {
    const { watch, registry, clock } = await watched({ patienceMs: 0 });
    await clock.advance(0);
    expect(await watch.known()).toEqual(none);
    await registry.announce(madeWorker('w', { purposes: ['webrtc', 'audio'] }), clock.now());
    await registry.announce(madeWorker('v', { purposes: ['video'] }), clock.now());
    expect(await watch.known()).toEqual(both);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('away')), 0],
    ['is silent', () => new Promise<never>(() => undefined), 500],
  ])('is not kept by a registry that %s', async (_how, alive, afterMs) => {
    const { watch, clock, announce } = await watched({
      patienceMs: 0,
      registries: [{ alive, watch: () => () => undefined }],
    });
    await announce(['audio']);
    const known: Transcoders[] = [];
    void watch.known().then((transcoders) => known.push(transcoders));
    await clock.advance(afterMs - 1);
    expect(known).toEqual(afterMs === 0 ? [{ audio: true, video: false }] : []);
    await clock.advance(1);
    expect(known).toEqual([{ audio: true, video: false }]);
  });

  it('says what is known at once, and again when that is more, until told to stop', async () => {
    const { watch, announce } = await watched();
    await announce(['audio']);
    const heard: Transcoders[] = [];
    const stop = watch.watch(({ of }) => heard.push(of(undefined)));
    await announce(['audio']);
    expect(heard).toEqual([{ audio: true, video: false }]);
    await announce(['video']);
    expect(heard).toEqual([{ audio: true, video: false }, both]);
    stop();
    await announce(['audio']);
    expect(heard).toHaveLength(2);
  });

  it('does not tell who has stopped before it was told anything', async () => {
    const { watch, clock } = await watched();
    let told = 0;
    watch.watch(() => (told += 1))();
    await clock.advance(10_000);
    expect(told).toBe(0);
  });

  it.each([1, 50])('tells %i rooms nothing while everybody says what they said before', async (rooms) => {
    const { watch, bus, clock } = await watched({ patienceMs: 0 });
    const say = async (load: number) => {
      for (let each = 0; each < 20; each += 1) {
        bus.publish(channels.workers, madeWorker(`w${each}`, { purposes: ['audio', 'video'], load }));
        bus.publish(channels.workers, madeWorker(`e${each}`, { purposes: ['portal'], load }));
      }
      await clock.advance(1000);
    };
    for (let seconds = 0; seconds < 5; seconds += 1) await say(0);
    let told = 0;
    for (let room = 0; room < rooms; room += 1) watch.watch(() => (told += 1));
    await clock.advance(0);
    expect(told).toBe(rooms);
    for (let seconds = 0; seconds < 10; seconds += 1) await say(seconds / 10);
    expect(told).toBe(rooms);
  });

  it('says less once the only worker that could is gone for a while, and knows by then who else lives', async () => {
    const { watch, bus, registry, clock } = await watched({ patienceMs: 0 });
    const video = { decode: ['vp8'], encode: ['vp8', 'h265'] };
    const gpu = madeWorker('gpu', { purposes: ['audio', 'video'], video });
    const heard: unknown[] = [];
    bus.publish(channels.workers, gpu);
    await clock.advance(0);
    watch.watch(({ of, whole }) => heard.push([whole, of(undefined).made]));
    await registry.announce(gpu, clock.now());
    await clock.advance(0);
    expect(heard).toEqual([[false, ['h265']]]);
    await clock.advance(3000);
    expect(heard).toEqual([
      [false, ['h265']],
      [true, ['h265']],
    ]);
    await registry.remove('gpu', 'killed');
    await clock.advance(2999);
    expect(heard).toHaveLength(2);
    await clock.advance(1);
    expect(heard.slice(2)).toEqual([[true, undefined]]);
  });

  it('does not take a registry that does not answer for empty', async () => {
    const away = { alive: () => Promise.reject(new Error('away')), watch: () => () => undefined };
    const { watch, bus, clock } = await watched({ patienceMs: 0, registries: [away] });
    const heard: boolean[] = [];
    watch.watch(({ whole }) => heard.push(whole));
    await clock.advance(10_000);
    bus.publish(channels.workers, madeWorker('w', { purposes: ['video'] }));
    await clock.advance(0);
    expect(heard).toEqual([false, false]);
  });
});
