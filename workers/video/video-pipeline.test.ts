import { expect, it } from 'vitest';
import { describeBuilt } from '../../wasm/scripted-modules.ts';
import { colours } from './scripted-camera.ts';
import { gridInputs, outputOf, ScriptedView, viewOf } from './scripted-view.ts';

const four = ['a', 'b', 'c', 'd'];

async function fourParty(outputs = [outputOf('out')]): Promise<ScriptedView> {
  const view = await ScriptedView.begin(viewOf(gridInputs(four, 2), outputs));
  const codecs = ['vp8', 'h264', 'vp9', 'h264'] as const;
  const shown = [colours.red, colours.green, colours.blue, colours.yellow];
  for (const [index, input] of four.entries()) {
    view.camera({ line: index + 1, input, codec: codecs[index]! }).colour = shown[index]!;
  }
  return view;
}

describeBuilt('a view of four', () => {
  it.each(['vp8', 'vp9', 'h264'] as const)('shows each input in its region (%s out)', async (codec) => {
    const view = await fourParty([outputOf('out', { codec })]);
    view.run(500);
    const screen = view.screen('out');
    expect(screen.size).toEqual({ width: 320, height: 180 });
    const seen = [
      screen.name(0.25, 0.25),
      screen.name(0.75, 0.25),
      screen.name(0.25, 0.75),
      screen.name(0.75, 0.75),
    ];
    expect(seen).toEqual(['red', 'green', 'blue', 'yellow']);
    expect(screen.frames.length).toBe(15);
  });
});
