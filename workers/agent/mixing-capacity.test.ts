// Owns the proof of what workers tell of their engines.
import { expect, it } from 'vitest';
import type { VideoFormat } from '../../schemas/media.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { mixingCapacity } from './mixing-capacity.ts';

const basic: readonly VideoFormat['codec'][] = ['h264', 'vp8', 'vp9'];
const gpu = (decode: readonly VideoFormat['codec'][], encode: typeof decode): EngineChoice => ({
  id: 'vaapi',
  device: '/dev/dri/renderD128',
  capabilities: {
    decode: decode.map((codec) => ({ codec })),
    encode: encode.map((codec) => ({ codec })),
    maxSize: 4096,
  },
});

it('one that was told of no engine has the one that runs everywhere', () => {
  expect(mixingCapacity([])).toEqual({
    video: { decode: ['h264', 'vp8', 'vp9'], encode: ['h264', 'vp8', 'vp9'] },
    engines: ['wasm'],
    byEngine: [{ engine: 'wasm', decode: ['h264', 'vp8', 'vp9'], encode: ['h264', 'vp8', 'vp9'] }],
  });
});

it('with a GPU it can do what that can besides', () => {
  expect(mixingCapacity([gpu([...basic, 'h265', 'av1'], [...basic, 'h265'])])).toEqual({
    video: { decode: [...basic, 'h265', 'av1'], encode: [...basic, 'h265'] },
    engines: ['vaapi', 'wasm'],
    byEngine: [
      { engine: 'vaapi', decode: [...basic, 'h265', 'av1'], encode: [...basic, 'h265'] },
      { engine: 'wasm', decode: basic, encode: basic },
    ],
  });
});

it.each([
  [basic, ['h264', 'h265']],
  [
    ['h264', 'h265'],
    [...basic, 'h265'],
  ],
] as const)('one that decodes %j and encodes %j would cost a mixer other formats', (decode, encode) => {
  expect(mixingCapacity([gpu(decode, encode)])).toEqual({
    video: { decode: basic, encode: basic },
    engines: ['vaapi', 'wasm'],
    byEngine: [
      { engine: 'vaapi', decode, encode },
      { engine: 'wasm', decode: basic, encode: basic },
    ],
  });
});
