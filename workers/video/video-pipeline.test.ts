import { expect, it } from 'vitest';
import { describeBuilt } from '../../wasm/scripted-modules.ts';
import { colours } from './scripted-camera.ts';
import { gridInputs, outputOf, ScriptedView, viewOf } from './scripted-view.ts';

const { red, green, blue, yellow, cyan } = colours;
const four = ['a', 'b', 'c', 'd'];
const cameras = { a: red, b: green, c: blue, d: yellow };

async function fourParty(outputs = [outputOf('out')]): Promise<ScriptedView> {
  const view = await ScriptedView.begin(viewOf(gridInputs(four, 2), outputs));
  view.cameraEach(cameras);
  return view;
}

const keysOf = (view: ScriptedView, track = 'out'): number[] =>
  view.screen(track).frames.flatMap(({ key, atMs }) => (key ? [atMs] : []));

describeBuilt('a view', () => {
  it.each(['vp8', 'vp9', 'h264'] as const)(
    'room-model#4.6 shows each input in its region, whatever it is encoded as (%s out)',
    async (codec) => {
      const view = await ScriptedView.begin(viewOf(gridInputs(four, 2), [outputOf('out', { codec })]));
      const codecs = ['vp8', 'h264', 'vp9', 'h264'] as const;
      for (const [index, input] of four.entries()) {
        const camera = view.camera({ line: index + 1, input, codec: codecs[index] ?? 'vp8' });
        camera.colour = [red, green, blue, yellow][index] ?? red;
      }
      view.run(500);
      expect(view.screen('out').size).toEqual({ width: 320, height: 180 });
      expect(view.seen('out', 2)).toEqual(['red', 'green', 'blue', 'yellow']);
      expect(keysOf(view).length).toBe(1);
    },
  );

  it('is background where an input has no picture yet, and where there is none', async () => {
    const view = await ScriptedView.begin(viewOf(gridInputs(['a', 'b'], 2), [outputOf('out')]));
    view.camera({ line: 1, input: 'a', codec: 'vp8' }).colour = red;
    // Its first picture waits for who may begin to send.
    view.run(400);
    expect(view.seen('out', 2)).toEqual(['red', 'black', 'black', 'black']);
    view.configure(
      viewOf(gridInputs(['a', 'b'], 2), [outputOf('out')], { background: { r: 255, g: 255, b: 255 } }),
    );
    view.run(100);
    expect(view.seen('out', 2)).toEqual(['red', 'white', 'white', 'white']);
  });

  it('letterboxes or crops', async () => {
    const inputs = gridInputs(['a'], 1);
    const view = await ScriptedView.begin(viewOf(inputs, [outputOf('out')], { fit: 'letterbox' }));
    view.camera({ line: 1, input: 'a', codec: 'vp8', width: 96, height: 96 }).colour = green;
    view.run(200);
    const screen = view.screen('out');
    expect([screen.name(0.1, 0.5), screen.name(0.5, 0.5), screen.name(0.9, 0.5)]).toEqual([
      'black',
      'green',
      'black',
    ]);
    view.configure(viewOf(inputs, [outputOf('out')], { fit: 'crop' }));
    view.run(100);
    expect([screen.name(0.1, 0.5), screen.name(0.9, 0.5)]).toEqual(['green', 'green']);
  });

  it('makes room for a fifth input without beginning anything anew', async () => {
    const view = await fourParty();
    view.run(300);
    view.configure(viewOf(gridInputs([...four, 'e'], 3), [outputOf('out')]));
    view.camera({ line: 5, input: 'e', codec: 'h264' }).colour = cyan;
    view.run(300);
    expect(view.seen('out', 3)).toEqual([
      ...['red', 'green', 'blue', 'yellow', 'cyan'],
      ...['black', 'black', 'black', 'black'],
    ]);
    expect(keysOf(view).length).toBe(1);
    expect(view.keyFrameRequests).toEqual([]);
  });

  it('closes up when one leaves, and takes it back with a new line', async () => {
    const view = await fourParty();
    view.run(200);
    view.configure(viewOf(gridInputs(['a', 'c', 'd'], 2), [outputOf('out')]));
    view.run(200);
    expect(view.seen('out', 2)).toEqual(['red', 'blue', 'yellow', 'black']);
    view.stop(2);
    view.configure(viewOf(gridInputs(['a', 'c', 'd', 'b'], 2), [outputOf('out')]));
    view.run(100);
    expect(view.seen('out', 2)).toEqual(['red', 'blue', 'yellow', 'black']);
    view.camera({ line: 9, input: 'b', codec: 'vp9' }).colour = green;
    view.run(100);
    expect(view.seen('out', 2)).toEqual(['red', 'blue', 'yellow', 'green']);
    expect(keysOf(view).length).toBe(1);
  });

  it('swaps two at the next picture', async () => {
    const view = await fourParty();
    view.run(198);
    const [a, b, c, d] = gridInputs(four, 2);
    view.configure(
      viewOf([{ ...a!, region: d!.region }, { ...d!, region: a!.region }, b!, c!], [outputOf('out')]),
    );
    view.run(40);
    expect(view.seen('out', 2)).toEqual(['yellow', 'green', 'blue', 'red']);
  });

  it('draws later inputs over earlier ones', async () => {
    const [a, b] = gridInputs(['a', 'b'], 2);
    const whole = gridInputs(['a'], 1)[0]!.region;
    const view = await ScriptedView.begin(viewOf([{ ...a!, region: whole }, b!], [outputOf('out')]));
    view.cameraEach({ a: red, b: green });
    view.run(200);
    expect(view.seen('out', 2)).toEqual(['red', 'green', 'red', 'red']);
  });

  it('takes a configuration again for no change', async () => {
    const view = await fourParty();
    view.run(200);
    for (let round = 0; round < 10; round++) {
      view.configure(viewOf(gridInputs(four, 2), [outputOf('out')]));
      view.run(33);
    }
    expect(keysOf(view).length).toBe(1);
    expect(view.keyFrameRequests).toEqual([]);
  });

  it('ignores lines of inputs it does not know, of codecs it cannot decode, and of other payload types', async () => {
    const view = await ScriptedView.begin(viewOf(gridInputs(['a'], 2), [outputOf('out')]));
    const stranger = view.camera({ line: 1, input: 'x', codec: 'vp8' });
    view.run(100);
    const { line } = stranger;
    view.pipeline.begin({ ...line, line: 2, input: 'a', format: { codec: 'h265' } });
    view.pipeline.begin({ ...line, line: 3, input: 'a', payloadType: 120 });
    for (const each of [2, 3]) {
      for (const packet of stranger.shoot(view.nowMs)) view.pipeline.receive(each, packet, view.nowMs);
    }
    view.run(100);
    expect(view.keyFrameRequests).toEqual([]);
    expect(view.stats.inputs).toMatchObject([{ id: 'a', decoded: 0, width: 0 }]);
  });
});

describeBuilt('a muted input', () => {
  const muted = (names: readonly string[]) =>
    gridInputs(four, 2).map((input) => ({ ...input, active: !names.includes(input.id) }));

  it.each(['crop', 'letterbox'] as const)(
    'room-model#4.6 shows the avatar, is not decoded, and comes back with a new picture (%s)',
    async (fit) => {
      const view = await fourParty();
      view.run(200);
      view.configure(viewOf(muted(['b']), [outputOf('out')], { fit }));
      view.cameras.get(2)!.colour = cyan;
      const decoded = (): number => view.stats.inputs[1]!.decoded;
      const before = decoded();
      view.run(300);
      expect(decoded()).toBe(before);
      const screen = view.screen('out');
      // Disc, head, and ground where tiles are filled.
      expect(screen.at(0.75, 0.27).y).toBeCloseTo(76, -1);
      expect(screen.at(0.75, 0.2).y).toBeCloseTo(158, -1);
      expect(screen.at(0.52, 0.25).y).toBeCloseTo(fit === 'crop' ? 46 : 16, -1);
      expect(view.seen('out', 2).filter((_, index) => index !== 1)).toEqual(['red', 'blue', 'yellow']);

      view.answersRequests = false;
      view.configure(viewOf(muted([]), [outputOf('out')], { fit }));
      view.run(200);
      expect(view.keyFrameRequests).toContain(2);
      expect(screen.at(0.75, 0.2).y).toBeCloseTo(158, -1);
      view.answersRequests = true;
      view.run(700);
      expect(view.seen('out', 2)).toEqual(['red', 'cyan', 'blue', 'yellow']);
      expect(keysOf(view).length).toBe(1);
    },
  );

  it('is shown so from the beginning', async () => {
    const view = await ScriptedView.begin(viewOf(muted(four), [outputOf('out')]));
    view.cameraEach(cameras);
    view.run(200);
    for (const y of [0.2, 0.7]) {
      for (const x of [0.25, 0.75]) expect(view.screen('out').at(x, y).y).toBeCloseTo(158, -1);
    }
    expect(view.stats.inputs.map(({ decoded }) => decoded)).toEqual([0, 0, 0, 0]);
  });
});
