import { describe, expect, it } from 'vitest';
import { maxTaps } from '../../schemas/picture-tap.ts';
import type { EngineCapabilities } from '../engine/engine.ts';
import { gridInputs, outputOf, viewOf } from './scripted-view.ts';
import { encodableSize, maxInputs, maxOutputs, usableSettings } from './usable-settings.ts';

const capabilities: EngineCapabilities = { decode: [], encode: [{ codec: 'vp8' }], maxSize: 2000 };

describe('usableSettings', () => {
  it('leaves out outputs that the engine cannot make', () => {
    const outputs = [
      outputOf('good'),
      outputOf('codec', { codec: 'h265' }),
      outputOf('large', { resolution: { width: 2002, height: 100 } }),
      outputOf('small', { resolution: { width: 15, height: 100 } }),
      outputOf('none', { resolution: { width: NaN, height: 100 } }),
    ];
    const usable = usableSettings(viewOf([], outputs), capabilities);
    expect(usable.outputs.map(({ track }) => track)).toEqual(['good']);
  });

  it('makes sizes even and numbers reasonable', () => {
    const outputs = [
      outputOf('a', { resolution: { width: 427, height: 241 }, framerate: 1000, keyFrameInterval: 0 }),
      outputOf('b', { framerate: NaN, keyFrameInterval: Infinity }),
    ];
    const usable = usableSettings(viewOf([], outputs), capabilities).outputs;
    expect(usable[0]).toMatchObject({
      resolution: { width: 426, height: 240 },
      framerate: 60,
      keyFrameInterval: 1,
    });
    expect(usable[1]).toMatchObject({ framerate: 1, keyFrameInterval: 3600 });
  });

  it('keeps an output without a resolution', () => {
    const { resolution: _, ...output } = outputOf('out');
    expect(usableSettings(viewOf([], [output]), capabilities).outputs).toEqual([output]);
  });

  it('makes taps even and reasonable', () => {
    const tap = { id: 'face', input: 'a', width: 333, height: 181, pixels: 'gray', framerate: 5 } as const;
    const odd = { id: 'all', width: NaN, height: 5000, pixels: 'rgb', framerate: Infinity } as const;
    expect(usableSettings(viewOf([], [], { taps: [tap, odd] }), capabilities).taps).toEqual([
      { ...tap, width: 332, height: 180 },
      { ...odd, width: 16, height: 1024, framerate: 30 },
    ]);
  });

  it('has bounds', () => {
    const names = Array.from({ length: 100 }, (_, index) => String(index));
    const all = viewOf(
      gridInputs(names, 10),
      names.map((track) => outputOf(track)),
      { taps: names.map((id) => ({ id, width: 64, height: 64, pixels: 'rgb', framerate: 1 })) },
    );
    const { inputs, outputs, taps } = usableSettings(all, capabilities);
    expect([inputs.length, outputs.length, taps?.length]).toEqual([maxInputs, maxOutputs, maxTaps]);
  });
});

describe('encodableSize', () => {
  it.each([
    [
      { width: 641, height: 361 },
      { width: 640, height: 360 },
    ],
    [
      { width: 3, height: 40 },
      { width: 16, height: 40 },
    ],
    [
      { width: 2000, height: 2001 },
      { width: 2000, height: 2000 },
    ],
    [{ width: 2002, height: 100 }, undefined],
  ])('of %o is %o', (picture, size) => {
    expect(encodableSize(picture, capabilities)).toEqual(size);
  });
});
