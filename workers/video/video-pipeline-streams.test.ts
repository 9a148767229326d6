import { expect, it, vi } from 'vitest';
import { describeBuilt } from '../../wasm/scripted-modules.ts';
import { ntpHigh, ntpLow } from '../rtp/ntp.ts';
import { colours, ScriptedCamera } from './scripted-camera.ts';
import { gridInputs, outputOf, ScriptedView, viewOf } from './scripted-view.ts';

vi.setConfig({ testTimeout: 30_000 });

const { red, green, blue, yellow } = colours;
const codecs = ['vp8', 'vp9', 'h264'] as const;

async function pair(options: { width?: number; height?: number } = {}): Promise<ScriptedView> {
  const view = await ScriptedView.begin(viewOf(gridInputs(['a', 'b'], 2), [outputOf('out')]));
  view.camera({ line: 1, input: 'a', codec: 'vp8', ...options }).colour = red;
  view.camera({ line: 2, input: 'b', codec: 'h264' }).colour = green;
  return view;
}

/** Colours seen in the first region in each picture from now on. */
function watch(view: ScriptedView): string[] {
  const seen: string[] = [];
  const screen = view.screen('out');
  const take = screen.take.bind(screen);
  screen.take = (frame) => {
    take(frame);
    seen.push(screen.name(0.25, 0.25));
  };
  return seen;
}

describeBuilt('a lossy line', () => {
  it.each(codecs)(
    'keeps its last picture, asks for a key frame and goes on with that (%s)',
    async (codec) => {
      const view = await ScriptedView.begin(viewOf(gridInputs(['a'], 2), [outputOf('out')]));
      view.camera({ line: 1, input: 'a', codec }).colour = red;
      view.run(300);
      const seen = watch(view);
      let lost = 0;
      view.arrives = () => lost++ > 0;
      view.run(33);
      view.cameras.get(1)!.colour = blue;
      view.run(600);
      expect(lost).toBeGreaterThan(1);
      expect(view.keyFrameRequests).toEqual([1]);
      expect(new Set(seen)).toEqual(new Set(['red', 'blue']));
      expect(seen.at(-1)).toBe('blue');
    },
  );

  it('asks again, not too often, while no key frame comes', async () => {
    const view = await pair();
    view.run(300);
    view.answersRequests = false;
    let lost = 0;
    view.arrives = (line) => line !== 1 || lost++ > 0;
    view.run(2600);
    expect(view.keyFrameRequests.length).toBeGreaterThanOrEqual(4);
    expect(view.keyFrameRequests.length).toBeLessThanOrEqual(6);
  });

  it('waits as long as a retransmission takes', async () => {
    const requests = async (rttMs: number): Promise<number> => {
      const view = await pair();
      view.pipeline.roundTrip(1, rttMs);
      view.run(300);
      view.answersRequests = false;
      let lost = 0;
      view.arrives = (line) => line !== 1 || lost++ > 0;
      view.run(200);
      return view.keyFrameRequests.length;
    };
    expect(await requests(10)).toBe(1);
    expect(await requests(200)).toBe(0);
  });

  it('asks for a key frame when it begins in the middle', async () => {
    const view = await pair();
    view.cameras.get(1)!.shoot(view.nowMs - 33);
    view.run(300);
    expect(view.keyFrameRequests).toEqual([1]);
    expect(view.seen('out', 2)[0]).toBe('red');
  });

  it('recovers from what the decoder cannot read', async () => {
    const view = await pair();
    view.run(300);
    const camera = view.cameras.get(1)!;
    camera.key = true;
    for (const packet of camera.shoot(view.nowMs)) {
      view.pipeline.receive(1, packet.fill(0x55, 26), view.nowMs);
    }
    camera.colour = blue;
    view.run(300);
    expect(view.stats.inputs[0]).toMatchObject({ broken: 1 });
    expect(view.keyFrameRequests).toEqual([1]);
    expect(view.seen('out', 2)[0]).toBe('blue');
  });
});

describeBuilt('a line that replaces another', () => {
  it.each(['begun first', 'after the end'])('takes over without a hole (%s)', async (order) => {
    const view = await pair({ width: 320, height: 180 });
    view.run(300);
    const seen = watch(view);
    if (order === 'after the end') {
      view.pipeline.end(1);
      view.run(200);
    }
    const small = view.camera({ line: 3, input: 'a', codec: 'vp9', width: 80, height: 46 });
    small.colour = blue;
    small.key = false;
    view.answersRequests = false;
    const arrives = (line: number): boolean => line !== 3 || view.answersRequests;
    view.arrives = arrives;
    view.run(200);
    view.answersRequests = true;
    small.key = true;
    view.run(200);
    if (order === 'begun first') view.pipeline.end(1);
    view.run(100);
    expect(seen.indexOf('blue')).toBeGreaterThan(0);
    expect(seen).toEqual([
      ...Array<string>(seen.indexOf('blue')).fill('red'),
      ...Array<string>(seen.length - seen.indexOf('blue')).fill('blue'),
    ]);
    expect(view.stats.inputs[0]).toMatchObject({ width: 80, height: 46 });
  });

  it('makes older ones superfluous, and never yields to them', async () => {
    const view = await pair();
    view.run(100);
    view.camera({ line: 3, input: 'a', codec: 'vp8' }).colour = blue;
    view.run(100);
    const decoded = (): number => view.stats.inputs[0]!.decoded;
    const before = decoded();
    view.run(330);
    expect(decoded() - before).toBe(10);
    expect(view.seen('out', 2)[0]).toBe('blue');
  });

  it('is one of a few, however many are begun', async () => {
    const view = await pair();
    view.run(100);
    for (let line = 10; line < 200; line++) {
      view.pipeline.begin({ ...view.cameras.get(1)!.line, line });
    }
    const last = new ScriptedCamera(view.video, { line: 200, input: 'a', codec: 'vp8' });
    view.pipeline.begin(last.line);
    last.colour = blue;
    view.run(100);
    expect(view.seen('out', 2)[0]).toBe('red');
    view.shoot(last);
    view.run(100);
    expect(view.seen('out', 2)[0]).toBe('blue');
  });
});

describeBuilt('a pipeline begun again', () => {
  it.each(codecs)('shows a picture at the next tick after a burst of old packets (%s)', async (codec) => {
    const view = await ScriptedView.begin(viewOf(gridInputs(['a'], 1), [outputOf('out')]));
    const camera = view.camera({ line: 1, input: 'a', codec });
    view.stop(1);
    const fromMs = view.nowMs - 3000;
    for (let atMs = fromMs; atMs < view.nowMs; atMs += 33) {
      camera.colour = atMs < view.nowMs - 100 ? red : yellow;
      for (const packet of camera.shoot(atMs)) view.pipeline.receive(1, packet, atMs);
    }
    view.tick();
    expect(view.screen('out').frames.map(({ key }) => key)).toEqual([true]);
    expect(view.screen('out').name(0.5, 0.5)).toBe('yellow');
    expect(view.keyFrameRequests).toEqual([]);
  });
});

describeBuilt('ages', () => {
  it('tell how long ago what is shown was captured, of streams whose sender reports', async () => {
    const view = await pair();
    const aheadMs = 7_654_321;
    for (let second = 0; second < 5; second++) {
      const camera = view.cameras.get(1)!;
      // A report that takes no time on its way: the sender's clock runs ahead of ours.
      view.pipeline.report({
        line: 1,
        ntpHigh: ntpHigh(view.nowMs + aheadMs),
        ntpLow: ntpLow(view.nowMs + aheadMs),
        rtpTimestamp: camera.timestamp(view.nowMs - 80),
        arrivedMs: view.nowMs,
      });
      view.run(1000);
    }
    const ages = view.told.flat();
    expect(new Set(ages.map(({ stream }) => stream))).toEqual(new Set(['a-stream']));
    expect(view.told.length).toBeGreaterThanOrEqual(3);
    expect(view.told.length).toBeLessThanOrEqual(5);
    // Captured 80 ms before the report says, and shown up to a picture later.
    for (const { ageMs } of ages.slice(1)) expect(Math.abs(ageMs - (-80 + 17))).toBeLessThan(17);
  });

  it('are not told of what is not shown', async () => {
    const view = await pair();
    view.run(100);
    view.configure(
      viewOf(
        gridInputs(['a', 'b'], 2).map((input) => ({ ...input, active: false })),
        [outputOf('out')],
      ),
    );
    view.pipeline.report({
      line: 1,
      ntpHigh: ntpHigh(view.nowMs),
      ntpLow: ntpLow(view.nowMs),
      rtpTimestamp: view.cameras.get(1)!.timestamp(view.nowMs),
      arrivedMs: view.nowMs,
    });
    view.run(3000);
    expect(view.told).toEqual([]);
  });
});
