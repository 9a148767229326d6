import { describe, expect, it } from 'vitest';
import { readRequest } from './owt-requests.ts';

const today = { version: '1.2', layerOf: () => undefined } as const;
const track = { type: 'audio', mid: '0', source: 'mic' };
const publish = { media: { tracks: [track] }, transport: { type: 'webrtc' } };

it.each<[string, unknown, object]>([
  ['publish', publish, { do: 'publish', request: publish }],
  [
    'publish',
    { ...publish, transport: { type: 'webrtc', id: null } },
    { do: 'publish', request: { ...publish, transport: { type: 'webrtc', id: null } } },
  ],
  ['unpublish', { id: 'a-1' }, { do: 'unpublish', request: { id: 'a-1' } }],
  ['unsubscribe', { id: 'b' }, { do: 'unsubscribe', request: { id: 'b' } }],
  ['text', { to: 'all', message: 'hi' }, { do: 'text', request: { to: 'all', message: 'hi' } }],
  [
    'soac',
    { id: 't', signaling: { type: 'answer', sdp: 'v=0' } },
    { do: 'signal', transport: 't', signaling: { type: 'answer', sdp: 'v=0' } },
  ],
  [
    'soac',
    { id: 't', signaling: { type: 'candidate', candidate: { candidate: 'a=candidate:1', sdpMid: '0' } } },
    {
      do: 'signal',
      transport: 't',
      signaling: { type: 'candidate', candidate: { candidate: 'a=candidate:1', sdpMid: '0' } },
    },
  ],
  [
    'stream-control',
    { id: 's', operation: 'pause', data: 'video' },
    { do: 'stream-control', request: { id: 's', operation: 'pause', data: 'video' } },
  ],
])('reads %s %j', (event, data, request) => {
  expect(readRequest(event, data, today)).toEqual(request);
});

it.each<[string, unknown, string]>([
  ['text', { to: '', message: 'x' }, 'Invalid receiver'],
  ['text', { to: 7, message: 'x' }, 'Invalid receiver'],
  ['text', undefined, 'Invalid receiver'],
  ['soac', { signaling: { type: 'offer', sdp: '' } }, 'Invalid soac id'],
  ['soac', undefined, 'Invalid soac id'],
  ['soac', { id: 't' }, 'Invalid signaling object'],
  ['soac', { id: 't', signaling: 'offer' }, 'Invalid signaling object'],
  ['soac', { id: 't', signaling: { type: 'bye' } }, 'Invalid signaling type'],
  ['soac', { id: 't', signaling: {} }, 'Invalid signaling type'],
  ['soac', { id: '../x', signaling: { type: 'offer', sdp: '' } }, 'Transport ../x does NOT exist'],
])('answers %s %j with the text of the protocol', (event, data, text) => {
  expect(readRequest(event, data, today)).toBe(text);
});

it.each<[string, unknown, RegExp]>([
  ['publish', { ...publish, extra: 1 }, /^request\.extra .+ \{"expected":"never".*\}$/],
  [
    'publish',
    { media: { tracks: [{ ...track, source: 'file' }] } },
    /^request\.media\.tracks\[0\]\.source .+ \{.+\}$/,
  ],
  ['publish', { ...publish, attributes: null }, /^request\.attributes /],
  ['publish', {}, /^request\.media /],
  ['subscribe', { media: { tracks: [{ type: 'audio', mid: '0' }] } }, /^request\.media\.tracks\[0\]\.from /],
  ['unpublish', { id: 'no spaces' }, /^request\.id /],
  ['subscription-control', { id: 'b', operation: 'querybwe' }, /^request\.operation /],
  ['stream-control', { id: 's', operation: 'pause', data: 'sound' }, /^request\.data /],
  ['text', { to: 'all', message: 'x'.repeat(2049) }, /^request\.message /],
])('says what is wrong with %s %j', (event, data, text) => {
  expect(readRequest(event, data, today)).toMatch(text);
});

it('joins several faults by commas and bounds the text', () => {
  const tracks = Array.from({ length: 30 }, () => ({ type: 'x'.repeat(1000), mid: '' }));
  const text = readRequest('publish', { media: { tracks } }, today);
  expect(text).toMatch(/^request\S+ .+,request/);
  expect((text as string).length).toBeLessThan(1600);
});

it('knows no other events', () => {
  expect(readRequest('customMessage', {}, today)).toBeUndefined();
});

describe.each(['1.0', '1.1'] as const)('in protocol %s', (version) => {
  const reading = {
    version,
    layerOf: (stream: string, rid: string) => (rid === 'q' ? `${stream}-1:q` : undefined),
  };
  const read = (event: string, data: unknown) => readRequest(event, data, reading);
  const [audio, video] = [{ source: 'mic' }, { source: 'camera', parameters: { framerate: 30 } }];

  it.each<[string, object, object[]]>([
    [
      'audio and video',
      { audio, video },
      [
        { type: 'audio', mid: '0', source: 'mic' },
        { type: 'video', mid: '1', source: 'camera' },
      ],
    ],
    ['audio alone', { audio, video: false }, [{ type: 'audio', mid: '0', source: 'mic' }]],
    ['video alone', { audio: false, video }, [{ type: 'video', mid: '0', source: 'camera' }]],
  ])('publishes %s on the m-lines of an offer with audio first', (_, media, tracks) => {
    const attributes = { a: 1 };
    expect(read('publish', { media, attributes })).toEqual({
      do: 'publish',
      request: { media: { tracks }, attributes },
    });
  });

  it('subscribes, without the format and with a layer by its rid', () => {
    const parameters = { resolution: { width: 320, height: 240 } };
    const media = {
      audio: { from: 's', format: { codec: 'opus' } },
      video: { from: 's', parameters, simulcastRid: 'q', format: { codec: 'vp8' } },
    };
    expect(read('subscribe', { media })).toEqual({
      do: 'subscribe',
      request: {
        media: {
          tracks: [
            { type: 'audio', mid: '0', from: 's' },
            { type: 'video', mid: '1', from: 's-1:q', parameters },
          ],
        },
      },
    });
  });

  it('asks for a layer that is not there by a name that nobody has', () => {
    const request = read('subscribe', { media: { audio: false, video: { from: 's', simulcastRid: 'x' } } });
    expect(request).toMatchObject({ request: { media: { tracks: [{ from: 's:x' }] } } });
  });

  it.each<[string, unknown, RegExp]>([
    ['publish', { media: { audio, video }, transport: { type: 'webrtc' } }, /^request\.transport /],
    ['publish', { media: { audio } }, /^request\.media\.video /],
    ['publish', { media: { tracks: [track] } }, /^request\.media\./],
    [
      'publish',
      { media: { audio: { source: 'file' }, video: false } },
      /^request\.media\.tracks\[0\]\.source /,
    ],
    ['subscribe', { media: { audio: false } }, /^request\.media\.video /],
    ['subscribe', { media: { audio: {}, video: false } }, /^request\.media\.audio/],
    ['subscribe', null, /^request /],
  ])('says what is wrong with %s %j', (event, data, text) => {
    expect(read(event, data)).toMatch(text);
  });

  it('reads everything else as 1.2 does', () => {
    expect(read('unpublish', { id: 'a-1' })).toEqual({ do: 'unpublish', request: { id: 'a-1' } });
  });
});
