import { beforeEach, expect, it } from 'vitest';
import { H264Decoder } from './h264-decoder.ts';
import { H264Encoder } from './h264-encoder.ts';
import { copyPicture, writeCanvas } from './picture.ts';
import { clip, md5 } from './scripted-clip.ts';
import { describeBuilt, freshVideo } from './scripted-modules.ts';
import { recorded } from './scripted-recordings.ts';
import type { Video } from './video.ts';

describeBuilt('H.264', () => {
  let video: Video;
  beforeEach(async () => {
    video = await freshVideo();
  });

  function encodeAll(width: number, height: number, count: number, bitrateBps: number): Uint8Array[] {
    const encoder = new H264Encoder(video, { width, height, frameRate: 30, bitrateBps });
    const units: Uint8Array[] = [];
    for (const [i, picture] of clip(width, height, count).entries()) {
      writeCanvas(video, encoder.canvas, picture);
      const unit = encoder.encode((i * 1000) / 30);
      if (unit) units.push(unit.data);
    }
    encoder.close();
    return units;
  }

  it.each(recorded.filter(({ codec }) => codec === 'h264'))(
    'gives the bits and pictures of the native library at $width x $height',
    (wanted) => {
      const { width, height, count, bitrateBps } = wanted;
      const units = encodeAll(width, height, count, bitrateBps);
      const decoder = new H264Decoder(video);
      const pictures = units.map((unit) => {
        const decoded = decoder.decode(unit);
        if (decoded.kind !== 'picture') throw new Error(decoded.kind);
        return copyPicture(video, decoded.picture);
      });
      expect({ bits: md5(...units), pictures: md5(...pictures) }).toEqual({
        bits: wanted.bits,
        pictures: wanted.pictures,
      });
    },
  );

  it('encodes 720p as constrained baseline', () => {
    const [unit] = encodeAll(1280, 720, 1, 2_000_000);
    const sps = nals(unit!).find((nal) => (nal[0]! & 31) === 7)!;
    const [, profile, constraints] = sps;
    expect(profile).toBe(66);
    expect(constraints! & 0x40, 'constraint_set1_flag').toBe(0x40);
  });

  it('puts parameter sets before every key frame, which come when asked for', () => {
    const encoder = new H264Encoder(video, { width: 64, height: 64, frameRate: 30, bitrateBps: 100_000 });
    const kinds = clip(64, 64, 6).map((picture, i) => {
      writeCanvas(video, encoder.canvas, picture);
      const { data, isKey } = encoder.encode(i * 33, i === 3)!;
      return { isKey, types: nals(data).map((nal) => nal[0]! & 31) };
    });
    expect(kinds.map(({ isKey }) => isKey)).toEqual([true, false, false, true, false, false]);
    expect(kinds[3]!.types).toEqual([7, 8, 5]);
    expect(kinds[4]!.types).toEqual([1]);
    encoder.close();
  });

  it('follows a new bitrate', () => {
    const encoder = new H264Encoder(video, { width: 320, height: 180, frameRate: 30, bitrateBps: 1_000_000 });
    const sizes = clip(320, 180, 60).map((picture, i) => {
      if (i === 30) encoder.setBitrate(150_000);
      writeCanvas(video, encoder.canvas, picture);
      return encoder.encode((i * 1000) / 30)?.data.length ?? 0;
    });
    const sum = (from: number, to: number): number => sizes.slice(from, to).reduce((x, y) => x + y);
    expect(sum(40, 60)).toBeLessThan(sum(10, 30) / 2);
    encoder.close();
  });

  it('gives back the pictures that it held for reordering when flushed', () => {
    // A constrained baseline stream is a main profile stream too; calling it that makes the decoder reorder.
    const units = encodeAll(64, 64, 8, 100_000).map((unit) => {
      const renamed = unit.slice();
      for (const nal of nals(renamed)) if ((nal[0]! & 31) === 7) nal[1] = 77;
      return renamed;
    });
    const decoder = new H264Decoder(video);
    const shown = units.filter((unit) => decoder.decode(unit).kind === 'picture').length;
    let flushed = 0;
    while (decoder.flush().kind === 'picture') flushed++;
    expect(flushed).toBeGreaterThan(0);
    expect(shown + flushed).toBe(8);
    decoder.close();
  });

  it('refuses wrong options', () => {
    const good = { width: 64, height: 64, frameRate: 30, bitrateBps: 100_000 };
    for (const wrong of [{ width: 63 }, { height: 8192 }, { frameRate: 0 }, { bitrateBps: 1.5 }]) {
      expect(() => new H264Encoder(video, { ...good, ...wrong })).toThrow(RangeError);
    }
  });

  it('closes twice, and says so when used later', () => {
    const encoder = new H264Encoder(video, { width: 64, height: 64, frameRate: 30, bitrateBps: 100_000 });
    const decoder = new H264Decoder(video);
    for (const codec of [encoder, decoder, encoder, decoder]) codec.close();
    expect(() => encoder.encode(0)).toThrow('H264Encoder is closed');
    expect(() => decoder.decode(Uint8Array.of(1))).toThrow('H264Decoder is closed');
  });
});

/** The NAL units of an Annex B access unit, as views of it. */
function nals(unit: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let i = 0; i + 2 < unit.length; i++) {
    if (unit[i] === 0 && unit[i + 1] === 0 && unit[i + 2] === 1) starts.push(i + 3);
  }
  return starts.map((start, i) => {
    const next = starts[i + 1];
    return unit.subarray(start, next === undefined ? unit.length : next - 3);
  });
}
