// Owns the tests of format comparison and of what attributes may hold.
import { describe, expect, it } from 'vitest';
import { storableAttributes } from './attributes.ts';
import { acceptsAudio, acceptsVideo, compatibleVideo, sameAudioFormat } from './formats.ts';

describe('formats', () => {
  it('audio is the same only with the same rate and channels', () => {
    const opus = { codec: 'opus', sampleRate: 48000, channelNum: 2 } as const;
    expect(sameAudioFormat(opus, { ...opus })).toBe(true);
    expect(sameAudioFormat(opus, { codec: 'opus' })).toBe(false);
    expect(acceptsAudio([{ codec: 'pcmu' }, opus], opus)).toBe(true);
    expect(acceptsAudio([{ codec: 'opus' }], opus)).toBe(false);
    expect(acceptsAudio([], opus)).toBe(false);
  });

  it.each([
    { current: 'CB', requested: 'H', compatible: true },
    { current: 'H', requested: 'CB', compatible: false },
    { current: 'M', requested: 'M', compatible: true },
    { current: 'E', requested: 'CB', compatible: true },
    { current: 'H', requested: 'E', compatible: true },
    { current: undefined, requested: 'CB', compatible: true },
    { current: 'H', requested: undefined, compatible: true },
  ])('h264 $current for $requested: $compatible', ({ current, requested, compatible }) => {
    const h264 = (profile: string | undefined) => ({ codec: 'h264', profile });
    expect(compatibleVideo(h264(current), h264(requested))).toBe(compatible);
  });

  it('video of another codec is never compatible', () => {
    expect(compatibleVideo({ codec: 'vp8' }, { codec: 'vp9' })).toBe(false);
    expect(acceptsVideo([{ codec: 'vp8' }], { codec: 'h264' })).toBe(false);
  });
});

describe('attributes', () => {
  const fromJson = (text: string) => ({ value: JSON.parse(text) as unknown });
  it.each<{ name: string; attributes: Record<string, unknown>; storable: boolean }>([
    { name: 'plain data', attributes: { a: [1, 'x', null, { b: true }] }, storable: true },
    { name: 'a key __proto__ inside', attributes: fromJson('{"__proto__":{"x":1}}'), storable: false },
    {
      name: 'a deep nesting',
      attributes: fromJson('['.repeat(50_000) + ']'.repeat(50_000)),
      storable: false,
    },
    { name: 'a long text', attributes: { a: 'x'.repeat(20_000) }, storable: false },
    { name: 'bytes', attributes: { a: new Uint8Array(4) }, storable: false },
    { name: 'a date', attributes: { a: new Date(0) }, storable: false },
    { name: 'a big integer', attributes: { a: 1n }, storable: false },
    { name: 'not a number', attributes: { a: Number.NaN }, storable: false },
    { name: 'undefined', attributes: { a: undefined }, storable: false },
  ])('$name: $storable', ({ attributes, storable }) => {
    expect(storableAttributes(attributes)).toBe(storable);
  });
});
