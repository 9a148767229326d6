// Owns the proof that what only native engines know goes through a view: H.265 from packets to packets, on x265, which
// operators allow by name.
import { expect, it, vi } from 'vitest';
import { describeNative, expectNothingLeft } from '../../native/scripted-session.ts';
import type { VideoFormat } from '../../schemas/media.ts';
import { canDo } from '../engine/choose-engine.ts';
import { nativeCapabilities } from '../engine/native/native-capabilities.ts';
import { NativeEngine } from '../engine/native/native-engine.ts';
import type { OutputFrame, PipelineOut, VideoPipeline } from '../mixing/pipeline.ts';
import { gridRegion, outputOf, viewOf } from './scripted-view.ts';
import { createVideoPipeline } from './video-pipeline.ts';

const format: VideoFormat = { codec: 'h265' };
const encoders = ['libx265'];

describeNative('a view in H.265', (addon) => {
  const capabilities = nativeCapabilities(addon.probe({ engine: 'cpu', encoders }));
  const isHere = canDo(capabilities.encode, format) && canDo(capabilities.decode, format);

  /** A pipeline of one output, whose frames are kept. */
  async function viewed(frames: OutputFrame[], inputs: Parameters<typeof viewOf>[0]): Promise<VideoPipeline> {
    const out: PipelineOut = {
      frame: (frame) => void frames.push(frame),
      requestKeyFrame: () => undefined,
      ages: () => undefined,
      speaker: () => undefined,
      tapped: () => undefined,
    };
    const engine = new NativeEngine({ addon, id: 'cpu', capabilities, encoders });
    const pipeline = await createVideoPipeline({ engine, out, measure: () => performance.now() });
    pipeline.configure(viewOf(inputs, [outputOf('out', { codec: 'h265' })]), 0);
    return pipeline;
  }

  it.skipIf(!isHere)(
    'is what another view can show',
    async () => {
      const made: OutputFrame[] = [];
      const first = await viewed(made, []);
      let nowMs = 0;
      await vi.waitFor(
        () => {
          first.tick((nowMs += 40));
          expect(made.length).toBeGreaterThan(0);
        },
        { timeout: 12_000, interval: 20 },
      );
      const [key] = made;
      expect(key?.key).toBe(true);
      const layers = [{ track: 'a-0', format }];
      const shown: OutputFrame[] = [];
      const second = await viewed(shown, [
        { id: 'a', stream: 's', layers, active: true, region: gridRegion(0, 1) },
      ]);
      second.begin({ line: 1, input: 'a', format, payloadType: 104, clockRate: 90_000 });
      key?.payloads.forEach((payload, index) => {
        const marker = index === key.payloads.length - 1 ? 0x80 : 0;
        second.receive(
          1,
          Uint8Array.of(0x80, 104 | marker, 0, index, 0, 0, 0, 1, 0, 0, 0, 1, ...payload),
          nowMs,
        );
      });
      await vi.waitFor(
        () => {
          second.tick((nowMs += 40));
          const stats = second.stats(nowMs);
          expect(stats.kind === 'video' && stats.inputs[0]?.decoded).toBe(1);
        },
        { timeout: 12_000, interval: 20 },
      );
      first.close();
      second.close();
      await expectNothingLeft(addon);
    },
    40_000,
  );
});
