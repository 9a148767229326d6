import { expect, it, vi } from 'vitest';
import { H264Decoder } from './h264-decoder.ts';
import { H264Encoder } from './h264-encoder.ts';
import { OpusDecoder } from './opus-decoder.ts';
import { OpusEncoder } from './opus-encoder.ts';
import { type Decoded, writeCanvas } from './picture.ts';
import { chance, clip, sound } from './scripted-clip.ts';
import { describeBuilt, freshAudio, freshVideo } from './scripted-modules.ts';
import type { Video } from './video.ts';
import { VpxDecoder } from './vpx-decoder.ts';
import { VpxEncoder } from './vpx-encoder.ts';

vi.setConfig({ testTimeout: 60_000 });

const seed = 7;
const width = 160;
const height = 96;

/** Some pieces lost, some with flipped bytes, some cut short, some pure noise. */
function damaged(pieces: readonly Uint8Array[], random: () => number): Uint8Array[] {
  return pieces.flatMap((piece) => {
    const copy = piece.slice();
    switch (random() % 10) {
      case 0:
        return [];
      case 1:
      case 2:
        for (let i = 0; i <= random() % 8; i++) copy[random() % copy.length] = random();
        return [copy];
      case 3:
      case 4:
        return [copy.subarray(0, 1 + (random() % copy.length))];
      case 5:
        return [copy.map(() => random())];
      default:
        return [copy];
    }
  });
}

describeBuilt(`damaged input (seed ${seed})`, () => {
  interface Decoder {
    decode(data: Uint8Array): Decoded;
    close(): void;
  }
  const codecs: Record<string, (video: Video) => { pieces: Uint8Array[]; decoder: () => Decoder }> = {
    'H.264': (video) => {
      const encoder = new H264Encoder(video, { width, height, frameRate: 30, bitrateBps: 200_000 });
      const pieces = clip(width, height, 40).map((picture, i) => {
        writeCanvas(video, encoder.canvas, picture);
        return encoder.encode(i * 33, i % 15 === 0)!.data;
      });
      return { pieces, decoder: () => new H264Decoder(video, { conceal: true }) };
    },
    'H.264 without concealment': (video) => ({
      pieces: codecs['H.264']!(video).pieces,
      decoder: () => new H264Decoder(video, { conceal: false }),
    }),
    'H.264 of main profile': (video) => ({
      // What a stream above baseline is: the decoder reorders.
      pieces: codecs['H.264']!(video).pieces.map((unit) => {
        const isKey = (unit[4]! & 31) === 7;
        return isKey ? unit.with(5, 77) : unit;
      }),
      decoder: () => new H264Decoder(video),
    }),
    ...Object.fromEntries(
      (['vp8', 'vp9'] as const).map((codec) => [
        codec,
        (video: Video) => {
          const encoder = new VpxEncoder(video, { codec, width, height, bitrateBps: 200_000 });
          const pieces = clip(width, height, 40).map((picture, i) => {
            writeCanvas(video, encoder.canvas, picture);
            return encoder.encode(33, i % 15 === 0)!.data;
          });
          return { pieces, decoder: () => new VpxDecoder(video, codec) };
        },
      ]),
    ),
  };

  it.each(Object.keys(codecs))(
    '%s: never traps, and shows a picture again after the next key frame',
    async (name) => {
      const random = chance(seed);
      const { pieces, decoder: open } = codecs[name]!(await freshVideo());
      const seen = { picture: 0, none: 0, error: 0 };
      for (let run = 0; run < 40; run++) {
        const decoder = open();
        for (const piece of damaged(pieces, random)) seen[decoder.decode(piece).kind]++;
        const healed = pieces.slice(0, 4).map((piece) => decoder.decode(piece).kind);
        expect(healed, `run ${run}`).toContain('picture');
        decoder.close();
      }
      expect(seen.picture).toBeGreaterThan(0);
      expect(seen.error, 'the damage was not noticed at all').toBeGreaterThan(0);
    },
  );

  it('Opus: never traps, and refuses what is no packet', async () => {
    const audio = await freshAudio();
    const random = chance(seed);
    const encoder = new OpusEncoder(audio, { channels: 2, bitrateBps: 64_000, fec: true });
    const packets = Array.from({ length: 50 }, (_, i) => encoder.encode(sound(1920, 96 + i)));
    let refused = 0;
    for (let run = 0; run < 40; run++) {
      const decoder = new OpusDecoder(audio, 1);
      for (const packet of damaged(packets, random)) {
        if (random() % 4 === 0) decoder.recover(packet, 960);
        if (decoder.decode(packet) === undefined) refused++;
      }
      expect(decoder.decode(packets[0]!)).toHaveLength(960);
      decoder.close();
    }
    expect(refused).toBeGreaterThan(0);
  });

  it('empty and oversized input is answered without the codec', async () => {
    const video = await freshVideo();
    for (const decoder of [new H264Decoder(video), new VpxDecoder(video, 'vp8')]) {
      expect(decoder.decode(new Uint8Array())).toEqual({ kind: 'none' });
      expect(decoder.decode(new Uint8Array(9 * 1024 * 1024)).kind).toBe('error');
    }
  });
});
