import { expect, it } from 'vitest';
import type { DesiredPictureTap } from '../../schemas/picture-tap.ts';
import { describeBuilt } from '../../wasm/scripted-modules.ts';
import type { TappedPicture } from '../mixing/pipeline.ts';
import { colours } from './scripted-camera.ts';
import { gridInputs, outputOf, ScriptedView, viewOf } from './scripted-view.ts';

const { red, green } = colours;
const inputs = gridInputs(['a', 'b'], 2);

function tapOf(id: string, options: Partial<DesiredPictureTap> = {}): DesiredPictureTap {
  return { id, width: 64, height: 36, pixels: 'rgb', framerate: 5, ...options };
}

async function viewWith(taps: DesiredPictureTap[]): Promise<ScriptedView> {
  const view = await ScriptedView.begin(viewOf(inputs, [outputOf('out')], { taps }));
  view.cameraEach({ a: red, b: green });
  return view;
}

const picturesOf = (view: ScriptedView, tap: string): TappedPicture[] =>
  view.tappedPictures.filter((picture) => picture.tap === tap);

/** The strongest of red, green and blue there; black where all are weak. */
function nameAt({ data, width, height }: TappedPicture, x: number, y: number): string {
  const at = 3 * (Math.floor(y * height) * width + Math.floor(x * width));
  const values = [...data.subarray(at, at + 3)];
  const most = Math.max(...values);
  return most < 60 ? 'black' : (['red', 'green', 'blue'][values.indexOf(most)] ?? '');
}

describeBuilt('pictures for programs', () => {
  it('show an input, or all of the view', async () => {
    const view = await viewWith([tapOf('one', { input: 'b' }), tapOf('all')]);
    view.run(500);
    const [one, all] = ['one', 'all'].map((tap) => picturesOf(view, tap).at(-1));
    if (one === undefined || all === undefined) throw new Error('nothing was tapped');
    expect(one).toMatchObject({ width: 64, height: 36, pixels: 'rgb' });
    expect([nameAt(one, 0.1, 0.1), nameAt(one, 0.9, 0.9)]).toEqual(['green', 'green']);
    const corners = [nameAt(all, 0.2, 0.2), nameAt(all, 0.8, 0.2), nameAt(all, 0.5, 0.8)];
    expect(corners).toEqual(['red', 'green', 'black']);
    expect(view.seen('out', 2)).toEqual(['red', 'green', 'black', 'black']);
  });

  it.each([0.5, 5, 12, 30])('come %f times a second', async (framerate) => {
    const view = await viewWith([tapOf('one', { input: 'a', framerate }), tapOf('all', { framerate })]);
    view.run(4000);
    for (const tap of ['one', 'all']) {
      const pictures = picturesOf(view, tap);
      expect(Math.abs(pictures.length - 4 * framerate), tap).toBeLessThanOrEqual(2);
      for (const [index, { atMs }] of pictures.entries()) {
        expect(atMs - (pictures[index - 1]?.atMs ?? -Infinity)).toBeGreaterThan(1000 / framerate - 1);
      }
    }
  });

  it('wait until the last one was taken, and go on with the newest then', async () => {
    const view = await viewWith([tapOf('one', { input: 'a' }), tapOf('all')]);
    view.takesTapped = false;
    view.run(1000);
    expect(view.tappedPictures.map(({ tap }) => tap).sort()).toEqual(['all', 'one']);
    for (const camera of view.cameras.values()) camera.colour = green;
    view.run(1000);
    expect(view.tappedPictures).toHaveLength(2);
    view.pipeline.tapTaken('one');
    view.pipeline.tapTaken('unknown');
    view.run(1000);
    expect(view.tappedPictures).toHaveLength(3);
    const [, , newest] = view.tappedPictures;
    expect(newest && nameAt(newest, 0.5, 0.5)).toBe('green');
  });

  it('are not made of an input that is muted, is not there, or has no picture yet', async () => {
    const taps = [
      tapOf('muted', { input: 'a' }),
      tapOf('none', { input: 'z' }),
      tapOf('early', { input: 'b' }),
    ];
    const muted = inputs.map((input) => ({ ...input, active: input.id !== 'a' }));
    const view = await ScriptedView.begin(viewOf(muted, [outputOf('out')], { taps }));
    view.camera({ line: 1, input: 'a', codec: 'vp8' }).colour = red;
    view.run(1000);
    expect(view.tappedPictures).toEqual([]);
    view.configure(viewOf(inputs, [outputOf('out')], { taps }));
    view.run(1000);
    expect(new Set(view.tappedPictures.map(({ tap }) => tap))).toEqual(new Set(['muted']));
  });

  it('show the same picture of an input once', async () => {
    const view = await viewWith([tapOf('one', { input: 'a' })]);
    view.run(1000);
    const before = view.tappedPictures.length;
    expect(before).toBeGreaterThan(2);
    view.stop(1);
    view.run(2000);
    expect(view.tappedPictures.length).toBeLessThanOrEqual(before + 1);
  });

  it('change and end with the settings', async () => {
    const view = await viewWith([tapOf('one', { input: 'a' }), tapOf('all')]);
    view.run(500);
    const gray = tapOf('one', { input: 'b', pixels: 'gray', width: 32, framerate: 10 });
    view.configure(viewOf(inputs, [outputOf('out')], { taps: [gray] }));
    view.tappedPictures.length = 0;
    view.run(1000);
    expect(view.tappedPictures.length).toBeGreaterThanOrEqual(9);
    for (const picture of view.tappedPictures) {
      expect(picture).toMatchObject({ tap: 'one', width: 32, height: 36, pixels: 'gray' });
      expect(picture.data.length).toBe(32 * 36);
    }
    view.configure(viewOf(inputs, [outputOf('out')]));
    view.tappedPictures.length = 0;
    view.run(500);
    view.pipeline.close();
    view.run(500);
    expect(view.tappedPictures).toEqual([]);
  });

  it('come also when nothing is encoded', async () => {
    const view = await ScriptedView.begin(viewOf(inputs, [], { taps: [tapOf('all')] }));
    view.cameraEach({ a: red, b: green });
    view.run(1000);
    expect(view.tappedPictures.length).toBeGreaterThanOrEqual(4);
  });
});
