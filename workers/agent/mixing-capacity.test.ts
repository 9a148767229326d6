// Owns the proof of what workers tell of their engines.
import { expect, it } from 'vitest';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { mixingCapacity } from './mixing-capacity.ts';

const gpu: EngineChoice = {
  id: 'vaapi',
  device: '/dev/dri/renderD128',
  capabilities: {
    decode: [{ codec: 'h264' }, { codec: 'h265' }],
    encode: [{ codec: 'h265' }],
    maxSize: 4096,
  },
};

it('one that was told of no engine has the one that runs everywhere', () => {
  expect(mixingCapacity([])).toEqual({
    video: { decode: ['h264', 'vp8', 'vp9'], encode: ['h264', 'vp8', 'vp9'] },
    engines: ['wasm'],
  });
});

it('with a GPU it can do what that can, and the rest without', () => {
  expect(mixingCapacity([gpu])).toEqual({
    video: { decode: ['h264', 'h265', 'vp8', 'vp9'], encode: ['h265', 'h264', 'vp8', 'vp9'] },
    engines: ['vaapi', 'wasm'],
  });
});
