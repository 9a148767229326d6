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
  expect(owtEvent(notice, '1.2')).toEqual({ name, data });
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
  expect(owtEvent(notice, '1.2')).toEqual({ name: 'progress', data });
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
  expect(owtEvents(delivery, '1.2').map(({ name }) => name)).toEqual(['participant']);
  expect(owtEvents(delivery, '1.2')).toBe(owtEvents(delivery, '1.2'));
});

const simulcast: ForwardStreamInfo = {
  ...stream,
  media: {
    tracks: [
      { type: 'audio', id: 't-0', mid: '0', status: 'active', format: { codec: 'opus' }, optional: {} },
      ...['q', 'h'].map((rid) => ({
        type: 'video' as const,
        id: `t-1:${rid}`,
        mid: '1',
        rid,
        status: 'active' as const,
        format: { codec: 'vp8' as const },
        optional: {},
      })),
    ],
  },
};
const audio = { status: 'active', format: { codec: 'opus' }, optional: {} };
const format = { codec: 'vp8' };

it.each([
  ['1.0', { status: 'active', optional: {}, format }],
  [
    '1.1',
    {
      status: 'active',
      optional: {},
      original: [
        { format, simulcastRid: 'q' },
        { format, simulcastRid: 'h' },
      ],
    },
  ],
] as const)('shows streams to clients of protocol %s by kind', (version, video) => {
  const shown = { ...stream, media: { audio, video } };
  expect(owtEvent({ type: 'stream-added', stream: simulcast }, version)?.data).toMatchObject({ data: shown });
  const update = { field: '.', value: simulcast } as const;
  expect(owtEvent({ type: 'stream-updated', stream: 's1', update }, version)?.data).toEqual({
    id: 's1',
    status: 'update',
    data: { field: '.', value: shown },
  });
});

it.each([
  ['1.0', 'session-progress'],
  ['1.1', 'session-progress'],
  ['1.2', 'progress'],
] as const)('tells clients of protocol %s of a ready session by %s', (version, name) => {
  const notice = { type: 'session-ready', transport: 't1', session: 't1' } as const;
  expect(owtEvent(notice, version)?.name).toBe(name);
});

it.each([
  ['1.0', 1],
  ['1.1', 1],
  ['1.2', 2],
] as const)(
  'tells clients of protocol %s of a lost session %i times: before 1.2 its transport is the same',
  (version, times) => {
    const reason = 'Node lost';
    const lost = [
      { type: 'session-ended', transport: 't1', session: 't1', reason },
      { type: 'transport-failed', transport: 't1', reason },
    ] as const;
    const events = owtEvents({ seq: 1, notices: lost }, version);
    expect(events).toHaveLength(times);
    expect(events[0]?.data).toEqual({ id: 't1', sessionId: 't1', status: 'error', data: reason });
    // What is left of a session that was stopped may break silently.
    expect(owtEvents({ seq: 2, notices: [lost[1]] }, version)).toHaveLength(times - 1);
  },
);

it('makes the events of a delivery for each version', () => {
  const delivery = { seq: 3, notices: [{ type: 'stream-added', stream: simulcast }] as const };
  expect(owtEvents(delivery, '1.0')).not.toEqual(owtEvents(delivery, '1.2'));
  expect(owtEvents(delivery, '1.0')).toBe(owtEvents(delivery, '1.0'));
});
