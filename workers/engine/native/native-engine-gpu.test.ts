import { afterAll, beforeAll, vi } from 'vitest';
import type { NativeAddon, NativeProgress } from '../../../native/addon.ts';
import { describeGpu, type ScriptedGpu, startGpu } from '../../../native/scripted-gpu.ts';
import { describeBuilt } from '../../../wasm/scripted-modules.ts';
import { engineConformance } from '../scripted-conformance.ts';
import { nativeCapabilities } from './native-capabilities.ts';
import { NativeEngine } from './native-engine.ts';

/** From another process nothing is known of it; who watches sees it idle. */
const idle: NativeProgress = {
  ...{ state: 'open', waitingCommands: 0, waitingBytes: 0, refused: 0, done: 0, busyMs: 0 },
  ...{ decodeMs: 0, composeMs: 0, encodeMs: 0, tapMs: 0 },
};

describeBuilt('native engines', () => {
  describeGpu('on a GPU', () => {
    let gpu: ScriptedGpu;
    beforeAll(async () => {
      gpu = await startGpu();
    });
    afterAll(async () => {
      await gpu.close();
    });

    const addon: NativeAddon = {
      engines: ['vaapi'],
      version: 'in another process',
      open: (options, deliver) => ({ ...gpu.open(options, deliver), progress: () => idle }),
      probe: vi.fn(),
      counters: vi.fn(),
    };
    const formats = [{ codec: 'h264' }, { codec: 'vp8' }, { codec: 'vp9' }] as const;
    engineConformance('vaapi', formats, async () => {
      const capabilities = nativeCapabilities(await gpu.probe());
      return new NativeEngine({ addon, id: 'vaapi', device: gpu.gpu.device, capabilities });
    });
  });
});
