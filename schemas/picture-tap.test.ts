import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { desiredPictureTapSchema } from './picture-tap.ts';
import { desiredVideoMixerSchema } from './worker.ts';

const tap = { id: 'face', input: 'a', width: 320, height: 180, pixels: 'rgb', framerate: 5 };

describe('a wish for pictures', () => {
  it.each([
    ['of an input', {}, true],
    ['as large as there are', { width: 1024, height: 1024, framerate: 30 }, true],
    ['too large', { width: 1025 }, false],
    ['too small', { height: 15 }, false],
    ['too often', { framerate: 30.5 }, false],
    ['never', { framerate: 0 }, false],
    ['in other colours', { pixels: 'yuv' }, false],
    ['of broken pixels', { width: 100.5 }, false],
  ])('%s is understood or not', (_name, change, isUnderstood) => {
    expect(v.safeParse(desiredPictureTapSchema, { ...tap, ...change }).success).toBe(isUnderstood);
  });

  it('comes with a mixer, 16 at most, or not at all', () => {
    const mixer = {
      kind: 'video',
      id: 'm',
      background: { r: 0, g: 0, b: 0 },
      fit: 'crop',
      inputs: [],
      outputs: [],
    };
    const of = (taps: number) => ({
      ...mixer,
      taps: Array.from({ length: taps }, (_, id) => ({ ...tap, id: `${id}` })),
    });
    expect([mixer, of(16), of(17)].map((each) => v.safeParse(desiredVideoMixerSchema, each).success)).toEqual(
      [true, true, false],
    );
  });
});
