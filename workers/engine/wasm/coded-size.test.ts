import { expect, it } from 'vitest';
import { clip } from '../../../wasm/scripted-clip.ts';
import { writeCanvas } from '../../../wasm/picture.ts';
import { describeBuilt, freshVideo } from '../../../wasm/scripted-modules.ts';
import { VpxEncoder } from '../../../wasm/vpx-encoder.ts';
import { WasmCore } from './wasm-core.ts';
import { isReasonable } from './coded-size.ts';
import { WasmDecoder } from './wasm-decoder.ts';

/** Bits of a number, most significant first. */
const bits = (value: number, count: number): string => value.toString(2).padStart(count, '0');

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text.match(/.{1,8}/g) ?? [], (part) => parseInt(part.padEnd(8, '0'), 2));
}

const sized = (width: number, height: number): string => bits(width - 1, 16) + bits(height - 1, 16);
const key = (width: number, height: number): Uint8Array =>
  bytesOf(`10000010${bits(0x498342, 24)}0010${sized(width, height)}0000`);
const intraOnly = (width: number, height: number): Uint8Array =>
  bytesOf(`10000100100${bits(0x498342, 24)}00000001${sized(width, height)}`);
const inter = (width: number, height: number): Uint8Array =>
  bytesOf(`1000011000${'0'.repeat(20)}000${sized(width, height)}`);
const interOfReference = bytesOf(`1000011000${'0'.repeat(20)}01${'1'.repeat(40)}`);

function hidden(frames: readonly Uint8Array[]): Uint8Array {
  const marker = 0xc8 | (frames.length - 1);
  const lengths = frames.flatMap(({ length }) => [length & 255, length >> 8]);
  return Uint8Array.from([...frames.flatMap((frame) => [...frame]), marker, ...lengths, marker]);
}

describeBuilt('frames that tell their size', () => {
  const vp8 = (width: number, height: number): Uint8Array =>
    Uint8Array.of(0x10, 0, 0, 0x9d, 1, 0x2a, width & 255, width >> 8, height & 255, height >> 8);

  it.each<[string, 'vp8' | 'vp9', Uint8Array, boolean]>([
    ['VP8 of 1080p', 'vp8', vp8(1920, 1080), true],
    ['VP8 of 4096×2304', 'vp8', vp8(4096, 2304), true],
    ['VP8 too wide', 'vp8', vp8(4098, 16), false],
    ['VP8 too large', 'vp8', vp8(4096, 2306), false],
    ['VP8 of 16383×16383', 'vp8', vp8(16_383, 16_383), false],
    ['VP8 that follows', 'vp8', vp8(16_383, 16_383).fill(0x11, 0, 1), true],
    ['nothing', 'vp8', new Uint8Array(), true],
    ['a VP9 key frame', 'vp9', key(1280, 720), true],
    ['a large VP9 key frame', 'vp9', key(16_384, 8192), false],
    ['a VP9 intra frame', 'vp9', intraOnly(1280, 720), true],
    ['a large VP9 intra frame', 'vp9', intraOnly(8192, 8192), false],
    ['a VP9 frame with a size', 'vp9', inter(640, 360), true],
    ['a large VP9 frame with a size', 'vp9', inter(640, 8192), false],
    ['a VP9 frame of the size before', 'vp9', interOfReference, true],
    ['a superframe', 'vp9', hidden([key(64, 64), interOfReference]), true],
    ['a superframe with a large one inside', 'vp9', hidden([key(64, 64), key(8192, 64)]), false],
  ])('%s', (_name, codec, frame, isFine) => {
    expect(isReasonable(codec, frame)).toBe(isFine);
  });

  it.each(['vp8', 'vp9'] as const)('are left alone when an encoder made them (%s)', async (codec) => {
    const video = await freshVideo();
    const encoder = new VpxEncoder(video, { codec, width: 64, height: 64, bitrateBps: 100_000 });
    for (const [index, picture] of clip(64, 64, 20).entries()) {
      writeCanvas(video, encoder.canvas, picture);
      const encoded = encoder.encode(33, index === 10);
      expect(encoded && isReasonable(codec, encoded.data)).toBe(true);
    }
  });

  it.each([
    ['vp8', vp8(16_383, 16_383)],
    ['vp9', key(16_384, 16_384)],
  ] as const)('cost no memory when they ask for much (%s)', async (codec, data) => {
    const video = await freshVideo();
    let broken = 0;
    const decoder = new WasmDecoder(new WasmCore(video, () => {}), {
      format: { codec },
      pictured: () => {},
      broken: () => broken++,
    });
    const before = video.memoryBytes;
    decoder.decode({ data: Uint8Array.from([...data, ...new Uint8Array(500)]), key: true, timestamp: 1 });
    expect(broken).toBe(1);
    expect(video.memoryBytes - before).toBeLessThan(2 * 1024 * 1024);
  });
});
