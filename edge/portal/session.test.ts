import { afterEach, beforeEach, expect, it } from 'vitest';
import { SluiceError } from '../../schemas/error.ts';
import type { GivenTicket, JoinResult, ResumeResult } from '../../schemas/signal.ts';
import { createPortalScene, micAndCamera, SignalClient, until, type PortalScene } from './scripted-portal.ts';
import type { Portal } from './portal.ts';

let scene: PortalScene;
let portal: Portal;
beforeEach(async () => {
  scene = await createPortalScene();
  portal = scene.portal('e1');
});
afterEach(() => scene.close());

const say = (message: string) => ({ do: 'text' as const, request: { to: 'all', message } });
const texts = (client: SignalClient) =>
  client.notices.flatMap((notice) => (notice.type === 'text' ? notice.message : []));
const joinResult = (client: SignalClient) => {
  const reply = client.replies[0];
  if (!reply?.ok) throw new Error('not joined');
  return reply.data as JoinResult;
};
const resume = (client: SignalClient) => {
  const { ticket, epoch } = joinResult(client);
  return { do: 'resume' as const, ticket, epoch, seq: client.seq };
};
const present = (client: SignalClient) =>
  scene.live().state.participants.has(joinResult(client).participant.id);

it('joins with everything a client needs, itself among the participants', async () => {
  const ann = await SignalClient.joined(scene, portal, 'ann');
  const bob = await SignalClient.joined(scene, portal, 'bob');
  const result = joinResult(bob);
  expect(result.participant).toEqual({
    id: expect.stringMatching(/^[\w-]{20}$/) as string,
    user: 'bob',
    role: 'presenter',
  });
  expect(result.room.participants.map(({ user }) => user)).toEqual(['ann', 'bob']);
  expect(result.keepMs).toBe(60_000);
  expect(ann.notices).toEqual([{ type: 'participant-joined', participant: result.participant }]);
  // Nothing of what the view already tells.
  expect(bob.notices).toEqual([]);
});

it('tells a newcomer in a busy room everything after its view, once', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const bob = new SignalClient(scene, portal);
  const token = await scene.token();
  bob.send({ do: 'join', token, userAgent: { sdk: { type: 'test', version: '1' } } });
  for (let count = 0; count < 40; count++) {
    ann.send(say(`m${count}`));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => bob.replies.length > 0, 'join');
  for (const message of ['after', 'last']) ann.send(say(message));
  await scene.rest();
  const heard = texts(bob);
  expect(heard.length).toBeGreaterThan(0);
  expect(heard).toEqual(texts(ann).slice(-heard.length));
  // The reply is the first thing it hears.
  expect(bob.frames[0]?.replies).toHaveLength(1);
});

it('sends the same bytes to all who get the same', async () => {
  const clients = await Promise.all(['a', 'b', 'c'].map((user) => SignalClient.joined(scene, portal, user)));
  const [ann, bob, cyd] = clients as [SignalClient, SignalClient, SignalClient];
  ann.send(say('hello'));
  await scene.rest();
  expect(texts(cyd)).toEqual(['hello']);
  expect(cyd.bytes.at(-1)).toBe(bob.bytes.at(-1));
  // The sender's reply and its own text in one frame, the reply first.
  expect(Object.keys(ann.frames.at(-1) ?? {})).toEqual(['replies', 'seq', 'notices']);
});

it('answers commands sent together with one frame of replies and notices', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const before = ann.frames.length;
  for (const message of ['a', 'b', 'c']) ann.send(say(message));
  await scene.rest();
  expect(ann.frames.length).toBe(before + 1);
  expect(ann.frames.at(-1)?.replies?.map(({ cid }) => cid)).toEqual([2, 3, 4]);
  expect(texts(ann)).toEqual(['a', 'b', 'c']);
});

it('publishes and subscribes in one round trip each', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const bob = await SignalClient.joined(scene, portal);
  const published: { id: string; transportId: string; answer: string } = await ann.data({
    do: 'publish',
    request: { media: micAndCamera },
    offer: 'offer 1',
  });
  expect(published).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    transportId: published.id,
    answer: 'answer to offer 1',
  });
  expect(ann.types).toEqual(['participant-joined', 'transport-ready', 'session-ready', 'stream-added']);
  const subscribed = await bob.data({
    do: 'subscribe',
    request: { media: { tracks: [{ type: 'video', mid: '0', from: published.id }] } },
    offer: 'offer 2',
  });
  expect(subscribed).toMatchObject({ answer: 'answer to offer 2' });
  expect(bob.types).toEqual(['stream-added', 'transport-ready', 'session-ready']);
});

it('lets an offer reach the worker with a document that holds all sessions sent before it', async () => {
  const ann = await SignalClient.joined(scene, portal);
  ann.send({ do: 'publish', request: { media: micAndCamera } });
  const first = await ann.data<{ id: string }>({ do: 'text', request: { to: 'all', message: 'x' } });
  expect(first).toBeUndefined();
  const id = (ann.replies.find(({ cid }) => cid === 2) as { data: { id: string } }).data.id;
  // In one go: a second session on the transport, and an offer that speaks of it.
  const more = { tracks: [{ type: 'video' as const, mid: '2', source: 'screen-cast' as const }] };
  ann.send({ do: 'publish', request: { media: more, transport: { type: 'webrtc', id } } });
  ann.send({ do: 'signal', transport: id, signaling: { type: 'offer', sdp: 'both' } });
  const candidate = { candidate: 'a=candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0' };
  ann.send({ do: 'signal', transport: id, signaling: { type: 'candidate', candidate } });
  await scene.rest();
  const offered = scene.media.signals.find(({ signaling }) => signaling.type === 'offer');
  const document = scene.media.documents.find(({ version }) => version >= (offered?.version ?? Infinity));
  expect(document?.transports[0]?.publications).toHaveLength(2);
  expect(scene.media.signals.map(({ signaling }) => signaling.type)).toEqual(['offer', 'candidate']);
  expect(scene.media.signals[1]?.signaling).toMatchObject({
    candidate: { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host' },
  });
});

it('takes a session back whose offer could not be answered', async () => {
  const ann = await SignalClient.joined(scene, portal);
  scene.live().signal = () => Promise.reject(new SluiceError('bad-request', 'Bad SDP'));
  const publish = { do: 'publish' as const, request: { media: micAndCamera }, offer: 'v=0' };
  expect(await ann.ask(publish)).toMatchObject({ ok: false, error: { message: 'Bad SDP' } });
  expect(scene.live().state.streams.size).toBe(0);
});

it('ignores an answer and refuses signaling and statistics of a transport that is not the client’s', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const bob = await SignalClient.joined(scene, portal);
  const { id } = await ann.data<{ id: string }>({ do: 'publish', request: { media: micAndCamera } });
  const offer = { type: 'offer' as const, sdp: 'v=0' };
  expect(await ann.ask({ do: 'signal', transport: id, signaling: { type: 'answer', sdp: 'v=0' } })).toEqual({
    cid: 3,
    ok: true,
  });
  const text = `Transport ${id} does NOT exist`;
  expect(await bob.ask({ do: 'signal', transport: id, signaling: offer })).toMatchObject({
    ok: false,
    error: { message: text },
  });
  expect(await bob.ask({ do: 'stats', transport: id })).toMatchObject({
    ok: false,
    error: { message: text },
  });
  expect(await ann.ask({ do: 'stats', transport: id })).toMatchObject({ ok: true, data: { transport: id } });
});

it('answers a leave, tells the others, and closes', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const bob = await SignalClient.joined(scene, portal);
  await ann.data({ do: 'leave' });
  expect(ann.closed).toMatchObject({ code: 1000 });
  expect(bob.types).toEqual(['participant-left']);
  expect(portal.counts).toEqual({ connections: 1, sessions: 1 });
});

it('tells a dropped client so before its connection ends', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const { id } = joinResult(ann).participant;
  await scene.live().execute({ type: 'drop', participant: id, reason: 'removed' });
  await scene.rest();
  expect(ann.types).toEqual(['dropped']);
  expect(ann.closed).toMatchObject({ code: 4403 });
  expect(portal.counts).toEqual({ connections: 0, sessions: 0 });
});

it('drops everybody when the room is closed', async () => {
  const clients = [await SignalClient.joined(scene, portal), await SignalClient.joined(scene, portal)];
  await scene.live().execute({ type: 'close', reason: 'deleted' });
  await scene.clock.advance(3000);
  expect(clients.map(({ types }) => types.at(-1))).toEqual(['dropped', 'dropped']);
  expect(portal.counts).toEqual({ connections: 0, sessions: 0 });
});

it('keeps a participant whose connection broke for a minute, then makes it leave', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const bob = await SignalClient.joined(scene, portal);
  ann.lose();
  await scene.clock.advance(59_000);
  expect(present(ann)).toBe(true);
  await scene.clock.advance(2_000);
  expect(present(ann)).toBe(false);
  expect(bob.types).toEqual(['participant-left']);
  expect(portal.counts.sessions).toBe(1);
});

it('gives a returning client exactly what it missed, after the reply', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const bob = await SignalClient.joined(scene, portal);
  ann.send(say('seen'));
  await scene.rest();
  bob.lose();
  for (const message of ['one', 'two']) ann.send(say(message));
  await scene.clock.advance(30_000);
  const again = new SignalClient(scene, portal);
  again.send(resume(bob), 7);
  ann.send(say('three'));
  await until(() => again.replies.length > 0, 'resume');
  await scene.rest();
  expect(again.frames[0]?.replies).toMatchObject([{ cid: 7, ok: true, data: { lastCid: 0 } }]);
  expect(again.notices.flatMap((notice) => (notice.type === 'text' ? notice.message : []))).toEqual([
    'one',
    'two',
    'three',
  ]);
  await scene.clock.advance(60_000);
  expect(present(bob)).toBe(true);
});

it('tells a client that came and went before anything happened nothing from before its time', async () => {
  const ann = await SignalClient.joined(scene, portal);
  await ann.data(say('before bob'));
  const bob = await SignalClient.joined(scene, portal);
  bob.lose();
  const again = new SignalClient(scene, portal);
  await again.data(resume(bob), 2);
  expect(again.notices).toEqual([]);
});

it('gives a returning client the whole room when its history is gone', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const away = resume(ann);
  ann.lose();
  const again = new SignalClient(scene, portal);
  const result = await again.data<ResumeResult>({ ...away, epoch: 'of another life' });
  expect(result.room?.participants).toHaveLength(1);
  expect(again.seq).toBe(scene.live().state.seq);
});

it('puts out whoever was told that joining failed and is in the room all the same, also when that takes a while', async () => {
  await SignalClient.joined(scene, portal);
  const live = scene.live();
  const execute = live.execute.bind(live);
  let away = true;
  live.execute = async (command, by) => {
    const isAway = away && (command.type === 'join' || command.type === 'expire');
    // The log takes it, and the answer is lost.
    if (command.type === 'join') await execute(command, by);
    if (isAway) throw new SluiceError('unavailable', 'The room cannot be reached');
    return execute(command, by);
  };
  await expect(SignalClient.joined(scene, portal, 'bob')).rejects.toThrow('Joining room failed');
  await scene.clock.advance(3_000);
  expect(live.state.participants.size).toBe(2);
  away = false;
  await scene.clock.advance(1_000);
  await until(() => live.state.participants.size === 1, 'that bob is gone');
});

it('does a command once that is sent again after a break, and answers it as before', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const publish = { do: 'publish' as const, request: { media: micAndCamera } };
  const first = await ann.data<{ id: string }>(publish, 5);
  ann.lose();
  const again = new SignalClient(scene, portal);
  const result = await again.data<ResumeResult>(resume(ann), 6);
  expect(result.lastCid).toBe(5);
  expect(await again.data(publish, 5)).toEqual(first);
  expect(scene.live().state.streams.size).toBe(1);
});

it('closes the old connection when a newer one takes over, and only that', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const again = new SignalClient(scene, portal);
  await again.data(resume(ann));
  expect(ann.closed).toMatchObject({ code: 4409 });
  ann.lose();
  await scene.clock.advance(70_000);
  expect(await again.ask(say('here'), 9)).toMatchObject({ ok: true });
});

it('lets a client come back to another edge; the first one lets go of it', async () => {
  const other = scene.portal('e2');
  const ann = await SignalClient.joined(scene, portal);
  const bob = await SignalClient.joined(scene, portal);
  ann.send(say('missed'));
  await scene.rest();
  const again = new SignalClient(scene, other);
  await again.data({ ...resume(bob), seq: joinedAt(bob) }, 3);
  await scene.rest();
  expect(bob.closed).toMatchObject({ code: 4409 });
  ann.send(say('after'));
  await scene.rest();
  expect(texts(again)).toEqual(['missed', 'after']);
  await scene.clock.advance(70_000);
  expect(present(bob)).toBe(true);
  expect(portal.counts.sessions).toBe(1);
  expect(other.counts.sessions).toBe(1);
});

const joinedAt = (client: SignalClient) => client.frames[0]?.seq ?? 0;

it('refuses to resume who has left, and tickets that are not ours', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const ticket = resume(ann);
  await ann.data({ do: 'leave' });
  const again = new SignalClient(scene, portal);
  await expect(again.data(ticket)).rejects.toThrow('Client does NOT exist');
  expect(again.closed).toMatchObject({ code: 4401 });
  const forged = new SignalClient(scene, portal);
  const changed = `${ticket.ticket.slice(0, -12)}AAAA${ticket.ticket.slice(-8)}`;
  await expect(forged.data({ ...ticket, ticket: changed })).rejects.toThrow();
});

it('brings a client back whose call is longer than a ticket is good for, by one it asked for meanwhile', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const first = resume(ann);
  const { ticketMs } = joinResult(ann);
  await scene.clock.advance(ticketMs - 1_000);
  const given = await ann.data<GivenTicket>({ do: 'ticket' });
  expect(given.ticketMs).toBe(ticketMs);
  await scene.clock.advance(ticketMs - 1_000);
  ann.lose();
  const late = new SignalClient(scene, portal);
  await expect(late.data(first)).rejects.toThrow('Ticket is expired');
  const again = new SignalClient(scene, portal);
  const result = await again.data<ResumeResult>({ ...resume(ann), ticket: given.ticket });
  expect(result).toMatchObject({ ticketMs });
  expect(result.room).toBeUndefined();
});

it('makes a client leave that was gone before its join was done', async () => {
  const ann = new SignalClient(scene, portal);
  const token = await scene.token();
  ann.send({ do: 'join', token, userAgent: { sdk: { type: 'test', version: '1' } } });
  ann.lose();
  await until(() => portal.counts.sessions === 1, 'join');
  await until(() => portal.counts.sessions === 0, 'leave');
  expect(ann.frames).toEqual([]);
  expect(scene.live().state.participants.size).toBe(0);
  expect(portal.counts).toEqual({ connections: 0, sessions: 0 });
});

it('closes a connection that did not join within three minutes', async () => {
  const idle = new SignalClient(scene, portal);
  const ann = await SignalClient.joined(scene, portal);
  await scene.clock.advance(181_000);
  expect(idle.closed).toMatchObject({ code: 4408 });
  expect(ann.closed).toBeUndefined();
});

it('bounds what one client may have in flight and ask in a second', async () => {
  const strict = scene.portal('e3', { maxPending: 3, requestsPerSecond: 2, requestBurst: 4 });
  const ann = await SignalClient.joined(scene, strict);
  for (let count = 0; count < 4; count++) ann.send(say('x'));
  await scene.rest();
  expect(ann.replies.slice(1).map(({ ok }) => ok)).toEqual([false, true, true, true]);
  expect(await ann.ask(say('x'))).toMatchObject({ ok: true });
  expect(await ann.ask(say('x'))).toMatchObject({ ok: false, error: { message: 'Too many requests' } });
  await scene.clock.advance(500);
  expect(await ann.ask(say('x'))).toMatchObject({ ok: true });
  // Leaving is always possible.
  expect(await ann.ask({ do: 'leave' })).toMatchObject({ ok: true });
});

it('ends what does not read, and lets it come back for the rest', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const bob = await SignalClient.joined(scene, portal);
  bob.buffered = 100 * 1024 * 1024;
  ann.send(say('big'));
  await scene.rest();
  expect(bob.closed).toMatchObject({ code: 4413 });
  ann.send(say('next'));
  await scene.rest();
  const again = new SignalClient(scene, portal);
  await again.data(resume(bob), 2);
  expect(texts(again)).toEqual(['next']);
});

it('stops: clients of ours may come back elsewhere, so they stay in the room', async () => {
  const ann = await SignalClient.joined(scene, portal);
  const idle = new SignalClient(scene, portal);
  await portal.close();
  expect([ann.closed?.code, idle.closed?.code]).toEqual([1001, 1001]);
  expect(present(ann)).toBe(true);
  expect(portal.counts).toEqual({ connections: 0, sessions: 0 });
});
