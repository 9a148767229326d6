import { describe, expect, it } from 'vitest';
import type { VideoFormat } from '../../../schemas/media.ts';
import { formFault } from './coded-form.ts';

const size = { width: 322, height: 180 };
const annexB = (...units: readonly (readonly number[])[]): number[] =>
  units.flatMap((unit) => [0, 0, 1, ...unit]);

const sps = [0x67, 66, 0xe0];
const pps = [0x68, 9];
const idr = [0x65, 1, 2];
const slice = [0x41, 1, 2];
const vps = [0x40, 1, 2];
const hevcSps = [0x42, 1, 2];
const hevcPps = [0x44, 1, 2];
const cra = [0x2a, 1, 2];
const trail = [0x02, 1, 2];
const vp8Key = [0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x42, 0x01, 0xb4, 0x00, 1];

describe('an encoded picture', () => {
  it.each<[VideoFormat['codec'], boolean, string, number[]]>([
    ['h264', true, 'parameter sets and a key picture', annexB(sps, pps, idr)],
    ['h264', false, 'a slice', annexB([0x09, 0x30], slice)],
    ['h265', true, 'parameter sets and a key picture', annexB(vps, hevcSps, hevcPps, cra)],
    ['h265', false, 'a slice', annexB(trail)],
    ['vp8', true, 'a key frame', vp8Key],
    ['vp8', false, 'another', [0x11, 2, 0, 4, 5]],
    ['vp9', true, 'a key frame', [0x82, 0x49, 0x83, 0x42, 0]],
    ['vp9', false, 'another', [0x86, 0, 1]],
    ['av1', true, 'a sequence header and a frame', [0x12, 0, 0x0a, 1, 0, 0x32, 2, 0x10, 7]],
    ['av1', false, 'a frame', [0x12, 0, 0x32, 2, 0x30, 7]],
  ])('of %s (key: %s) may be %s', (codec, key, _name, data) => {
    expect(formFault({ codec }, { data: Uint8Array.from(data), key }, size)).toBeUndefined();
    expect(formFault({ codec }, { data: new Uint8Array(0), key }, size)).toBeDefined();
    expect(formFault({ codec }, { data: new Uint8Array(500), key }, size)).toBeDefined();
  });

  it.each<[VideoFormat['codec'], boolean, string, number[]]>([
    ['h264', true, 'a slice', annexB(slice)],
    ['h264', true, 'without a parameter set', annexB(sps, idr)],
    ['h264', true, 'with a forbidden bit', annexB(sps, pps, idr, [0x81])],
    ['h264', false, 'a key picture', annexB(sps, pps, idr)],
    ['h264', false, 'nothing but a delimiter', annexB([0x09, 0x30])],
    ['h264', false, 'no start code', [0x41, 1, 2, 3]],
    ['h265', true, 'a slice', annexB(trail)],
    ['h265', true, 'without a parameter set', annexB(vps, hevcSps, cra)],
    ['h265', false, 'a key picture', annexB(cra)],
    ['vp8', true, 'another frame', [0x11, 2, 0, 4, 5]],
    ['vp8', true, 'of another size', vp8Key.with(6, 0x44)],
    ['vp8', false, 'a key frame', vp8Key],
    ['vp9', true, 'another frame', [0x86, 0x49, 0x83, 0x42]],
    ['vp9', false, 'without its marker', [0x06, 0, 1]],
    ['av1', true, 'without a sequence header', [0x12, 0, 0x32, 2, 0x10, 7]],
    ['av1', false, 'a delimiter alone', [0x12, 0]],
  ])('of %s (key: %s) is not %s', (codec, key, _name, data) => {
    expect(formFault({ codec }, { data: Uint8Array.from(data), key }, size)).toBeDefined();
  });

  it('is not larger than the picture', () => {
    const data = new Uint8Array(100_000);
    data.set(annexB(slice));
    expect(formFault({ codec: 'h264' }, { data, key: false }, size)).toMatch(/larger/);
  });
});
