import { expect, it } from 'vitest';
import { codecOf, formatText } from './format-text.ts';
import type { VideoFormat } from './media.ts';

it.each<[VideoFormat, string]>([
  [{ codec: 'vp8' }, 'vp8'],
  [{ codec: 'h264', profile: 'CB' }, 'h264_CB'],
])('%j is said as %s, which names its codec', (format, text) => {
  expect(formatText(format)).toBe(text);
  expect(codecOf(text)).toBe(format.codec);
});

it.each([
  ['', ''],
  ['_', ''],
  ['h266_a_b', 'h266'],
])('what nobody knows, %j, has the codec %j', (text, codec) => {
  expect(codecOf(text)).toBe(codec);
});
