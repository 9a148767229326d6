// Owns the tests of which bodies about what the server itself does are well-formed.
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  guessedProtocol,
  recordingSchema,
  serverSubscriptionPatchSchema,
  sipCallPatchSchema,
  streamingInSchema,
  streamingOutSchema,
} from './server-session.ts';

const media = { audio: false, video: { from: 'x' } };

describe('a URL to take in from', () => {
  const read = (url: unknown) =>
    v.is(streamingInSchema, { connection: { url }, media: { audio: true, video: 'auto' } });

  it.each([
    'rtsp://h/1',
    'RTSP://H/1',
    'rtsps://h',
    'rtmp://u:p@h:1935/app/key?x=y',
    'rtmps://h/a',
    'http://[::1]:8080/x.m3u8',
    'https://h/x.mpd',
    `rtsp://h/${'x'.repeat(2039)}`,
  ])('may be %s', (url) => {
    expect(read(url)).toBe(true);
  });

  it.each([
    undefined,
    1,
    '',
    'h',
    'file:///etc/passwd',
    'ftp://h/x',
    'gopher://h',
    'concat:rtsp://h',
    'http:h',
    'http:u:p@h',
    'http:/h',
    'http:\\\\h',
    'http://\\h',
    'http://h/\\x',
    'rtsp://',
    'rtsp:///x',
    'rtsp://h/a b',
    'rtsp://h/\r\nX',
    ' rtsp://h',
    'rtsp://h\0',
    `rtsp://h/${'x'.repeat(2040)}`,
  ])('may not be %j', (url) => {
    expect(read(url)).toBe(false);
  });

  it('is all that must be said of the connection', () => {
    const body = { connection: { url: 'rtsp://h' }, media: { audio: true, video: false } };
    expect(v.parse(streamingInSchema, body).connection).toEqual({
      url: 'rtsp://h',
      transportProtocol: 'tcp',
      bufferSize: 8192,
      origin: { isp: 'isp', region: 'region' },
    });
  });

  it.each([0, -1, 1.5, '8192', 1e9, Number.NaN])('has no buffer of %j bytes', (bufferSize) => {
    const body = { connection: { url: 'rtsp://h', bufferSize }, media: { audio: true, video: false } };
    expect(v.is(streamingInSchema, body)).toBe(false);
  });
});

describe('where a stream is pushed to', () => {
  it.each([
    ['rtmp://h/x.m3u8', 'rtmp'],
    ['RTMPS://h', 'rtmp'],
    ['rtsp://h/x.mpd', 'rtsp'],
    ['http://h/x.m3u8', 'hls'],
    ['http://h/x.mpd', 'dash'],
    ['http://h/x', undefined],
    ['ftp://x', undefined],
  ])('%s is taken for %s', (url, protocol) => {
    expect(guessedProtocol(url)).toBe(protocol);
    expect(v.safeParse(streamingOutSchema, { url, media }).success).toBe(protocol !== undefined);
  });

  it.each([null, 1, 'x', [], {}, { url: 1 }, { url: {} }, { protocol: null, url: 'rtmp://h' }])(
    'is not in %j',
    (body) => {
      expect(v.is(streamingOutSchema, body)).toBe(false);
    },
  );
});

describe('a recording', () => {
  it.each([
    [{ container: 'avi', media }, false],
    [{ container: 'ts', media }, true],
    [{ media: { audio: false, video: false } }, false],
    [{ media: { audio: true, video: { from: 'x' } } }, false],
    [{ media: { audio: false, video: { from: 'a b' } } }, false],
    [{ media: { audio: { from: 'x', format: { codec: 'opus', more: 1 } }, video: false } }, true],
    [{ media: { audio: false, video: { from: 'x', parameters: { bitrate: 'x0.8' } } } }, true],
    [{ media: { audio: false, video: { from: 'x', parameters: { bitrate: 'fast' } } } }, false],
    [{ media: { audio: false, video: { from: 'x', parameters: { resolution: { width: 1 } } } } }, false],
    [{ media, more: 1 }, false],
  ])('%j is well-formed: %s', (body, good) => {
    expect(v.is(recordingSchema, body)).toBe(good);
  });
});

describe('the operations of a PATCH', () => {
  const values: readonly (readonly [string, unknown])[] = [
    ['/media/audio/status', 'inactive'],
    ['/media/video/status', 'active'],
    ['/media/audio/from', 'x'],
    ['/media/video/from', 'x'],
    ['/media/video/parameters/resolution', { width: 320, height: 240 }],
    ['/media/video/parameters/framerate', 48],
    ['/media/video/parameters/bitrate', 'x0.2'],
    ['/media/video/parameters/keyFrameInterval', 100],
  ];

  it.each(values)('replace %s, of calls below /output', (path, value) => {
    const [op, output] = ['replace', `/output${path}`];
    expect(v.is(serverSubscriptionPatchSchema, [{ op, path, value }])).toBe(true);
    expect(v.is(sipCallPatchSchema, [{ op, path: output, value }])).toBe(true);
    expect(v.is(serverSubscriptionPatchSchema, [{ op, path: output, value }])).toBe(false);
    expect(v.is(sipCallPatchSchema, [{ op, path, value }])).toBe(false);
    expect(v.is(serverSubscriptionPatchSchema, [{ op: 'add', path, value }])).toBe(false);
    expect(v.is(serverSubscriptionPatchSchema, [{ op, path, value: { no: 1 } }])).toBe(false);
    expect(v.is(serverSubscriptionPatchSchema, [{ op, path }])).toBe(false);
  });

  it('are a list, and not without end', () => {
    const each = { op: 'replace', path: '/media/audio/status', value: 'active' };
    expect(v.is(serverSubscriptionPatchSchema, each)).toBe(false);
    expect(v.is(serverSubscriptionPatchSchema, [])).toBe(true);
    expect(
      v.is(
        serverSubscriptionPatchSchema,
        Array.from({ length: 101 }, () => each),
      ),
    ).toBe(false);
  });
});
