import { it } from 'vitest';
import { describeBuilt } from '../../wasm/scripted-modules.ts';
import { seeded } from './seeded.ts';
import { videoPipelineTarget } from './video-pipeline.ts';

describeBuilt('hostile input for a composed view', () => {
  it.each([1, 4])('breaks nothing (seed %i)', { timeout: 60_000 }, async (seed) => {
    await videoPipelineTarget.run(seeded(seed), 1000);
  });
});
