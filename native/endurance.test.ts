import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { testGpu } from '../test/gpu/test-gpu.ts';
import { loadAddon } from './load-addon.ts';
import { describeGpu } from './scripted-gpu.ts';
import { describeNative } from './scripted-session.ts';

const program = join(import.meta.dirname, 'scripted-endurance.mjs');
const isLong = process.env.SLUICE_LONG !== undefined;
const amounts = isLong
  ? { frames: 10_000, sessions: 200, threads: 50 }
  : { frames: 500, sessions: 20, threads: 3 };
const nothing = {
  ...{ sessions: 0, decoders: 0, canvases: 0, encoders: 0, pictures: 0 },
  ...{ surfaces: 0, deviceBuffers: 0, queuedBytes: 0 },
};
const name = `${amounts.frames} frames, ${amounts.sessions} sessions and ${amounts.threads} terminated threads leave nothing`;

async function endure(
  options: { readonly engine: 'cpu' | 'vaapi'; readonly device?: string },
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly counters: unknown; readonly rss: readonly number[] }> {
  const loaded = loadAddon();
  if (loaded.addon === undefined) throw new Error(loaded.reason);
  const preload = [process.env.LD_PRELOAD, env.LD_PRELOAD].filter(Boolean).join(' ');
  const args = [program, loaded.file, JSON.stringify({ options, ...amounts })];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ...env, LD_PRELOAD: preload },
  });
  const told = JSON.parse(stdout) as { counters: unknown; rss: readonly number[] };
  if (isLong) console.log(`${options.engine}: MB of the process meanwhile: ${told.rss.join(' ')}`);
  return told;
}

/** A picture of this size kept from each frame would be many times as much. Sanitizers keep what was freed. */
function expectFlat(rss: readonly number[]): void {
  if (process.env.LD_PRELOAD !== undefined) return;
  const [early = 0] = rss;
  expect(Math.max(...rss) - early).toBeLessThan(60);
}

describeNative('an engine that works for long', () => {
  it(`cpu: ${name}`, { timeout: 600_000 }, async () => {
    const { counters, rss } = await endure({ engine: 'cpu' });
    expect(counters).toEqual(nothing);
    expectFlat(rss);
  });

  describeGpu('on a simulated GPU', () => {
    it(`vaapi: ${name}`, { timeout: 600_000 }, async () => {
      const gpu = testGpu();
      try {
        const { counters, rss } = await endure({ engine: 'vaapi', device: gpu.device }, gpu.env);
        expect(counters).toEqual(nothing);
        expectFlat(rss);
        expect(gpu.misuses()).toEqual([]);
        expect(gpu.counters()).toMatchObject({
          liveDisplays: 0,
          liveContexts: 0,
          liveSurfaces: 0,
          liveBuffers: 0,
        });
      } finally {
        gpu.close();
      }
    });
  });
});
