import { afterAll, expect, it } from 'vitest';
import { clip } from '../wasm/scripted-clip.ts';
import { describeBuilt } from '../wasm/scripted-modules.ts';
import type { NativeCodec } from './addon.ts';
import {
  describeNative,
  type EventOf,
  expectNothingLeft,
  judge,
  layers,
  psnr,
  ScriptedSession,
} from './scripted-session.ts';

const [width, height] = [160, 96];
const whole = [0, 0, width, height] as const;
const [canvas, encoder, decoder, still] = [1, 2, 3, 4];

/** Ours and, where libavcodec has it, the one that H.264 falls back to. */
const encoders: readonly { readonly codec: NativeCodec; readonly implementation: string }[] = [
  { codec: 'h264', implementation: 'libopenh264' },
  { codec: 'h264', implementation: 'libx264' },
  { codec: 'vp8', implementation: 'libvpx' },
  { codec: 'vp9', implementation: 'libvpx-vp9' },
];

describeBuilt('codecs of the native engine', () => {
  describeNative('on the processor', (addon) => {
    const has = new Set(addon.probe({ engine: 'cpu' }).encode.map(({ implementation }) => implementation));
    afterAll(() => expectNothingLeft(addon));

    const here = encoders.filter(({ implementation }) => has.has(implementation));

    /** Encodes pictures one after the other at a rate; `before` each, something may be changed. */
    async function encode(
      { codec, implementation }: (typeof encoders)[number],
      pictures: readonly Uint8Array[],
      { key, before }: { key?: number; before?: (index: number, session: ScriptedSession) => void } = {},
    ): Promise<EventOf<'encoded'>[]> {
      const scripted = new ScriptedSession(addon, { encoders: [implementation] });
      const { session } = scripted;
      session.openCanvas(canvas, width, height);
      session.openEncoder(encoder, { codec, width, height, framerate: 30, bitrateKbps: 1500 });
      for (const [index, packed] of pictures.entries()) {
        before?.(index, scripted);
        session.openStill(still, width, height, packed);
        session.compose(canvas, 0, layers({ picture: still, source: whole, destination: whole }));
        session.closeObject(still);
        session.encode(encoder, canvas, 1000 + index * 33, index === key);
        await scripted.until('encoded', index + 1);
      }
      await scripted.close();
      return scripted.of('encoded');
    }

    it.each(here)(
      '$implementation: what it encodes looks like what was drawn, elsewhere too',
      async (which) => {
        const pictures = clip(width, height, 12);
        const units = await encode(which, pictures, { key: 8 });
        expect(units.map(({ key }) => key)).toEqual(pictures.map((_, index) => index === 0 || index === 8));
        expect(units.map(({ atMs }) => atMs)).toEqual(pictures.map((_, index) => 1000 + index * 33));
        const see = await judge(which.codec);
        for (const [index, { data }] of units.entries()) {
          const seen = see(data) ?? new Uint8Array();
          expect(psnr(seen, pictures[index] ?? seen), `picture ${index}`).toBeGreaterThan(28);
        }
        // Whoever comes later begins with the second key picture, which needs nothing from before.
        const later = await judge(which.codec);
        for (const { data } of units.slice(8)) expect(later(data)).toHaveLength((width * height * 3) / 2);
      },
    );

    it.each(here)('$implementation: what is decoded is what the codec modules decode', async (which) => {
      const units = await encode(which, clip(width, height, 8));
      const see = await judge(which.codec);
      const scripted = new ScriptedSession(addon);
      const { session } = scripted;
      session.openDecoder(decoder, which.codec);
      for (const [index, { data, key }] of units.entries()) {
        session.decode(decoder, data, 5000 + index, key);
        const pictured = await scripted.until('pictured', index + 1);
        expect(pictured).toMatchObject({ decoder, timestamp: 5000 + index, width, height });
        session.tap(index, decoder, width, height, 'gray');
        const { data: gray = new Uint8Array() } = await scripted.until('tapped', index + 1);
        const luma = see(data)?.subarray(0, width * height) ?? new Uint8Array();
        // The tap stretches 16 … 235 to 0 … 255; otherwise the decoders agree to the bit.
        expect(gray).toEqual(
          luma.map((value) => Math.min(255, Math.max(0, Math.round(((value - 16) * 255) / 219)))),
        );
      }
      expect(scripted.of('broken')).toEqual([]);
      await scripted.close();
    });

    it.each(here)('$implementation: a new rate is followed, without a key picture', async (which) => {
      const units = await encode(which, clip(width, height, 60), {
        before: (index, { session }) => {
          if (index === 30) session.setRate(encoder, 150, 30);
        },
      });
      // Elsewhere openh264 takes the noise of the clip for a change of scene.
      expect(units.slice(30, 33).some(({ key }) => key)).toBe(false);
      const bytes = (from: number, to: number): number =>
        units.slice(from, to).reduce((sum, { data }) => sum + data.length, 0);
      expect(bytes(45, 60)).toBeLessThan(bytes(15, 30) / 2);
    });

    it.each(here.filter(({ codec }) => codec === 'h264'))(
      '$implementation: is constrained baseline, with its parameter sets before each key picture',
      async (which) => {
        const units = await encode(which, clip(width, height, 3), { key: 2 });
        const [first, , last] = units.map(({ data }) => nalTypes(data));
        for (const types of [first, last]) {
          expect(types?.filter((type) => type === 7 || type === 8 || type === 5)).toEqual([7, 8, 5]);
        }
        const sps = Buffer.from(units[0]?.data ?? []);
        const at = sps.indexOf(Buffer.from([0, 0, 1, 0x67])) + 4;
        expect(sps[at]).toBe(66);
        expect((sps[at + 1] ?? 0) & 0x40).toBe(0x40);
      },
    );

    it.skipIf(!hasX265())('libx265 encodes only when it is named, and libavcodec decodes H.265', async () => {
      expect(has.has('libx265')).toBe(false);
      const which = { codec: 'h265', implementation: 'libx265' } as const;
      const pictures = clip(width, height, 6);
      const units = await encode(which, pictures, { key: 3 });
      expect(units.map(({ key }) => key)).toEqual([true, false, false, true, false, false]);
      const scripted = new ScriptedSession(addon);
      scripted.session.openDecoder(decoder, 'h265');
      for (const [index, { data, key }] of units.entries()) {
        scripted.session.decode(decoder, data, index, key);
        await scripted.until('pictured', index + 1);
        scripted.session.tap(index, decoder, width, height, 'gray');
        const { data: gray = new Uint8Array() } = await scripted.until('tapped', index + 1);
        const luma = pictures[index]?.subarray(0, width * height) ?? gray;
        expect(
          psnr(
            gray,
            luma.map((value) => ((value - 16) * 255) / 219),
          ),
        ).toBeGreaterThan(24);
      }
      await scripted.close();
    });

    function hasX265(): boolean {
      return addon.probe({ engine: 'cpu', encoders: ['libx265'] }).encode.length > 0;
    }
  });
});

/** Types of the NAL units of an access unit (Annex B). */
function nalTypes(data: Uint8Array): number[] {
  const types: number[] = [];
  for (let at = 0; at + 3 < data.length; at++) {
    if (data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 1) types.push((data[at + 3] ?? 0) & 31);
  }
  return types;
}
