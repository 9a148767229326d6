import { describe, expect, it } from 'vitest';
import type { VideoTrackInfo } from '../../../../schemas/media.ts';
import { chooseQuality, chosenValue, codecLabel, qualityOptions, wantedParameters } from './quality.ts';
import type { Quality, QualityOptions } from './quality.ts';

const track: VideoTrackInfo = {
  type: 'video',
  status: 'active',
  format: { codec: 'vp8' },
  parameters: { resolution: { width: 640, height: 480 }, framerate: 24, keyFrameInterval: 100 },
  optional: {
    format: [{ codec: 'h264', profile: 'CB' }, { codec: 'h264', profile: 'B' }, { codec: 'vp9' }],
    parameters: {
      resolution: [
        { width: 320, height: 240 },
        { width: 480, height: 360 },
      ],
      framerate: [6, 12, 15],
      bitrate: ['x0.8', 'x0.4'],
      keyFrameInterval: [100, 30],
    },
  },
};
const all = () => true;
const labels = (options: QualityOptions, part: keyof QualityOptions) =>
  options[part].map(({ label }) => label).join(', ');

describe('qualityOptions', () => {
  it.each([
    ['resolution', '640 × 480, 480 × 360, 320 × 240'],
    ['framerate', '24 a second, 15 a second, 12 a second, 6 a second'],
    ['bitrate', 'Full, 80 %, 40 %'],
    ['codec', 'VP8, VP9, H.264'],
  ] as const)('lists every %s from its own downwards', (part, expected) => {
    expect(labels(qualityOptions(track, all), part)).toBe(expected);
  });

  it('leaves out codecs that this browser cannot receive', () => {
    expect(
      labels(
        qualityOptions(track, (codec) => codec !== 'h264'),
        'codec',
      ),
    ).toBe('VP8, VP9');
  });

  it('has only the view’s own where nothing is optional', () => {
    const bare = qualityOptions({ ...track, optional: {} }, all);
    expect(Object.values(bare).map((options: readonly unknown[]) => options.length)).toEqual([1, 1, 1, 1]);
  });
});

describe('chooseQuality', () => {
  it.each([
    ['resolution', '480x360', { resolution: { width: 480, height: 360 } }],
    ['framerate', '12', { framerate: 12 }],
    ['bitrate', 'x0.4', { bitrate: 'x0.4' }],
    ['codec', 'h264', { codec: 'h264' }],
  ] as const)('takes %s %s, and goes back to the view’s own', (part, value, expected) => {
    const chosen = chooseQuality({}, part, value);
    expect(chosen).toEqual(expected);
    expect(chosenValue(chosen, part)).toBe(value);
    expect(chooseQuality(chosen, part, '')).toEqual({});
    expect(chosenValue({}, part)).toBe('');
  });

  it('keeps what was chosen besides', () => {
    const before: Quality = { framerate: 12, codec: 'vp9' };
    expect(chooseQuality(before, 'bitrate', 'x0.8')).toEqual({
      framerate: 12,
      codec: 'vp9',
      bitrate: 'x0.8',
    });
  });
});

it('asks for everything but the codec as parameters', () => {
  const quality: Quality = { resolution: { width: 320, height: 240 }, framerate: 12, codec: 'h264' };
  expect(wantedParameters(quality)).toEqual({ resolution: { width: 320, height: 240 }, framerate: 12 });
});

it('names a codec it does not know as it comes', () => {
  expect(codecLabel('theora')).toBe('theora');
  expect(codecLabel('VP8')).toBe('VP8');
});
