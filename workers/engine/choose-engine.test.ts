import { describe, expect, it } from 'vitest';
import type { VideoFormat } from '../../schemas/media.ts';
import { canDo, chooseEngine, type WantedEngine } from './choose-engine.ts';
import type { EngineId, MediaEngine } from './engine.ts';

const h264: VideoFormat = { codec: 'h264' };
const vp8: VideoFormat = { codec: 'vp8' };
const vp9: VideoFormat = { codec: 'vp9' };

function engine(id: EngineId, decode: readonly VideoFormat[], encode = decode, maxSize = 4096): MediaEngine {
  return {
    id,
    capabilities: { decode, encode, maxSize },
    worksApart: false,
    open: () => Promise.reject(new Error('never opened')),
  };
}

const engines = [
  engine('wasm', [h264, vp8, vp9]),
  engine('vaapi', [h264, vp9], [h264], 8192),
  engine('cpu', [h264, vp8], [h264, vp8], 1920),
];

describe('chooseEngine', () => {
  const all: readonly EngineId[] = ['qsv', 'vaapi', 'cpu', 'wasm'];
  it.each<[string, Partial<WantedEngine>, EngineId | undefined]>([
    ['the first that is there', {}, 'vaapi'],
    ['the configured order, not that of the list', { order: ['cpu', 'vaapi'] }, 'cpu'],
    ['the next one when a decoder is missing', { decode: [h264, vp8] }, 'cpu'],
    ['the next one when an encoder is missing', { encode: [vp9] }, 'wasm'],
    ['the next one when pictures are too large', { order: ['cpu', 'wasm'], side: 2048 }, 'wasm'],
    ['a size that is just possible', { order: ['cpu', 'wasm'], side: 1920 }, 'cpu'],
    ['none when none can do all', { order: ['vaapi', 'cpu'], decode: [vp8, vp9] }, undefined],
    ['none that is not configured', { order: ['qsv'] }, undefined],
  ])('takes %s', (_name, wanted, id) => {
    const chosen = chooseEngine(engines, {
      order: all,
      decode: [h264],
      encode: [h264],
      side: 1280,
      ...wanted,
    });
    expect(chosen?.id).toBe(id);
  });

  it('takes a format without profile for all profiles, and one with a profile for that alone', () => {
    expect(canDo([h264], { codec: 'h264', profile: 'H' })).toBe(true);
    expect(canDo([{ codec: 'h264', profile: 'CB' }], { codec: 'h264', profile: 'CB' })).toBe(true);
    expect(canDo([{ codec: 'h264', profile: 'CB' }], { codec: 'h264', profile: 'H' })).toBe(false);
    expect(canDo([vp8], vp9)).toBe(false);
  });
});
