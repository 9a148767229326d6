import { expect, it } from 'vitest';
import type { Notice } from '../../../schemas/notice.ts';
import type { ForwardStreamInfo } from '../../../schemas/stream.ts';
import { answerEvent, owtEvent, owtEvents } from './owt-events.ts';

const stream: ForwardStreamInfo = {
  id: 's1',
  type: 'forward',
  media: { tracks: [] },
  info: { owner: 'ann', type: 'webrtc', inViews: [] },
};
const participant = { id: 'ann', user: 'Ann', role: 'presenter' };

it.each<[Notice, string, unknown]>([
  [{ type: 'participant-joined', participant }, 'participant', { action: 'join', data: participant }],
  [{ type: 'participant-left', participant: 'ann' }, 'participant', { action: 'leave', data: 'ann' }],
  [{ type: 'stream-added', stream }, 'stream', { id: 's1', status: 'add', data: stream }],
  [
    { type: 'stream-updated', stream: 's1', update: { field: 'video.status', value: 'inactive' } },
    'stream',
    { id: 's1', status: 'update', data: { field: 'video.status', value: 'inactive' } },
  ],
  [{ type: 'stream-removed', stream: 's1' }, 'stream', { id: 's1', status: 'remove' }],
  [{ type: 'text', from: 'ann', to: 'me', message: 'hi' }, 'text', { from: 'ann', to: 'me', message: 'hi' }],
])('shows %j as OWT does', (notice, name, data) => {
  expect(owtEvent(notice)).toEqual({ name, data });
});

it.each<[Notice, unknown]>([
  [
    { type: 'transport-ready', transport: 't1' },
    { id: 't1', status: 'ready' },
  ],
  [
    { type: 'transport-failed', transport: 't1', reason: 'gone' },
    { id: 't1', status: 'error', data: 'gone' },
  ],
  [
    { type: 'session-ready', transport: 't1', session: 's1' },
    { id: 't1', sessionId: 's1', status: 'ready' },
  ],
  [
    { type: 'session-ended', transport: 't1', session: 's1', reason: 'Node lost' },
    { id: 't1', sessionId: 's1', status: 'error', data: 'Node lost' },
  ],
])('portal-protocol#5 progress of %j is keyed by transport id with sessionId', (notice, data) => {
  expect(owtEvent(notice)).toEqual({ name: 'progress', data });
});

it('answers an offer with a progress of the transport', () => {
  expect(answerEvent('t1', 'v=0')).toEqual({
    name: 'progress',
    data: { id: 't1', status: 'soac', data: { type: 'answer', sdp: 'v=0' } },
  });
});

it('leaves `drop` to the end of the connection and makes the events of a delivery once', () => {
  const delivery = {
    seq: 3,
    notices: [
      { type: 'participant-left', participant: 'ann' },
      { type: 'dropped', reason: 'removed' },
    ] as const,
  };
  expect(owtEvents(delivery).map(({ name }) => name)).toEqual(['participant']);
  expect(owtEvents(delivery)).toBe(owtEvents(delivery));
});
