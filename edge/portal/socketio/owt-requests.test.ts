import { expect, it } from 'vitest';
import { readRequest } from './owt-requests.ts';

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
  expect(readRequest(event, data)).toEqual(request);
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
  expect(readRequest(event, data)).toBe(text);
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
  expect(readRequest(event, data)).toMatch(text);
});

it('joins several faults by commas and bounds the text', () => {
  const tracks = Array.from({ length: 30 }, () => ({ type: 'x'.repeat(1000), mid: '' }));
  const text = readRequest('publish', { media: { tracks } });
  expect(text).toMatch(/^request\S+ .+,request/);
  expect((text as string).length).toBeLessThan(1600);
});

it('knows no other events', () => {
  expect(readRequest('customMessage', {})).toBeUndefined();
});
