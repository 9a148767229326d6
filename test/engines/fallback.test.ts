import { availableParallelism, loadavg } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeGpu } from '../../native/scripted-gpu.ts';
import { describeBuilt } from '../../wasm/scripted-modules.ts';
import type { GpuFault } from '../gpu/gpu-fault.ts';
import { fallingPrograms, watchFall } from './fallback.ts';

/** A machine with far more to do than cores, on which everything takes its multiple. */
const isCrowded = (): boolean => (loadavg()[0] ?? 0) > availableParallelism();

describeBuilt('a view on a GPU', () => {
  describeGpu('that fails while it runs', () => {
    let programs: ReturnType<typeof fallingPrograms>;
    beforeAll(() => {
      programs = fallingPrograms();
    });
    afterAll(() => programs.remove());

    it.each<[string, 'cpu' | 'wasm', GpuFault]>([
      ['is busy', 'wasm', { kind: 'busy' }],
      ['is lost', 'cpu', { kind: 'lost' }],
      ['stands still', 'wasm', { kind: 'stall' }],
      ['crashes in its driver', 'cpu', { kind: 'crash' }],
    ])('goes on elsewhere when the device %s (%s)', { timeout: 60_000 }, async (_, next, fault) => {
      const fall = await watchFall(programs, next, fault);
      expect(fall.engine).toBe(next);
      expect(fall.reason).toContain('vaapi');
      if (!isCrowded()) expect(fall.gapMs).toBeLessThan(1000);
    });

    // It stays where it fell to for half a minute.
    it.runIf(process.env.SLUICE_LONG)('returns when it is well again', { timeout: 180_000 }, async () => {
      let gapMs = NaN;
      await watchFall(programs, 'cpu', { kind: 'busy' }, (given) => (gapMs = given));
      console.log(`returned after a gap of ${Math.round(gapMs)} ms`);
      expect(gapMs).toBeLessThan(isCrowded() ? 4000 : 500);
    });

    it.each<[string, GpuFault, RegExp]>([
      ['draws', { kind: 'corrupt', on: 'vpp' }, /wrong: what it/],
      ['encodes', { kind: 'corrupt', on: 'encode' }, /wrong: (what it encodes|encoded)/],
      ['decodes', { kind: 'corrupt', on: 'decode' }, /wrong: what it decodes/],
    ])(
      'goes on elsewhere when the device %s wrongly and says nothing',
      { timeout: 120_000 },
      async (_, fault, reason) => {
        let fall = await watchFall(programs, 'cpu', fault);
        // It is a processor: without time for it, it has stood still before it could be wrong.
        for (let round = 0; round < 2 && fall.reason.includes('stands still'); round++) {
          fall = await watchFall(programs, 'cpu', fault);
        }
        expect(fall.engine).toBe('cpu');
        expect(fall.reason).toMatch(reason);
        if (!isCrowded()) expect(fall.afterMs).toBeLessThan(12_000);
      },
    );
  });
});
