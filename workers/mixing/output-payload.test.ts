// Owns the tests of the payloads in which mixers' outputs stand in a room.
import { expect, it } from 'vitest';
import { videoCodecs } from '../../schemas/media.ts';
import type { Payload } from '../routing/payload.ts';
import { forwardable, formatOf } from '../webrtc/codecs.ts';
import { outputPayload } from './output-payload.ts';

/** As Chromium offers them. */
const offered: Readonly<Record<(typeof videoCodecs)[number], string>> = {
  vp8: '',
  vp9: 'profile-id=0',
  h264: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  h265: 'level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST',
  av1: 'level-idx=5;profile=0;tier=0',
};

it.each(videoCodecs)('of %s go out under what a browser offers, each under a number of its own', (codec) => {
  const made = outputPayload({ codec });
  if (made === undefined) throw new Error('no payload');
  const fmtp = offered[codec];
  const pairs = fmtp.split(';').map((part): [string, string] => {
    const [name = '', value = ''] = part.split('=');
    return [name, value];
  });
  const target: Payload = { ...made, type: 45, fmtp, parameters: new Map(pairs) };
  expect(formatOf(made)?.codec).toBe(codec);
  expect(forwardable(made, target)).toBe(true);
  const others = videoCodecs.filter((other) => outputPayload({ codec: other })?.type === made.type);
  expect(others).toEqual([codec]);
});

it('of a format that no mixer makes do not exist', () => {
  expect(outputPayload({ codec: 'ilbc' })).toBeUndefined();
});
