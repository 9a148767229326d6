import { beforeEach, expect, it } from 'vitest';
import { copyPicture, writeCanvas } from './picture.ts';
import { clip, md5 } from './scripted-clip.ts';
import { describeBuilt, freshVideo } from './scripted-modules.ts';
import { recorded } from './scripted-recordings.ts';
import type { Video } from './video.ts';
import { VpxDecoder } from './vpx-decoder.ts';
import { VpxEncoder } from './vpx-encoder.ts';

describeBuilt('VP8 and VP9', () => {
  let video: Video;
  beforeEach(async () => {
    video = await freshVideo();
  });

  it.each(recorded.filter(({ codec }) => codec !== 'h264'))(
    'gives the bits and pictures of the native library: $codec $width x $height',
    (wanted) => {
      const { codec, width, height, count, bitrateBps } = wanted;
      if (codec === 'h264') return;
      const encoder = new VpxEncoder(video, { codec, width, height, bitrateBps });
      const decoder = new VpxDecoder(video, codec);
      const bits: Uint8Array[] = [];
      const pictures: Uint8Array[] = [];
      for (const picture of clip(width, height, count)) {
        writeCanvas(video, encoder.canvas, picture);
        const encoded = encoder.encode(1000 / 30);
        if (!encoded) continue;
        bits.push(encoded.data);
        const decoded = decoder.decode(encoded.data);
        if (decoded.kind === 'picture') pictures.push(copyPicture(video, decoded.picture));
      }
      expect({ bits: md5(...bits), pictures: md5(...pictures) }).toEqual({
        bits: wanted.bits,
        pictures: wanted.pictures,
      });
    },
  );

  it.each(['vp8', 'vp9'] as const)('%s makes key frames when asked for', (codec) => {
    const encoder = new VpxEncoder(video, { codec, width: 64, height: 64, bitrateBps: 100_000 });
    const keys = clip(64, 64, 6).map((picture, i) => {
      writeCanvas(video, encoder.canvas, picture);
      return encoder.encode(33, i === 3)?.isKey;
    });
    expect(keys).toEqual([true, false, false, true, false, false]);
    encoder.close();
  });

  it('decodes a key frame of another size', () => {
    const decoder = new VpxDecoder(video, 'vp8');
    const sizes = [64, 128, 32].map((width) => {
      const encoder = new VpxEncoder(video, { codec: 'vp8', width, height: 48, bitrateBps: 100_000 });
      const decoded = decoder.decode(encoder.encode(33)!.data);
      encoder.close();
      return decoded.kind === 'picture' ? decoded.picture.width : decoded.kind;
    });
    expect(sizes).toEqual([64, 128, 32]);
    decoder.close();
  });

  it('follows a new bitrate', () => {
    const encoder = new VpxEncoder(video, { codec: 'vp8', width: 320, height: 180, bitrateBps: 1_000_000 });
    const sizes = clip(320, 180, 60).map((picture, i) => {
      if (i === 30) encoder.setBitrate(200_000);
      writeCanvas(video, encoder.canvas, picture);
      return encoder.encode(1000 / 30)?.data.length ?? 0;
    });
    const sum = (from: number, to: number): number => sizes.slice(from, to).reduce((x, y) => x + y);
    expect(sum(40, 60)).toBeLessThan(sum(10, 30) / 2);
    encoder.close();
  });

  it('refuses wrong options, closes twice, and says so when used later', () => {
    expect(
      () => new VpxEncoder(video, { codec: 'vp9', width: 64, height: 64, bitrateBps: 1e5, speed: 12 }),
    ).toThrow(RangeError);
    const encoder = new VpxEncoder(video, { codec: 'vp8', width: 64, height: 64, bitrateBps: 100_000 });
    const decoder = new VpxDecoder(video, 'vp9');
    for (const codec of [encoder, decoder, encoder, decoder]) codec.close();
    expect(() => encoder.encode(33)).toThrow('VpxEncoder is closed');
    expect(() => decoder.decode(Uint8Array.of(1))).toThrow('VpxDecoder is closed');
  });
});
