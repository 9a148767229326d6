// Owns the tests of how the fault of a body is told.
import { describe, expect, it } from 'vitest';
import { recordingSchema, sipCallSchema, streamingOutSchema } from '../../schemas/server-session.ts';
import { validBody } from './valid-body.ts';

const out = { url: 'http://h/x.m3u8', media: { audio: false, video: { from: 'x' } } };

describe('a body that does not fit', () => {
  it.each([
    [
      'is told the place',
      sipCallSchema,
      { peerURI: 7 },
      'peerURI: Invalid type: Expected string but received 7',
    ],
    [
      'and what is missing, in whichever of several forms it came nearest to',
      recordingSchema,
      { media: { audio: false, video: { from: 'x', parameters: { resolution: { width: 1 } } } } },
      'media.video.parameters.resolution.height: Invalid key: Expected "height" but received undefined',
    ],
    [
      'and the form by its name',
      streamingOutSchema,
      { ...out, parameters: { method: 'PUT' } },
      'parameters.hlsTime: Invalid key: Expected "hlsTime" but received undefined',
    ],
    [
      'and what may be there, where it is none of the forms',
      recordingSchema,
      { media: { audio: true, video: false } },
      'media.audio: Invalid type: Expected (false | Object) but received true',
    ],
    ['and no place where there is none', recordingSchema, 7, 'Invalid type: Expected Object but received 7'],
  ] as const)('%s', (_case, schema, body, message) => {
    const refusal = { code: 'bad-request', message: `Bad request: ${message}` };
    expect(() => validBody(schema, body, 'Bad request')).toThrow(expect.objectContaining(refusal));
  });

  it('is not told at any length, nor with a password', () => {
    const long = { ...out, protocol: 'x'.repeat(9999), url: 'rtmp://u:secret@h' };
    try {
      validBody(streamingOutSchema, long, 'Bad request', 'operation-failed');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'operation-failed' });
      expect(String(error).length).toBeLessThan(400);
      expect(String(error)).not.toContain('secret');
    }
  });
});
