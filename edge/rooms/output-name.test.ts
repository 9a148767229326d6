// Owns the tests of the names of what mixers make.
import { describe, expect, it } from 'vitest';
import { limits } from '../../schemas/request.ts';
import { audioOutputName, formatText, mixerId, videoOutputName, type VideoWish } from './output-name.ts';

describe('the name of an output', () => {
  it.each<[VideoWish, string]>([
    [{ format: { codec: 'vp8' } }, 'm/vp8'],
    [{ format: { codec: 'h264', profile: 'CB' }, bitrate: 'x0.8' }, 'm/h264_CB_x0.8'],
    [{ format: { codec: 'vp9' }, bitrate: 700, framerate: 15 }, 'm/vp9_15fps_700kbps'],
    [
      { format: { codec: 'vp8' }, resolution: { width: 320, height: 240 }, keyFrameInterval: 2 },
      'm/vp8_320x240_2s',
    ],
  ])('of %j', (wish, expected) => {
    expect(videoOutputName('m', wish)).toBe(expected);
  });

  it('says who is left out of a sound', () => {
    const opus = { codec: 'opus', sampleRate: 48000, channelNum: 2 } as const;
    expect(audioOutputName('m', opus)).toBe('m/opus_48000_2');
    expect(audioOutputName('m', opus, 'a')).toBe('m/opus_48000_2/without/a');
    expect(formatText({ codec: 'isac', sampleRate: 16000 })).toBe('isac_16000');
  });

  it('stays within what a worker takes, for the longest ids there are', () => {
    const source = 'x'.repeat(limits.idChars * 2);
    const participant = 'p'.repeat(limits.idChars);
    const wish = {
      format: { codec: 'h264', profile: 'CB' },
      resolution: { width: limits.sidePixels, height: limits.sidePixels },
      framerate: 1e6 / 3,
      bitrate: 1e6 / 3,
      keyFrameInterval: 1e6 / 3,
    } as const;
    expect(videoOutputName(source, wish).length).toBeLessThanOrEqual(640);
    const g722 = { codec: 'g722', sampleRate: 16000, channelNum: 1 } as const;
    expect(audioOutputName(source, g722, participant).length).toBeLessThanOrEqual(640);
    expect(mixerId(source, 'video').length).toBeLessThanOrEqual(512);
  });
});
