import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../edge/platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../../edge/platform/memory/ports.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import { madeWorker } from '../../edge/store/conformance/made-worker.ts';
import { channels } from '../../schemas/bus.ts';
import type { ScheduledPurpose } from '../../schemas/worker.ts';
import { watchTranscoders } from './watch-transcoders.ts';

async function watched() {
  const clock = createManualClock();
  const { bus } = await createMemoryPorts({ clock, random: nodeRandom });
  const watch = watchTranscoders(bus, clock, 5000);
  const announce = (purposes: ScheduledPurpose[]) => {
    bus.publish(channels.workers, madeWorker('w', { purposes }));
    return clock.advance(0);
  };
  return { clock, bus, watch, announce };
}

describe('watchTranscoders', () => {
  it('waits for the first worker and then knows what it can do', async () => {
    const { watch, announce } = await watched();
    const known = watch.known();
    await announce(['webrtc', 'audio', 'video']);
    expect(await known).toEqual({ audio: true, video: true });
    expect(await watch.known()).toEqual({ audio: true, video: true });
  });

  it('knows of none without codec modules, and none when no worker comes', async () => {
    const forwarding = await watched();
    await forwarding.announce(['webrtc']);
    expect(await forwarding.watch.known()).toEqual({ audio: false, video: false });
    const { watch, clock } = await watched();
    const known = watch.known();
    await clock.advance(5000);
    expect(await known).toEqual({ audio: false, video: false });
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

  it('believes in a worker that has just died: another one is coming', async () => {
    const { watch, announce, bus, clock } = await watched();
    await announce(['webrtc', 'audio', 'video']);
    bus.publish(channels.workers, { type: 'quit', worker: 'w' });
    await clock.advance(0);
    expect(await watch.known()).toEqual({ audio: true, video: true });
  });
});
