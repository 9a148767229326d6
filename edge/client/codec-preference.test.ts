import { describe, expect, it } from 'vitest';
import { hasCodec, onlyCodec, preferCodec } from './codec-preference.ts';

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

  it('does not take retransmission for a codec', () => {
    expect(hasCodec(codecs, 'vp9')).toBe(true);
    expect(hasCodec(codecs, 'rtx')).toBe(false);
  });
});
