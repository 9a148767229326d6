import { describe, expect, it } from 'vitest';
import type { TrackInfo } from '../../schemas/media.ts';
import { formatIn, hasCodec, onlyCodec, preferCodec } from './codec-preference.ts';

const codecs = ['video/VP8', 'video/rtx', 'video/H264', 'video/VP9', 'video/H264', 'video/ulpfec'].map(
  (mimeType, index) => ({ mimeType, sdpFmtpLine: String(index) }),
);
const names = (list: readonly { sdpFmtpLine?: string }[]) =>
  list.map(({ sdpFmtpLine }) => sdpFmtpLine).join('');

describe('codec preference', () => {
  it('puts every variant of the wanted codec first and keeps the order of the rest', () => {
    expect(names(preferCodec(codecs, 'h264'))).toBe('240135');
  });

  it('changes nothing for a codec the browser lacks', () => {
    expect(names(preferCodec(codecs, 'av1'))).toBe('012345');
  });

  it('receives only what a stream has, with retransmission and redundancy', () => {
    expect(names(onlyCodec(codecs, { codec: 'vp8' }))).toBe('015');
  });

  it('offers everything when the stream has a codec the browser lacks', () => {
    expect(names(onlyCodec(codecs, { codec: 'av1' }))).toBe('012345');
  });

  const mixed: TrackInfo = {
    type: 'video',
    status: 'active',
    format: { codec: 'vp8' },
    optional: {
      format: [{ codec: 'h264', profile: 'CB' }, { codec: 'h264', profile: 'B' }, { codec: 'vp9' }],
    },
  };
  it.each([
    ['its own', 'vp8', { codec: 'vp8' }],
    ['the first it can be turned into', 'h264', { codec: 'h264', profile: 'CB' }],
    ['one it cannot be had in', 'av1', { codec: 'av1' }],
  ] as const)('asks a track in a codec for %s', (_, codec, format) => {
    expect(formatIn(mixed, codec)).toEqual(format);
  });

  it('asks a track without options for the codec alone', () => {
    const bare: TrackInfo = { type: 'audio', status: 'active', format: { codec: 'opus' }, optional: {} };
    expect([formatIn(bare, 'opus'), formatIn(bare, 'pcmu')]).toEqual([{ codec: 'opus' }, { codec: 'pcmu' }]);
  });

  it('does not take retransmission for a codec', () => {
    expect(hasCodec(codecs, 'vp9')).toBe(true);
    expect(hasCodec(codecs, 'rtx')).toBe(false);
  });
});
