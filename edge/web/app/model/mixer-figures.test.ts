import { describe, expect, it } from 'vitest';
import type { VideoMixerStats } from '../../../../schemas/worker.ts';
import { mixerFigures, shortage } from './mixer-figures.ts';

const took = (p50: number) => ({ p50, p99: p50 * 3 });
const mixer = (id: string, limit: number, more: Partial<VideoMixerStats> = {}): VideoMixerStats => ({
  kind: 'video',
  id,
  engine: 'wasm',
  rebuilds: 0,
  fallbacks: 0,
  framerate: { wanted: 24, made: 23.6, limit },
  decodeMs: took(2),
  composeMs: took(1),
  encodeMs: took(4.26),
  addedMs: took(31),
  inputs: [],
  outputs: [],
  ...more,
});
const values = (stats: VideoMixerStats) =>
  Object.fromEntries(mixerFigures([stats], 'r-common').map(({ name, value }) => [name, value]));

describe('mixerFigures', () => {
  it('says what the view’s mixer does', () => {
    expect(values(mixer('r-common/video', 24, { skewMs: -12, rebuilds: 2 }))).toEqual({
      Made: '24 of 24',
      Work: '7.3 ms',
      'Mixing delay': '31 ms',
      Skew: '-12 ms',
      Engine: 'wasm, rebuilt 2×',
    });
  });

  it('says when the frame rate is held back', () => {
    expect(values(mixer('r-common/video', 12)).Made).toBe('24 of 24, held to 12');
  });

  it('tells nothing of another view, nor of a transcoder', () => {
    expect(mixerFigures([mixer('r-common2/video', 24), mixer('s1-0/video', 24)], 'r-common')).toEqual([]);
  });
});

describe('shortage', () => {
  it.each([
    [24, undefined],
    [12, 'The server is busy: 12 of 24 pictures a second.'],
  ])('at a limit of %i: %s', (limit, expected) => {
    expect(shortage([mixer('r-common/video', limit)], 'r-common')).toBe(expected);
  });
});
