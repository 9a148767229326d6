import { decode, encode } from '@msgpack/msgpack';
import { beforeEach, describe, expect, it } from 'vitest';
import type { IceServers } from '../../schemas/ice-servers.ts';
import type { JoinResult, ResumeResult, ServerFrame, SignalMessage } from '../../schemas/signal.ts';
import { Conference } from './conference.ts';
import type { SocketEvents } from './socket.ts';
import { FakePeerConnection } from './testing/fake-peer-connection.ts';
import { settle, TestTimers } from './testing/test-timers.ts';

const joinResult: JoinResult = {
  participant: { id: 'me', user: 'Me', role: 'presenter' },
  permission: { publish: { audio: true, video: true }, subscribe: { audio: true, video: true } },
  room: { id: 'room', views: ['common'], participants: [], streams: [] },
  ticket: 'ticket',
  ticketMs: 600_000,
  keepMs: 60_000,
  epoch: 'epoch',
  iceServers: [],
};

let asked: SignalMessage[];
let events: SocketEvents;
let conference: Conference;
let timers: TestTimers;
let configurations: RTCConfiguration[];

const say = (frame: ServerFrame) => events.received(encode(frame).slice().buffer);

beforeEach(async () => {
  asked = [];
  timers = new TestTimers();
  configurations = [];
  conference = new Conference({
    url: 'ws://test/signal',
    timers,
    createPeerConnection: (configuration) => {
      configurations.push(configuration);
      return new FakePeerConnection() as unknown as RTCPeerConnection;
    },
    openSocket: (_, socketEvents) => {
      events = socketEvents;
      return {
        send: (bytes) => void asked.push(decode(bytes) as SignalMessage),
        close: () => undefined,
      };
    },
  });
  const joining = conference.join('token');
  await settle();
  events.opened();
  say({ replies: [{ cid: 1, ok: true, data: joinResult }], seq: 1, notices: [] });
  await joining;
  asked = [];
});

/** The one message sent, and an answer to it. */
async function answered(reply: { data?: unknown } | { error: string }): Promise<SignalMessage> {
  await settle();
  const [message] = asked;
  if (message === undefined) throw new Error('nothing was asked');
  const { cid } = message;
  say({
    replies: [
      'error' in reply
        ? { cid, ok: false, error: { code: 'bad-request', message: reply.error } }
        : { cid, ok: true, ...reply },
    ],
  });
  return message;
}

describe('mixing', () => {
  it.each([
    ['mix', () => conference.mix('s1', 'common'), { operation: 'mix', data: 'common' }],
    ['unmix', () => conference.unmix('s1', 'common'), { operation: 'unmix', data: 'common' }],
    [
      'setRegion',
      () => conference.setRegion('s1', 'common', '2'),
      { operation: 'set-region', data: { view: 'common', region: '2' } },
    ],
  ])('%s asks for it and is done once the server says so', async (_, act, request) => {
    const done = act();
    expect(await answered({})).toMatchObject({ do: 'stream-control', request: { id: 's1', ...request } });
    await expect(done).resolves.toBeUndefined();
  });

  it('tells in which region a stream is', async () => {
    const region = conference.region('s1', 'common');
    expect(await answered({ data: { region: '3' } })).toMatchObject({
      request: { id: 's1', operation: 'get-region', data: 'common' },
    });
    await expect(region).resolves.toBe('3');
  });

  it('throws what the server refuses', async () => {
    const done = conference.mix('s1', 'nowhere');
    await answered({ error: 'Invalid view' });
    await expect(done).rejects.toMatchObject({ code: 'bad-request', message: 'Invalid view' });
  });

  it.each([{}, { data: {} }, { data: { region: 3 } }])('does not take %j for a region', async (reply) => {
    const region = conference.region('s1', 'common');
    await answered(reply);
    await expect(region).rejects.toMatchObject({ code: 'internal' });
  });

  it('tells what the mixers cost', async () => {
    const stats = conference.mixerStats();
    expect(await answered({ data: [{ kind: 'audio', id: 'm' }] })).toMatchObject({ do: 'mixer-stats' });
    await expect(stats).resolves.toEqual([{ kind: 'audio', id: 'm' }]);
  });

  it.each([{}, { data: { kind: 'audio' } }, { data: [7] }])(
    'does not take %j for statistics',
    async (reply) => {
      const stats = conference.mixerStats();
      await answered(reply);
      await expect(stats).rejects.toMatchObject({ code: 'internal' });
    },
  );
});

it('who leaves while it joins anew does not come back', async () => {
  let joins = 0;
  const ends: string[] = [];
  let again: SocketEvents | undefined;
  const rejoining = new Conference({
    url: 'ws://test/signal',
    timers,
    createPeerConnection: () => new FakePeerConnection() as unknown as RTCPeerConnection,
    openSocket: (_, socketEvents) => {
      again = socketEvents;
      joins += 1;
      return { send: () => undefined, close: () => undefined };
    },
  });
  rejoining.on('ended', ({ reason }) => ends.push(reason));
  const joining = rejoining.join(() => Promise.resolve('token'));
  await settle();
  again?.opened();
  again?.received(encode({ replies: [{ cid: 1, ok: true, data: joinResult }] }).slice().buffer);
  await joining;
  again?.closed(4401, 'who are you');
  await timers.pass(2_000);
  expect(joins).toBe(2);
  rejoining.leave();
  await timers.pass(300_000);
  expect([joins, ends]).toEqual([2, ['left']]);
  expect(rejoining.connectionState.phase).toBe('closed');
});

it('connects with the relays that the server told last, asked for before those of the join expire', async () => {
  const relay = (name: string) => ({ urls: [`turn:${name}`], username: 'u', credential: 'c' });
  events.closed(1006, '');
  await timers.pass(200);
  events.opened();
  const resumed: ResumeResult = {
    ticket: 't',
    ticketMs: 600_000,
    epoch: 'epoch',
    lastCid: 0,
    iceServers: [relay('a')],
    iceServersMs: 8_000,
  };
  say({ replies: [{ cid: asked[0]?.cid ?? 0, ok: true, data: resumed }] });
  asked = [];
  await timers.pass(5_999);
  expect(asked.map((each) => each.do)).not.toContain('ice-servers');
  asked = [];
  await timers.pass(1);
  await answered({ data: { iceServers: [relay('b')], iceServersMs: 60_000 } satisfies IceServers });
  await settle();
  const media = { getTracks: () => [], getAudioTracks: () => [], getVideoTracks: () => [] };
  conference.publish(media as unknown as MediaStream).catch(() => undefined);
  await settle();
  expect(configurations.map(({ iceServers }) => iceServers)).toEqual([[relay('b')]]);
});
