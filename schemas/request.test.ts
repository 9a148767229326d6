// Owns the tests of the bounds on what clients ask: what is within them is looked up in the room, what is not never gets
// there.
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { sourceIdSchema, streamControlSchema, subscribeSchema } from './request.ts';

const size = (width: number, height: number) => ({ resolution: { width, height } });
const asks = (more: object) =>
  v.is(subscribeSchema, { media: { tracks: [{ type: 'video', mid: '1', from: 'room-common', ...more }] } });

describe('a subscription', () => {
  it.each([
    {},
    size(1, 1),
    size(16_384, 16_384),
    { framerate: 0.5 },
    { bitrate: 500 },
    { bitrate: 'x0.8' },
    { bitrate: 'x1' },
    { keyFrameInterval: 100 },
  ])('may ask for %j', (parameters) => {
    expect(asks({ parameters })).toBe(true);
  });

  it.each([
    size(0, 240),
    size(320, -1),
    size(320.5, 240),
    size(16_385, 240),
    size(Infinity, 240),
    size(Number.NaN, 240),
    { framerate: 0 },
    { framerate: -1 },
    { framerate: Infinity },
    { framerate: 1e300 },
    { bitrate: 0 },
    { bitrate: Infinity },
    { bitrate: 'fast' },
    { bitrate: '0.8' },
    { bitrate: `x0.${'8'.repeat(20)}` },
    { keyFrameInterval: 0 },
    { keyFrameInterval: 1e300 },
    { quality: 'best' },
  ])('may not ask for %j', (parameters) => {
    expect(asks({ parameters })).toBe(false);
  });

  it('may name a codec that nobody has heard of, but no endless one', () => {
    expect(asks({ format: { codec: 'theora' } })).toBe(true);
    expect(asks({ format: { codec: 'x'.repeat(33) } })).toBe(false);
    expect(asks({ format: { codec: 'h264', profile: 'x'.repeat(33) } })).toBe(false);
    expect(asks({ format: { codec: 'opus', sampleRate: 1e300 } })).toBe(false);
    expect(asks({ format: { codec: 'opus', channelNum: 0 } })).toBe(false);
  });
});

describe('a stream control', () => {
  const control = (operation: string, data: unknown) =>
    v.is(streamControlSchema, { id: 's1', operation, data });
  const [long, tooLong] = ['x'.repeat(128), 'x'.repeat(129)];

  it.each(['mix', 'unmix', 'get-region'])('to %s takes a name of bounded length', (operation) => {
    expect(control(operation, 'common')).toBe(true);
    expect(control(operation, long)).toBe(true);
    expect(control(operation, tooLong)).toBe(false);
    expect(control(operation, { view: 'common' })).toBe(false);
    expect(control(operation, undefined)).toBe(false);
  });

  it('to set a region takes two such names', () => {
    expect(control('set-region', { view: 'common', region: long })).toBe(true);
    expect(control('set-region', { view: tooLong, region: '1' })).toBe(false);
    expect(control('set-region', { view: 'common', region: tooLong })).toBe(false);
    expect(control('set-region', { view: 'common' })).toBe(false);
  });
});

describe('the id of a source', () => {
  const room = '65f0c0ffee00000000000001';
  it.each(['5c1d-1', '5c1d-1:q', `${room}-common`, `${room}-Main_view-2`, 'active-audio-0'])(
    'may be %s',
    (id) => {
      expect(v.is(sourceIdSchema, id)).toBe(true);
    },
  );

  it.each(['', ' ', 'a b', 'a/b', 'ä', `${room}-a\n`, 'x'.repeat(257)])('may not be %j', (id) => {
    expect(v.is(sourceIdSchema, id)).toBe(false);
  });
});
