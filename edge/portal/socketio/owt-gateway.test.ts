import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SluiceError } from '../../../schemas/error.ts';
import { sign } from '../../tokens/signature.ts';
import type { Portal } from '../portal.ts';
import {
  createPortalScene,
  micAndCamera,
  OwtClient,
  owtLogin,
  until,
  type PortalScene,
} from '../scripted-portal.ts';

let scene: PortalScene;
let portal: Portal;
beforeEach(async () => {
  scene = await createPortalScene();
  portal = scene.portal('e1');
});
afterEach(() => scene.close());

const annId = 'Ann_-567890123456789';
const bobId = 'Bob_-567890123456789';
const ann = () => OwtClient.joined(scene, portal, annId);
const bob = () => OwtClient.joined(scene, portal, bobId);
const publish = { media: micAndCamera, transport: { type: 'webrtc' } };
const of = (client: OwtClient, event: string) =>
  client.emitted.filter((each) => each.event === event).map(({ data }) => data);
const ticketOf = async (client: OwtClient) => (await client.ask('refreshReconnectionTicket'))[1] as string;

it('portal-protocol#2 a login is acknowledged with ids, rights, the room and a ticket', async () => {
  await bob();
  const client = new OwtClient(scene, portal, annId);
  const [status, data] = await client.ask('login', owtLogin(await scene.token('ann')));
  expect(status).toBe('ok');
  expect(data).toEqual({
    id: annId,
    user: 'ann',
    role: 'presenter',
    permission: { publish: { audio: true, video: true }, subscribe: { audio: true, video: true } },
    room: {
      id: scene.room,
      views: expect.any(Array) as unknown,
      participants: [
        { id: bobId, user: bobId, role: 'presenter' },
        { id: annId, user: 'ann', role: 'presenter' },
      ],
      streams: [],
    },
    reconnectionTicket: expect.any(String) as unknown,
  });
  const ticket = JSON.parse(atob((data as { reconnectionTicket: string }).reconnectionTicket)) as object;
  expect(ticket).toMatchObject({ participantId: annId, notAfter: expect.any(Number) as unknown });
});

it('portal-protocol#2 other SDKs log in without a ticket and are not kept', async () => {
  const client = new OwtClient(scene, portal, annId);
  const [, data] = await client.ask('login', owtLogin(await scene.token(), 'Python'));
  expect(data).not.toHaveProperty('reconnectionTicket');
  expect(await client.ask('refreshReconnectionTicket')).toEqual(['error', 'Reconnection is not enabled.']);
  client.lose();
  await scene.rest();
  expect(scene.live().state.participants.size).toBe(0);
});

it.each(['publish', 'text', 'logout', 'refreshReconnectionTicket', 'soac', 'anything'])(
  'answers %s before login with Illegal request',
  async (event) => {
    const client = new OwtClient(scene, portal, annId);
    const answered = client.ask(event);
    await scene.clock.advance(300);
    expect(await answered).toEqual(['error', 'Illegal request']);
    expect(client.ended).toBeUndefined();
  },
);

it.each<[string, () => Promise<unknown>, string]>([
  [
    'an unknown protocol',
    async () => ({ ...owtLogin(await scene.token()), protocol: '9' }),
    'Unknown client protocol',
  ],
  ['a token that is no JSON', () => Promise.resolve(owtLogin('')), 'Unexpected end of JSON input'],
  [
    'no user agent',
    async () => ({ token: await scene.token(), protocol: '1.2' }),
    'User agent info is incorrect',
  ],
  ['nothing', () => Promise.resolve(null), 'Unknown client protocol'],
  [
    'portal-protocol#15 a token used before',
    async () => {
      const login = owtLogin(await scene.token());
      await new OwtClient(scene, portal, bobId).ask('login', login);
      return login;
    },
    'Invalid token',
  ],
  [
    'portal-protocol#15 a token nobody knows',
    async () => {
      // As the original server makes them: an id of its database and nothing sealed.
      const { current } = await scene.ports.directory.keys('token', () => 'made before');
      const tokenId = '65f000000000000000000001';
      const signature = await sign(current.secret, `${tokenId},h:1,undefined`);
      return owtLogin(btoa(JSON.stringify({ tokenId, host: 'h:1', secure: false, signature })));
    },
    'Invalid token',
  ],
  ['an unknown role', async () => owtLogin(await scene.token('ann', 'king')), 'Invalid role'],
])('portal-protocol#3 answers %s with a text and disconnects', async (_, makeLogin, text) => {
  const client = new OwtClient(scene, portal, annId);
  expect(await client.ask('login', await makeLogin())).toEqual(['error', text]);
  expect(client.ended).toBe('disconnect');
});

it('answers a token of tampered signature, and one too old', async () => {
  const token = JSON.parse(atob(await scene.token())) as object;
  const forged = new OwtClient(scene, portal, annId);
  const login = owtLogin(btoa(JSON.stringify({ ...token, host: 'elsewhere' })));
  expect(await forged.ask('login', login)).toEqual(['error', 'Invalid token signature']);
  const late = owtLogin(await scene.token());
  await scene.clock.advance(181_000);
  const client = new OwtClient(scene, portal, annId);
  expect(await client.ask('login', late)).toEqual(['error', 'Expired']);
});

it('answers a second login without closing', async () => {
  const client = await ann();
  expect(await client.ask('login', owtLogin(await scene.token()))).toEqual([
    'error',
    'Connection is in service',
  ]);
  expect(client.ended).toBeUndefined();
});

it('does without an acknowledgement, wherever one is missing', async () => {
  const client = new OwtClient(scene, portal, annId);
  client.send('publish');
  client.send('login', owtLogin(await scene.token()));
  await until(() => portal.counts.sessions === 1, 'login');
  client.send('text', { to: 'all', message: 'hi' });
  client.send('logout');
  await scene.rest();
  expect(of(client, 'text')).toHaveLength(1);
  expect(portal.counts.sessions).toBe(0);
});

it('portal-protocol#4 the transport id is the first session’s, and stays', async () => {
  const client = await ann();
  const [status, first] = await client.ask('publish', publish);
  expect(status).toBe('ok');
  const { id } = first as { id: string };
  expect(first).toEqual({ id, transportId: id });
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  const tracks = [{ type: 'video', mid: '2', source: 'screen-cast' }];
  const [, second] = await client.ask('publish', { media: { tracks }, transport: { type: 'webrtc', id } });
  expect(second).toEqual({ id: expect.any(String) as unknown, transportId: id });
  expect((second as { id: string }).id).not.toBe(id);
});

it('portal-protocol#5 portal-protocol#8 reports transport and session ready by transport id, after the acknowledgement', async () => {
  const client = await ann();
  const order: string[] = [];
  client.send('publish', publish, () => order.push(`ack after ${client.emitted.length}`));
  await scene.rest();
  const [{ id }] = of(client, 'progress') as [{ id: string }];
  expect(order).toEqual(['ack after 0']);
  expect(of(client, 'progress')).toEqual([
    { id, status: 'ready' },
    { id, sessionId: id, status: 'ready' },
  ]);
  expect(of(client, 'stream')).toMatchObject([{ id, status: 'add', data: { id, info: { owner: annId } } }]);
});

it('portal-protocol#6 sends exactly one answer per offer, after its acknowledgement', async () => {
  const client = await ann();
  const [, data] = await client.ask('publish', publish);
  const { id } = data as { id: string };
  const before = client.emitted.length;
  expect(await client.ask('soac', { id, signaling: { type: 'offer', sdp: 'v=0' } })).toEqual(['ok']);
  expect(client.emitted.slice(before)).toEqual([
    {
      event: 'progress',
      data: { id, status: 'soac', data: { type: 'answer', sdp: 'answer to v=0' } },
    },
  ]);
  const candidate = {
    candidate: 'a=candidate:1 1 udp 1 127.0.0.1 9 typ host',
    sdpMid: '0',
    sdpMLineIndex: 0,
  };
  expect(await client.ask('soac', { id, signaling: { type: 'candidate', candidate } })).toEqual(['ok']);
  expect(await client.ask('soac', { id, signaling: { type: 'candidate', candidate } })).toEqual(['ok']);
  expect(await client.ask('soac', { id, signaling: { type: 'answer', sdp: 'v=0' } })).toEqual(['ok']);
});

it('portal-protocol#7 answers stray signaling and ends of ended sessions with a text', async () => {
  const client = await ann();
  const offer = { type: 'offer', sdp: 'v=0' };
  expect(await client.ask('soac', { signaling: offer })).toEqual(['error', 'Invalid soac id']);
  expect(await client.ask('soac', { id: 'x1', signaling: offer })).toEqual([
    'error',
    'Transport x1 does NOT exist',
  ]);
  expect(await client.ask('unpublish', { id: 'x1' })).toEqual(['error', 'Stream does NOT exist']);
  expect(await client.ask('unsubscribe', { id: 'x1' })).toEqual(['error', 'Subscription does NOT exist']);
  expect(client.ended).toBeUndefined();
});

it('mutes, unmutes and ends, with everybody told', async () => {
  const [one, two] = [await ann(), await bob()];
  const [, data] = await one.ask('publish', publish);
  const { id } = data as { id: string };
  expect(await one.ask('stream-control', { id, operation: 'pause', data: 'av' })).toEqual(['ok', 'ok']);
  expect(await two.ask('stream-control', { id, operation: 'play', data: 'av' })).toEqual([
    'error',
    'unauthorized',
  ]);
  expect(await one.ask('stream-control', { id, operation: 'mix', data: 'common' })).toEqual([
    'error',
    'Mixing is not available',
  ]);
  const tracks = [{ type: 'video', mid: '0', from: id }];
  const [, subscribed] = await two.ask('subscribe', { media: { tracks }, transport: { type: 'webrtc' } });
  const session = (subscribed as { id: string }).id;
  expect(await two.ask('subscription-control', { id: session, operation: 'pause', data: 'video' })).toEqual([
    'ok',
  ]);
  expect(await one.ask('unpublish', { id })).toEqual(['ok']);
  expect(of(two, 'stream')).toMatchObject([
    { id, status: 'add' },
    { id, status: 'update', data: { field: 'audio.status', value: 'inactive' } },
    { id, status: 'update', data: { field: 'video.status', value: 'inactive' } },
    { id, status: 'remove' },
  ]);
  expect(of(two, 'progress').at(-1)).toEqual({
    id: session,
    sessionId: session,
    status: 'error',
    data: 'Source stream loss',
  });
});

it('portal-protocol#10 a text to all reaches the sender too; one to a participant reaches that one', async () => {
  const [one, two] = [await ann(), await bob()];
  expect(await one.ask('text', { to: 'all', message: 'hi' })).toEqual(['ok']);
  expect(await one.ask('text', { to: bobId, message: 'psst' })).toEqual(['ok']);
  expect(await one.ask('text', { to: 'nobody', message: 'x' })).toEqual([
    'error',
    'Target participant does NOT exist: nobody',
  ]);
  expect(await one.ask('text', { to: '', message: 'x' })).toEqual(['error', 'Invalid receiver']);
  expect(of(one, 'text')).toEqual([{ from: annId, to: 'all', message: 'hi' }]);
  expect(of(two, 'text')).toEqual([
    { from: annId, to: 'all', message: 'hi' },
    { from: annId, to: 'me', message: 'psst' },
  ]);
});

it('acknowledges a logout, leaves the socket to the client, and voids its ticket', async () => {
  const [one, two] = [await ann(), await bob()];
  const ticket = await ticketOf(one);
  expect(await one.ask('logout')).toEqual(['ok']);
  expect(one.ended).toBeUndefined();
  expect(of(two, 'participant')).toEqual([{ action: 'leave', data: annId }]);
  expect(await one.ask('logout')).toEqual(['error', 'Illegal request']);
  const again = new OwtClient(scene, portal, 'another-socket-12345');
  expect(await again.ask('relogin', ticket)).toEqual(['error', 'Client does NOT exist']);
  expect(again.ended).toBe('disconnect');
});

it('portal-protocol#11 relogin is answered with a string, then everything missed is emitted', async () => {
  const [one, two] = [await ann(), await bob()];
  await two.ask('text', { to: annId, message: 'before' });
  const ticket = await ticketOf(one);
  one.lose();
  await two.ask('text', { to: annId, message: 'still there?' });
  await scene.clock.advance(50_000);
  const again = new OwtClient(scene, portal, 'another-socket-12345');
  const order: string[] = [];
  again.send('relogin', ticket, (status: string, data: unknown) => {
    order.push(`${status} ${typeof data} after ${again.emitted.length}`);
  });
  // On its heels, before it is answered.
  again.send('text', { to: bobId, message: 'yes' }, (status: string) => order.push(`text ${status}`));
  await until(() => order.length === 2, 'relogin');
  await scene.rest();
  expect(order).toEqual(['ok string after 0', 'text ok']);
  expect(of(again, 'text')).toEqual([{ from: bobId, to: 'me', message: 'still there?' }]);
  expect(of(two, 'text')).toMatchObject([{ from: annId, message: 'yes' }]);
  expect(of(two, 'participant')).toEqual([]);
  // It is the same participant, and may go away again.
  await scene.clock.advance(61_000);
  expect(scene.live().state.participants.has(annId)).toBe(true);
});

it('portal-protocol#11 emits again what was sent and never confirmed, and only that', async () => {
  const [one, two] = [await ann(), await bob()];
  const ticket = await ticketOf(one);
  await two.ask('text', { to: annId, message: 'confirmed' });
  one.confirms = false;
  await two.ask('text', { to: annId, message: 'lost 1' });
  await two.ask('text', { to: annId, message: 'lost 2' });
  one.lose();
  await two.ask('text', { to: annId, message: 'missed' });
  const again = new OwtClient(scene, portal, 'another-socket-12345');
  await again.ask('relogin', ticket);
  expect((of(again, 'text') as { message: string }[]).map(({ message }) => message)).toEqual([
    'lost 1',
    'lost 2',
    'missed',
  ]);
  // Confirmed now: a second break repeats nothing.
  again.lose();
  const third = new OwtClient(scene, portal, 'third-socket-1234567');
  await third.ask('relogin', ticket);
  expect(third.emitted).toEqual([]);
});

it('portal-protocol#11 emits an answer again that the client may not have had', async () => {
  const one = await ann();
  const ticket = await ticketOf(one);
  const [, data] = await one.ask('publish', publish);
  const { id } = data as { id: string };
  one.confirms = false;
  one.send('soac', { id, signaling: { type: 'offer', sdp: 'first' } });
  await scene.rest();
  one.send('soac', { id, signaling: { type: 'offer', sdp: 'second' } });
  one.lose();
  await scene.rest();
  const again = new OwtClient(scene, portal, 'another-socket-12345');
  await again.ask('relogin', ticket);
  expect(of(again, 'progress')).toMatchObject([
    // The second offer proves that the first answer came.
    { id, status: 'soac', data: { sdp: 'answer to second' } },
  ]);
});

it('portal-protocol#11 does not send an answer again that the client’s candidates prove it has', async () => {
  const one = await ann();
  const ticket = await ticketOf(one);
  const [, data] = await one.ask('publish', publish);
  const { id } = data as { id: string };
  one.confirms = false;
  await one.ask('soac', { id, signaling: { type: 'offer', sdp: 'v=0' } });
  one.lose();
  const again = new OwtClient(scene, portal, 'another-socket-12345');
  const candidate = {
    candidate: 'a=candidate:1 1 udp 1 127.0.0.1 9 typ host',
    sdpMid: '0',
    sdpMLineIndex: 0,
  };
  // Clients of Socket.IO 2 and 4 send what was asked while offline before the SDK can relogin.
  const asked = again.ask('soac', { id, signaling: { type: 'candidate', candidate } });
  expect((await again.ask('relogin', ticket))[0]).toBe('ok');
  expect(await asked).toEqual(['ok']);
  expect(of(again, 'progress').filter((each) => (each as { status: string }).status === 'soac')).toEqual([]);
});

it('portal-protocol#13 keeps every reconnectable SDK for 60 s, then makes it leave', async () => {
  const [one, two] = [await ann(), await bob()];
  one.lose();
  await scene.clock.advance(59_000);
  expect(scene.live().state.participants.has(annId)).toBe(true);
  await scene.clock.advance(2_000);
  expect(scene.live().state.participants.has(annId)).toBe(false);
  expect(of(two, 'participant')).toEqual([{ action: 'leave', data: annId }]);
});

it('closes the old socket on a takeover; the new one may be logged in only once', async () => {
  const one = await ann();
  const ticket = await ticketOf(one);
  const again = new OwtClient(scene, portal, 'another-socket-12345');
  expect((await again.ask('relogin', ticket))[0]).toBe('ok');
  expect(one.ended).toBe('disconnect');
  expect(await again.ask('relogin', ticket)).toEqual(['error', 'Connection is in service']);
  expect(again.ended).toBeUndefined();
});

it.each<[string, (ticket: string) => unknown, string]>([
  ['a ticket that is no text', () => 17, 'Invalid ticket'],
  ['a ticket that is no JSON', () => '', 'Unexpected end of JSON input'],
  [
    'a tampered ticket',
    (ticket) => btoa(JSON.stringify({ ...(JSON.parse(atob(ticket)) as object), participantId: bobId })),
    'Invalid reconnection ticket signature',
  ],
])('answers %s and disconnects', async (_, change, text) => {
  const ticket = await ticketOf(await ann());
  const again = new OwtClient(scene, portal, 'another-socket-12345');
  expect(await again.ask('relogin', change(ticket))).toEqual(['error', text]);
  expect(again.ended).toBe('disconnect');
});

it('a relogin that cannot be done now is not refused: the client comes again with the same ticket', async () => {
  const one = await ann();
  const ticket = await ticketOf(one);
  one.lose();
  const elsewhere = scene.portal('e2');
  const away = vi.spyOn(scene.ports.directory, 'room');
  away.mockRejectedValueOnce(new SluiceError('unavailable', 'The store is away'));
  const again = new OwtClient(scene, elsewhere, 'another-socket-12345');
  const answers: unknown[] = [];
  again.send('relogin', ticket, (...answer: unknown[]) => answers.push(answer));
  await until(() => again.ended !== undefined, 'the end');
  expect({ ended: again.ended, answers }).toEqual({ ended: 'cut', answers: [] });
  const third = new OwtClient(scene, elsewhere, 'third-socket-1234567');
  expect(await third.ask('relogin', ticket)).toEqual(['ok', expect.any(String)]);
});

it('answers an expired ticket', async () => {
  const one = await ann();
  const ticket = await ticketOf(one);
  await scene.clock.advance(601_000);
  const again = new OwtClient(scene, portal, 'another-socket-12345');
  expect(await again.ask('relogin', ticket)).toEqual(['error', 'Ticket is expired']);
});

it('portal-protocol#12 drop comes before every disconnect the server forces', async () => {
  const [one, two, idle] = [await ann(), await bob(), new OwtClient(scene, portal, 'idle')];
  await scene.live().execute({ type: 'drop', participant: annId, reason: 'removed' });
  await scene.rest();
  expect([one.events.at(-1), one.ended]).toEqual(['drop', 'disconnect']);
  expect(of(two, 'participant')).toEqual([{ action: 'leave', data: annId }]);
  await scene.clock.advance(181_000);
  expect([idle.events.at(-1), idle.ended]).toEqual(['drop', 'disconnect']);
  await portal.close();
  expect([two.events.at(-1), two.ended]).toEqual(['drop', 'disconnect']);
  // Its participation ends with the portal.
  expect(scene.live().state.participants.size).toBe(0);
});

it('cuts a client that does not read, so that it comes back by itself', async () => {
  const [one, two] = [await ann(), await bob()];
  const ticket = await ticketOf(two);
  two.buffered = 100 * 1024 * 1024;
  two.confirms = false;
  await one.ask('text', { to: 'all', message: 'big' });
  expect(two.ended).toBe('cut');
  const again = new OwtClient(scene, portal, 'another-socket-12345');
  await again.ask('relogin', ticket);
  expect(of(again, 'text')).toHaveLength(1);
});

it('refuses data that no JSON could carry', async () => {
  const one = await ann();
  const data = { ...publish, attributes: { picture: new Uint8Array(3) } };
  expect(await one.ask('publish', data)).toEqual(['error', 'Invalid request']);
});

it.each(['1.0', '1.1'])(
  'serves a client of protocol %s in the words of its time, after a break too',
  async (protocol) => {
    const two = await bob();
    const media = { audio: { source: 'mic' }, video: { source: 'camera' } };
    const client = new OwtClient(scene, portal, annId);
    const [, joined] = await client.ask('login', { ...owtLogin(await scene.token('ann')), protocol });
    const [status, data] = await client.ask('publish', { media });
    const { id } = data as { id: string };
    expect([status, data]).toEqual(['ok', { id, transportId: id }]);
    await scene.rest();
    expect(of(client, 'progress')).toEqual([{ id, status: 'ready' }]);
    expect(of(client, 'session-progress')).toEqual([{ id, sessionId: id, status: 'ready' }]);
    const shown = { audio: { format: { codec: 'opus' } }, video: { status: 'active' } };
    expect(of(client, 'stream')).toMatchObject([{ id, status: 'add', data: { id, media: shown } }]);
    expect(of(two, 'stream')).toMatchObject([
      { data: { media: { tracks: [{ type: 'audio' }, { type: 'video' }] } } },
    ]);

    client.lose();
    expect(await two.ask('unsubscribe', { id: 'nothing' })).toEqual(['error', 'Subscription does NOT exist']);
    await two.ask('publish', publish);
    await scene.rest();
    const again = new OwtClient(scene, portal, 'another-socket-12345');
    const { reconnectionTicket } = joined as { reconnectionTicket: string };
    expect(await again.ask('relogin', reconnectionTicket)).toEqual(['ok', expect.any(String)]);
    await scene.rest();
    expect(of(again, 'stream').at(-1)).toMatchObject({ status: 'add', data: { media: shown } });
  },
);
