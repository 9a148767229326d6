import { describe, expect, it } from 'vitest';
import { outputOf, gridInputs, viewOf } from '../video/scripted-view.ts';
import { chooseLayer, placeOf, type LayerState, type Place } from './layer-choice.ts';

const layer = (width: number, flowing = true): LayerState => ({
  size: { width, height: (width * 9) / 16 },
  flowing,
});
const unknown = (flowing = true): LayerState => ({ size: undefined, flowing });
const place = (width: number, height: number, fit: Place['fit'] = 'crop'): Place => ({
  size: { width, height },
  fit,
});
const three = [layer(320), layer(640), layer(1280)];

describe('the layer that is decoded', () => {
  it.each<[string, readonly LayerState[], Place | undefined, number]>([
    ['none of none', [], place(320, 180), -1],
    ['the one there is, too small or not', [layer(320)], place(640, 360), 0],
    ['the smallest that fills', three, place(320, 180), 0],
    ['the next one when that is a little too small', three, place(400, 225), 1],
    ['a hair too small is good enough', three, place(330, 185), 0],
    ['the largest when none fills', three, place(1920, 1080), 2],
    ['the largest where the picture keeps its size', three, undefined, 2],
    ['in whatever order they come', [layer(1280), layer(320), layer(640)], place(600, 330), 2],
    ['crop fills both sides', three, place(320, 240), 1],
    ['letterbox fills one', three, place(320, 240, 'letterbox'), 0],
    ['one that flows before one that fits', [layer(320, false), layer(640), layer(1280)], place(320, 180), 1],
    ['one of known size before another', [unknown(), layer(1280)], place(320, 180), 1],
    ['one that flows before one of known size', [unknown(), layer(320, false)], place(320, 180), 0],
    ['the first of unknown ones', [unknown(), unknown()], place(320, 180), 0],
  ])('%s', (_, layers, where, index) => {
    expect(chooseLayer(layers, where)).toBe(index);
  });
});

describe('the place an input is to fill', () => {
  const [input] = gridInputs(['a', 'b'], 2);
  const place = (...sizes: (number | undefined)[]) =>
    input &&
    placeOf(
      input,
      viewOf(
        [],
        sizes.map((width) => {
          const { resolution: _, ...rest } = outputOf('o');
          return width === undefined ? rest : { ...rest, resolution: { width, height: width / 2 } };
        }),
      ),
    );

  it('is its region in the largest picture made', () => {
    expect(place(640, 1280, 320)).toMatchObject({ size: { width: 640, height: 320 }, fit: 'crop' });
  });

  it('is not bounded where a picture keeps its own size', () => {
    expect(place(640, undefined)).toBeUndefined();
  });
});
