import { expect, it } from 'vitest';
import { commandOf, type CommandRequest } from './requests.ts';

const actor = { participant: 'ann' };
const publish = { media: { tracks: [{ type: 'audio' as const, mid: '0' }] } };
const subscribe = { media: { tracks: [{ type: 'video' as const, mid: '1', from: 's1' }] } };

it.each<[CommandRequest, object]>([
  [{ do: 'leave' }, { type: 'leave', participant: 'ann' }],
  [
    { do: 'publish', request: publish, offer: 'sdp' },
    { type: 'publish', participant: 'ann', session: 'new', request: publish },
  ],
  [
    { do: 'subscribe', request: subscribe },
    { type: 'subscribe', participant: 'ann', session: 'new', request: subscribe },
  ],
  [
    { do: 'unpublish', request: { id: 's1' } },
    { type: 'unpublish', actor, session: 's1' },
  ],
  [
    { do: 'unsubscribe', request: { id: 's2' } },
    { type: 'unsubscribe', actor, session: 's2' },
  ],
  [
    { do: 'text', request: { to: 'all', message: 'hi' } },
    { type: 'text', from: 'ann', to: 'all', message: 'hi' },
  ],
  [
    { do: 'stream-control', request: { id: 's1', operation: 'pause', data: 'av' } },
    { type: 'set-stream-status', actor, stream: 's1', operation: 'pause', media: 'av' },
  ],
  [
    { do: 'stream-control', request: { id: 's1', operation: 'play', data: 'video' } },
    { type: 'set-stream-status', actor, stream: 's1', operation: 'play', media: 'video' },
  ],
  [
    { do: 'stream-control', request: { id: 's1', operation: 'mix', data: 'common' } },
    { type: 'mix', actor, stream: 's1', view: 'common' },
  ],
  [
    { do: 'stream-control', request: { id: 's1', operation: 'unmix', data: 'common' } },
    { type: 'unmix', actor, stream: 's1', view: 'common' },
  ],
  [
    {
      do: 'stream-control',
      request: { id: 's1', operation: 'set-region', data: { view: 'common', region: '2' } },
    },
    { type: 'set-region', actor, stream: 's1', view: 'common', region: '2' },
  ],
  [
    { do: 'subscription-control', request: { id: 's2', operation: 'play', data: 'audio' } },
    { type: 'set-subscription-status', actor, subscription: 's2', operation: 'play', media: 'audio' },
  ],
  [
    {
      do: 'subscription-control',
      request: { id: 's2', operation: 'update', data: { video: { parameters: { framerate: 15 } } } },
    },
    {
      type: 'update-subscription',
      actor,
      subscription: 's2',
      video: { parameters: { framerate: 15 } },
    },
  ],
])('makes %j a command', (request, command) => {
  expect(commandOf('ann', request, 'new')).toEqual(command);
});
