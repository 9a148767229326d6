import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readModule } from '../../../wasm/locate.ts';
import { describeBuilt } from '../../../wasm/scripted-modules.ts';
import { EngineFailure } from '../../engine/engine-failure.ts';
import { WasmEngine } from '../../engine/wasm/wasm-engine.ts';
import { colours, plainPicture, type ScriptedCamera, type ScriptedCodec } from '../scripted-camera.ts';
import { gridInputs, outputOf, ScriptedView, viewOf } from '../scripted-view.ts';
import { FaultyEngine, type PictureFault } from './scripted-faulty-engine.ts';

vi.setConfig({ testTimeout: 60_000 });

const { red, blue, yellow } = colours;
const names = ['a', 'b'];

/** Cameras shoot a bar that wanders over their colour. */
function wander(camera: ScriptedCamera): void {
  let at = 0;
  camera.shoot = (atMs) => {
    const [width, height] = [160, 90];
    const picture = plainPicture(width, height, camera.colour);
    at = (at + 3) % width;
    for (let row = 0; row < height; row++)
      picture.fill(235, row * width + at, row * width + Math.min(width, at + 40));
    return camera.shootPicture(picture, atMs);
  };
}

describeBuilt('the watch over the pictures of a device', () => {
  let engine: FaultyEngine;
  let judges: readonly WasmEngine[];

  beforeEach(async () => {
    engine = await FaultyEngine.make();
    judges = [new WasmEngine(await readModule('video'))];
  });

  async function begin(codec: ScriptedCodec = 'h264', keyFrameInterval = 100): Promise<ScriptedView> {
    const output = outputOf('out', { codec, framerate: 15, keyFrameInterval });
    const view = await ScriptedView.begin(viewOf(gridInputs(names, 2), [output]), engine, judges);
    view.cameraEach({ a: red, b: blue }, codec);
    for (const camera of view.cameras.values()) wander(camera);
    // Wrong pictures are not for our screens.
    view.frame = () => undefined;
    return view;
  }

  it.each<[PictureFault, RegExp, number]>([
    ['draws nothing', /what it draws/, 4000],
    ['draws the past', /what it draws/, 4000],
    ['gives one colour', /what it/, 4000],
    ['decodes something else', /what it decodes/, 12_000],
    ['encodes something else', /what it encodes/, 8000],
    ['encodes garbage', /encoded pictures|what it encodes/, 2000],
    ['encodes nothing', /encoded pictures|what it encodes/, 8000],
    ['ignores key frames', /no key frame/, 12_000],
  ])('finds out one that %s', async (fault, reason, withinMs) => {
    const view = await begin();
    view.run(1500);
    engine.fault = fault;
    expect(() => view.run(withinMs)).toThrow(reason);
  });

  it('finds out one that is wrong from the beginning before it counts as proven', async () => {
    for (const fault of ['draws nothing', 'gives one colour', 'encodes garbage'] as const) {
      engine.fault = fault;
      const view = await begin();
      expect(() => view.run(4500), fault).toThrow(/its pictures are wrong/);
    }
  });

  it('says that the device is ill, and of whom it showed something else', async () => {
    const view = await begin();
    view.run(1500);
    engine.fault = 'decodes something else';
    let fault: unknown;
    try {
      view.run(12_000);
    } catch (error) {
      if (error instanceof EngineFailure) ({ fault } = error);
    }
    expect(fault).toEqual({ scope: 'device', input: 'b' });
  });

  describe('is not disturbed by', () => {
    it.each<[ScriptedCodec, number]>([
      ['h264', 12_000],
      ['vp8', 5000],
      ['vp9', 5000],
    ])('what goes well in %s, and asks for few key frames', async (codec, ms) => {
      const view = await begin(codec);
      view.run(ms);
      expect(engine.taps).toBeGreaterThan(ms / 600);
      expect(view.stats.outputs[0]?.keyFrames).toBeLessThanOrEqual(1 + ms / 4000);
      expect(view.keyFrameRequests).toHaveLength(Math.floor(ms / 8000));
    });

    it('fades, dark rooms, and cameras that change their picture', async () => {
      const view = await begin();
      const camera = view.cameras.get(1);
      for (let step = 0; camera !== undefined && step < 60; step++) {
        const y = 16 + Math.abs((step % 20) - 10) * 20;
        camera.colour =
          step < 40 ? { y, u: 128, v: 128 } : step % 2 === 0 ? yellow : { y: 16, u: 128, v: 128 };
        view.run(132);
      }
    });

    it('layouts, muting, backgrounds and sizes that change all the time', async () => {
      const view = await begin();
      for (let step = 0; step < 30; step++) {
        const side = 1 + (step % 3);
        const inputs = gridInputs(names, side).map((input) => ({
          ...input,
          active: (step + side) % 4 !== 0,
        }));
        const resolution = step % 5 === 4 ? { width: 160, height: 120 } : { width: 320, height: 180 };
        view.configure(
          viewOf(
            step % 2 === 0 ? inputs : inputs.reverse(),
            [outputOf('out', { codec: 'h264', resolution })],
            {
              background: { r: (step * 40) % 256, g: 80, b: 10 },
              fit: step % 4 < 2 ? 'crop' : 'letterbox',
            },
          ),
        );
        view.run(100 + ((step * 97) % 500));
      }
    });

    it('lost packets', async () => {
      const view = await begin();
      let packets = 0;
      view.arrives = () => packets++ % 23 !== 0;
      view.run(8000);
      expect(view.stats.inputs.some(({ decoded }) => decoded > 30)).toBe(true);
    });

    it('cameras that turn', async () => {
      const view = await begin();
      for (let line = 3; line < 12; line++) {
        const [width, height] = line % 2 === 0 ? [160, 90] : [90, 160];
        const camera = view.camera({ line, input: 'a', codec: 'h264', width, height });
        camera.colour = line % 3 === 0 ? red : yellow;
        view.stop(line === 3 ? 1 : line - 1);
        view.pipeline.end(line === 3 ? 1 : line - 1);
        view.run(800);
      }
    });

    it('a judge that is gone', async () => {
      judges = [];
      const view = await begin();
      engine.fault = 'decodes something else';
      view.run(12_000);
    });
  });

  it('leaves engines alone that nobody judges', async () => {
    const view = await ScriptedView.begin(viewOf(gridInputs(names, 2), [outputOf('out')]), engine);
    view.cameraEach({ a: red, b: blue });
    view.frame = () => undefined;
    engine.fault = 'draws nothing';
    view.run(5000);
    expect(engine.taps).toBe(0);
  });
});
