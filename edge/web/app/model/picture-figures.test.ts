import { describe, expect, it } from 'vitest';
import { pictureFigures, skewMs } from './picture-figures.ts';
import type { PictureReading } from './picture-figures.ts';

const video: PictureReading = {
  kind: 'video',
  codec: 'H264',
  bitrateBps: 600_400,
  framesPerSecond: 23.9,
  width: 640,
  height: 480,
  freezes: 2,
  bufferMs: 41.6,
  playoutMs: 5_000_020,
};
const audio: PictureReading = {
  kind: 'audio',
  codec: 'opus',
  bitrateBps: 32_000,
  bufferMs: 60,
  playoutMs: 5_000_000,
};
const figures = (...readings: readonly PictureReading[]) =>
  Object.fromEntries(pictureFigures(readings).map(({ name, value }) => [name, value]));

describe('pictureFigures', () => {
  it('says in words what was read', () => {
    expect(figures(audio, video)).toEqual({
      'Frame rate': '24 a second',
      Size: '640 × 480',
      Codec: 'H.264, opus',
      Bitrate: '632 kbit/s',
      Freezes: '2',
      'Picture waits': '42 ms',
      'Sound waits': '60 ms',
      'Sound to picture': '+20 ms',
    });
  });

  it('leaves out what is not known', () => {
    expect(new Set(Object.values(figures()))).toEqual(new Set(['–']));
    expect(figures(audio)).toMatchObject({ Size: '–', Bitrate: '32 kbit/s', 'Sound to picture': '–' });
  });
});

describe('skewMs', () => {
  it.each([
    ['sound late', 5_000_000, 5_000_030, 30],
    ['sound early', 5_000_030, 5_000_000, -30],
    ['clocks of different senders', 0, 5_000_000, undefined],
  ])('%s', (_case, heard, seen, expected) => {
    expect(skewMs({ ...audio, playoutMs: heard }, { ...video, playoutMs: seen })).toBe(expected);
  });
});
