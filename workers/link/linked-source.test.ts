import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { linkedSourceSchema } from '../../schemas/link.ts';
import type { Payload } from '../routing/payload.ts';
import { Source } from '../routing/source.ts';
import { describeSource, isSameSource, payloadOf } from './linked-source.ts';

const h264: Payload = {
  type: 102,
  name: 'h264',
  clockRate: 90_000,
  channels: undefined,
  map: 'H264/90000',
  fmtp: 'packetization-mode=1;profile-level-id=42e01f',
  parameters: new Map([
    ['packetization-mode', '1'],
    ['profile-level-id', '42e01f'],
  ]),
  feedback: ['nack', 'nack pli'],
};

const source = (payload: Payload, redType?: number): Source =>
  new Source({
    track: 't-0:h',
    kind: 'video',
    rid: 'h',
    payload,
    redType,
    feedback: { nack: () => undefined, pli: () => undefined },
    resized: () => undefined,
  });

describe('the description of a source', () => {
  it('says all that a sink asks of its payload, but for feedback, which is the link’s own', () => {
    const described = describeSource(source(h264), 1, 2);
    if (!described) throw new Error('not described');
    expect(v.is(linkedSourceSchema, JSON.parse(JSON.stringify(described)))).toBe(true);
    expect(described).toMatchObject({ track: 't-0:h', rid: 'h', ssrc: 1, rtxSsrc: 2, audioLevel: false });
    expect(payloadOf(described)).toEqual({ ...h264, feedback: [] });
  });

  it('is not made of what is longer than any SDP would make it', () => {
    expect(describeSource(source({ ...h264, fmtp: 'x'.repeat(5000) }), 1, 2)).toBeUndefined();
  });

  it('is that of the same source under another SSRC, not in another format', () => {
    const one = describeSource(source(h264), 1, 2);
    const other = describeSource(source(h264), 3, 4);
    const changed = describeSource(source({ ...h264, fmtp: 'profile-level-id=640028' }), 1, 2);
    const red = describeSource(source(h264, 63), 1, 2);
    if (!one || !other || !changed || !red) throw new Error('not described');
    expect(isSameSource(one, other)).toBe(true);
    expect(isSameSource(one, changed)).toBe(false);
    expect(isSameSource(one, red)).toBe(false);
  });
});
