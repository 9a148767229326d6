import { afterAll, beforeAll, vi } from 'vitest';
import type { NativeAddon } from '../../../native/addon.ts';
import { describeGpu, type ScriptedGpu, startGpu } from '../../../native/scripted-gpu.ts';
import { describeBuilt } from '../../../wasm/scripted-modules.ts';
import { engineConformance } from '../scripted-conformance.ts';
import { nativeCapabilities } from './native-capabilities.ts';
import { NativeEngine } from './native-engine.ts';

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
      open: (options, deliver) => gpu.open(options, deliver),
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
