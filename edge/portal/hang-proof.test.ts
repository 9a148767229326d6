// Owns the proof that no request hangs: whatever is wrong with it, it is answered once, in time (portal-protocol §3, §14).
import type * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  endSessionSchema,
  loginSchema,
  publishSchema,
  soacSchema,
  streamControlSchema,
  subscribeSchema,
  subscriptionControlSchema,
  textSchema,
} from '../../schemas/request.ts';
import type { Portal } from './portal.ts';
import { breakages, fieldsIn, fieldsOf, type Breakage } from './scripted-breakage.ts';
import {
  createMixingScene,
  micAndCamera,
  OwtClient,
  owtLogin,
  SignalClient,
  until,
  type PortalScene,
} from './scripted-portal.ts';

let scene: PortalScene;
let portal: Portal;
beforeEach(async () => {
  scene = await createMixingScene();
  portal = scene.portal('e1', { requestsPerSecond: 1e6, requestBurst: 1e6, maxPending: 1e6 });
});
afterEach(() => scene.close());

const parameters = {
  resolution: { width: 320, height: 240 },
  framerate: 15,
  bitrate: 'x0.8',
  keyFrameInterval: 5,
};
const format = { codec: 'h264', profile: 'CB', sampleRate: 48000, channelNum: 2 };
const transport = { type: 'webrtc', id: 't1' };
const candidate = { candidate: 'a=candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 };
const soac = (signaling: object) => ({ id: 't1', signaling });
const control = (operation: string, data: unknown) => ({ id: 's1', operation, data });

/** Every field of every request stands in one of its samples. */
const requests: readonly (readonly [string, v.GenericSchema, readonly unknown[]])[] = [
  [
    'publish',
    publishSchema,
    [
      {
        media: { tracks: [{ type: 'video', mid: '0', source: 'camera' }] },
        data: false,
        attributes: {},
        transport,
      },
    ],
  ],
  [
    'subscribe',
    subscribeSchema,
    [
      {
        media: { tracks: [{ type: 'video', mid: '0', from: 'x', format, parameters }] },
        data: { from: 'x' },
        transport,
      },
    ],
  ],
  ['unpublish', endSessionSchema, [{ id: 's1' }]],
  ['unsubscribe', endSessionSchema, [{ id: 's1' }]],
  [
    'stream-control',
    streamControlSchema,
    [
      control('pause', 'av'),
      control('mix', 'common'),
      control('get-region', 'common'),
      control('set-region', { view: 'common', region: '1' }),
    ],
  ],
  [
    'subscription-control',
    subscriptionControlSchema,
    [control('play', 'audio'), control('update', { audio: { from: 'x' }, video: { from: 'x', parameters } })],
  ],
  ['text', textSchema, [{ to: 'all', message: 'hi' }]],
  [
    'soac',
    soacSchema,
    [
      soac({ type: 'offer', sdp: 'v=0' }),
      soac({ type: 'answer', sdp: 'v=0' }),
      soac({ type: 'candidate', candidate }),
      soac({ type: 'removed-candidates', candidates: [candidate] }),
    ],
  ],
];

const all = (samples: readonly unknown[]): readonly Breakage[] =>
  samples.flatMap((data) => [{ what: 'nothing is wrong', data }, ...breakages(data)]);

/** Lets everything be answered that will be, and what only a bound can answer. */
async function finish(): Promise<void> {
  await scene.rest();
  await scene.clock.advance(portal.settings.answerMs + 1_000);
  await scene.rest();
}

it.each(requests)('the samples of %s hold every field its schema knows', (_, schema, samples) => {
  expect(fieldsOf(schema).filter((field) => !fieldsIn(samples).includes(field))).toEqual([]);
});

describe.each(requests)('%s', (event, _, samples) => {
  it('portal-protocol#3 is acknowledged once whatever field is wrong, and the connection stays', async () => {
    const client = await OwtClient.joined(scene, portal, 'Ann_-567890123456789');
    const tries = all(samples);
    const acks = tries.map((): unknown[][] => []);
    for (const [index, { data }] of tries.entries()) {
      client.send(event, data, (...args: unknown[]) => acks[index]?.push(args));
    }
    await finish();
    const wrong = tries.filter((__, index) => acks[index]?.length !== 1).map(({ what }) => what);
    expect(wrong).toEqual([]);
    for (const [[status, text] = []] of acks) {
      expect(['ok', 'error']).toContain(status);
      if (status === 'error') expect(text).toBeTypeOf('string');
    }
    expect(client.ended).toBeUndefined();
  });

  it('is replied to once in sluice.1, and the connection stays', async () => {
    const client = await SignalClient.joined(scene, portal);
    const tries = all(samples);
    const cids = tries.map(({ data }) => {
      const body = { do: event, request: data };
      const signal = { do: 'signal', ...(typeof data === 'object' ? data : { signaling: data }) };
      const { id: named, ...rest } = { id: undefined, ...signal };
      return client.send((event === 'soac' ? { ...rest, transport: named } : body) as never);
    });
    await finish();
    const replies = (cid: number) => client.replies.filter((reply) => reply.cid === cid).length;
    expect(tries.filter((__, index) => replies(cids[index] ?? 0) !== 1).map(({ what }) => what)).toEqual([]);
    expect(client.closed).toBeUndefined();
  });

  it('is acknowledged once before any login', async () => {
    const client = new OwtClient(scene, portal, 'Ann_-567890123456789');
    const acks: unknown[][] = [];
    for (const data of samples) client.send(event, data, (...args: unknown[]) => acks.push(args));
    await finish();
    expect(acks).toEqual(samples.map(() => ['error', 'Illegal request']));
  });
});

it('portal-protocol#15 a login is acknowledged once whatever field is wrong, and ends with its connection unless it is granted', async () => {
  const samples = [{ ...owtLogin('x'), reconnection: { keepTime: 10 } }];
  expect(fieldsOf(loginSchema).filter((field) => !fieldsIn(samples).includes(field))).toEqual([]);
  const tries = breakages({ ...samples[0], token: await scene.token() });
  const outcomes = await Promise.all(
    tries.map(async ({ what, data }, index) => {
      const client = new OwtClient(scene, portal, `client-${index}`.padEnd(20, '0'));
      const acks: unknown[][] = [];
      client.send('login', data, (...args: unknown[]) => acks.push(args));
      await until(() => acks.length > 0, `an acknowledgement when ${what}`);
      return { what, client, acks };
    }),
  );
  await finish();
  for (const { what, client, acks } of outcomes) {
    expect(acks, what).toHaveLength(1);
    const [status, data] = acks[0] ?? [];
    expect(client.ended, what).toBe(status === 'ok' ? undefined : 'disconnect');
    // Who is not one of the SDKs that come back needs none.
    if (status === 'ok' && !what.startsWith('userAgent.sdk.type')) {
      expect(data, what).toHaveProperty('reconnectionTicket');
    }
    if (status !== 'ok') expect(data, what).toBeTypeOf('string');
  }
  // The token is good once.
  expect(outcomes.filter(({ acks }) => acks[0]?.[0] === 'ok')).toHaveLength(1);
});

it.each([undefined, null, 17, '', 'x', {}, [], 'x'.repeat(10_000)])(
  'a relogin with %# is acknowledged once and ends with its connection',
  async (ticket) => {
    const client = new OwtClient(scene, portal, 'Ann_-567890123456789');
    const acks: unknown[][] = [];
    client.send('relogin', ticket, (...args: unknown[]) => acks.push(args));
    await until(() => acks.length > 0, 'an acknowledgement');
    await finish();
    expect(acks).toEqual([['error', expect.any(String)]]);
    expect(client.ended).toBe('disconnect');
  },
);

describe('portal-protocol#9 what the SDK cannot live without', () => {
  const lists = ['resolution', 'framerate', 'bitrate', 'keyFrameInterval'];
  type Sent = Record<string, unknown>;
  const isSent = (value: unknown): value is Sent => typeof value === 'object' && value !== null;

  function checkStream(stream: unknown): void {
    if (!isSent(stream) || !isSent(stream.media) || !isSent(stream.info)) {
      throw new Error(`a stream without media or info: ${JSON.stringify(stream)}`);
    }
    const { tracks } = stream.media;
    if (!Array.isArray(tracks)) throw new Error('a stream without tracks');
    for (const track of tracks as Sent[]) {
      expect(track.type).toMatch(/^(audio|video)$/);
      expect(track.format).toHaveProperty('codec');
      expect(track.status).toMatch(/^(in)?active$/);
      const { optional } = track;
      if (!isSent(optional)) throw new Error('a track without optional');
      if (isSent(optional.parameters))
        expect(Object.keys(optional.parameters)).toEqual(expect.arrayContaining(lists));
    }
  }

  it('a ticket, tracks, all four lists, an info; transport id first; answers and no candidates of the server', async () => {
    const ann = await OwtClient.joined(scene, portal, 'Ann_-567890123456789');
    const [, published] = await ann.ask('publish', { media: micAndCamera, transport: { type: 'webrtc' } });
    const { id, transportId } = published as { id: string; transportId: string };
    expect(transportId).toBe(id);
    await ann.ask('soac', { id, signaling: { type: 'offer', sdp: 'v=0' } });
    await ann.ask('soac', { id, signaling: { type: 'candidate', candidate } });
    await ann.ask('stream-control', { id, operation: 'mix', data: 'common' });
    await ann.ask('stream-control', { id, operation: 'pause', data: 'av' });
    const bob = new OwtClient(scene, portal, 'Bob_-567890123456789');
    const [, joined] = await bob.ask('login', owtLogin(await scene.token('bob')));
    const { room, reconnectionTicket } = joined as {
      room: { streams: unknown[]; participants: { id: string }[] };
      reconnectionTicket: string;
    };
    expect(JSON.parse(atob(reconnectionTicket))).toHaveProperty('notAfter');
    expect(room.participants.map((each) => each.id)).toContain('Bob_-567890123456789');
    expect(room.streams).toHaveLength(3);
    room.streams.forEach(checkStream);
    const [, again] = await bob.ask('subscribe', {
      media: { tracks: [{ type: 'video', mid: '0', from: id }] },
      transport: { type: 'webrtc' },
    });
    const second = again as { id: string; transportId: string };
    expect(second.transportId).toBe(second.id);
    await ann.ask('unpublish', { id });
    let updates = 0;
    for (const { event, data } of [...ann.emitted, ...bob.emitted]) {
      if (event === 'stream') {
        const { id: stream, status, data: more } = data as { id: unknown; status: string; data: Sent };
        expect(stream).toBeTypeOf('string');
        if (status === 'add') checkStream(more);
        if (status === 'update') updates += 1;
        if (status === 'update' && more.field === '.') checkStream(more.value);
      }
      if (event === 'progress') {
        const { id: keyed, status, data: more } = data as { id: unknown; status: string; data: Sent };
        expect([id, second.id]).toContain(keyed);
        expect(['ready', 'soac', 'error']).toContain(status);
        if (status === 'soac') expect(more).toEqual({ type: 'answer', sdp: 'answer to v=0' });
      }
    }
    expect(updates).toBeGreaterThan(3);
  });
});

it('an acknowledgement may stand anywhere, be missing, or be the only thing', async () => {
  const client = await OwtClient.joined(scene, portal, 'Ann_-567890123456789');
  const acks: unknown[][] = [];
  const ack = (...args: unknown[]) => acks.push(args);
  client.send('text', { to: 'all', message: 'one' }, ack, 'more');
  client.send('text', ack);
  client.send('text', { to: 'all', message: 'two' });
  client.send('text');
  client.send('nothing', ack);
  client.send('refreshReconnectionTicket', undefined, ack);
  await until(() => acks.length === 4, 'acknowledgements');
  await finish();
  expect(acks.map(([status]) => status).sort()).toEqual(['error', 'error', 'ok', 'ok']);
  expect(client.emitted.filter(({ event }) => event === 'text')).toHaveLength(2);
});

it('everything that waits behind a relogin is acknowledged once, granted or not', async () => {
  for (const good of [true, false]) {
    const client = await OwtClient.joined(scene, portal, `${String(good)}-234567890123456`);
    const [, ticket] = await client.ask('refreshReconnectionTicket');
    client.lose();
    const again = new OwtClient(scene, portal, `again-${String(good)}`.padEnd(20, '0'));
    const acks: unknown[][] = [];
    const ack = (...args: unknown[]) => acks.push(args);
    again.send('text', { to: 'all', message: 'before' }, ack);
    again.send('relogin', good ? ticket : 'nonsense', ack);
    again.send('text', { to: 'all', message: 'behind' }, ack);
    again.send('publish', { media: micAndCamera }, ack);
    await until(() => acks.length === 4, 'acknowledgements');
    await finish();
    expect(acks).toHaveLength(4);
    expect(acks.filter(([status]) => status === 'ok')).toHaveLength(good ? 4 : 0);
  }
});

it('a publication whose worker is lost is acknowledged and then told of; an offer for it is refused', async () => {
  const client = await OwtClient.joined(scene, portal, 'Ann_-567890123456789');
  const acks: unknown[][] = [];
  client.send('publish', { media: micAndCamera, transport: { type: 'webrtc' } }, (...args: unknown[]) => {
    acks.push(args);
    const { id } = args[1] as { id: string };
    scene.media.die();
    client.send('soac', { id, signaling: { type: 'offer', sdp: 'v=0' } }, (...more: unknown[]) =>
      acks.push(more),
    );
  });
  await scene.rest();
  await scene.clock.advance(30_000);
  expect(acks).toEqual([
    ['ok', expect.any(Object)],
    ['error', expect.any(String)],
  ]);
  expect(client.emitted).toContainEqual({
    event: 'progress',
    data: expect.objectContaining({ status: 'error', data: 'Node lost' }) as unknown,
  });
});

it('a login whose acknowledgement fails inside leaves nobody behind', async () => {
  const client = new OwtClient(scene, portal, 'Ann_-567890123456789');
  client.send('login', owtLogin(await scene.token()), () => {
    throw new Error('the transport is gone');
  });
  await until(() => client.ended !== undefined, 'the end');
  await scene.clock.advance(1_000);
  expect(scene.live().state.participants.size).toBe(0);
  expect(portal.counts).toEqual({ connections: 0, sessions: 0 });
});
