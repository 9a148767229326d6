// Owns the tests of the default bitrate.
import { describe, expect, it } from 'vitest';
import { baseBitrate, defaultBitrate } from './bitrate.ts';

describe('bitrate', () => {
  it.each([
    ['qcif', 176, 144, 132],
    ['sif', 320, 240, 400],
    ['cif', 352, 288, 442],
    ['hvga', 480, 320, 533],
    ['vga', 640, 480, 800],
    ['svga', 800, 600, 1137],
    ['xga', 1024, 768, 1736],
    ['hd720p', 1280, 720, 2000],
    ['hd1080p', 1920, 1080, 4000],
    ['uhd_4k', 3840, 2160, 16000],
  ])('room-model#10 base of %s at 30 frames/s', (_name, width, height, kbps) => {
    expect(Math.floor(baseBitrate({ width, height }, 30))).toBe(kbps);
  });

  it.each([
    { size: { width: 0, height: 0 }, framerate: 30 },
    { size: { width: 7680, height: 4322 }, framerate: 30 },
    { size: { width: 640, height: 480 }, framerate: 0 },
  ])('room-model#10 $size at $framerate is outside the table: 64000', ({ size, framerate }) => {
    expect(baseBitrate(size, framerate)).toBe(64_000);
  });

  it.each([
    { codec: 'vp8', size: { width: 640, height: 480 }, framerate: 24, motion: 0.8, kbps: 665.6 },
    { codec: 'vp9', size: { width: 1280, height: 720 }, framerate: 30, motion: 0.8, kbps: 1280 },
    { codec: 'h265', size: { width: 1280, height: 720 }, framerate: 30, motion: 1, kbps: 1800 },
    { codec: 'h264_cb', size: { width: 1280, height: 720 }, framerate: 30, motion: 1, kbps: 2000 },
  ])('room-model#10 $codec $size at $framerate × $motion', ({ codec, size, framerate, motion, kbps }) => {
    expect(defaultBitrate(codec, size, framerate, motion)).toBeCloseTo(kbps, 6);
  });
});
