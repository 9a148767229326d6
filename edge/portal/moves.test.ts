import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelAt } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import { handOverChannel } from '../../schemas/hand-over.ts';
import type { ResumeResult } from '../../schemas/signal.ts';
import { createHomes } from '../cluster/homes.ts';
import {
  createPortalScene,
  micAndCamera,
  OwtClient,
  owtLogin,
  SignalClient,
  until,
  type PortalScene,
} from './scripted-portal.ts';
import type { Portal } from './portal.ts';

let scene: PortalScene;
let here: Portal;
let there: Portal;
beforeEach(async () => {
  scene = await createPortalScene();
  here = scene.portal('e1');
  there = scene.portal('e2');
});
afterEach(() => scene.close());

const annId = 'Ann_-567890123456789';
const bobId = 'Bob_-567890123456789';
const newSocket = (portal: Portal) => new OwtClient(scene, portal, `socket-${++sockets}`.padEnd(20, '0'));
let sockets = 0;

async function ann(over: object = {}): Promise<{ client: OwtClient; ticket: string }> {
  const client = new OwtClient(scene, here, annId);
  const [status, data] = await client.ask('login', { ...owtLogin(await scene.token('ann')), ...over });
  if (status !== 'ok') throw new Error(String(data));
  return { client, ticket: (data as { reconnectionTicket: string }).reconnectionTicket };
}
const bob = () => OwtClient.joined(scene, there, bobId);
const of = (client: OwtClient, event: string) =>
  client.emitted.filter((each) => each.event === event).map(({ data }) => data);
const texts = (client: OwtClient) => of(client, 'text').map((data) => (data as { message: string }).message);
const say = (from: OwtClient, message: string) => from.ask('text', { to: annId, message });
const present = () => scene.live('e2').state.participants.has(annId);

/** A relogin whose answer may need time to pass. */
async function relogin(client: OwtClient, ticket: string): Promise<unknown[]> {
  const acks: unknown[][] = [];
  client.send('relogin', ticket, (...args: unknown[]) => acks.push(args));
  const deadline = performance.now() + 5_000;
  while (acks.length === 0 && performance.now() < deadline) {
    // Signatures are made by other threads, in real time; what waits for another edge waits by the clock.
    await new Promise((resolve) => setTimeout(resolve, 1));
    await scene.clock.advance(50);
  }
  await scene.rest();
  expect(acks).toHaveLength(1);
  return acks[0] ?? [];
}

it('portal-protocol#11 relogin on another edge: each message that was missed or not confirmed comes once, in order', async () => {
  const { client, ticket } = await ann();
  const friend = await bob();
  await say(friend, 'heard');
  client.confirms = false;
  await say(friend, 'swallowed by the network');
  client.lose();
  await say(friend, 'while away');
  const again = newSocket(there);
  const acked = relogin(again, ticket);
  await say(friend, 'while it moves');
  expect(await acked).toEqual(['ok', expect.any(String)]);
  await say(friend, 'after');
  expect(texts(again)).toEqual(['swallowed by the network', 'while away', 'while it moves', 'after']);
  expect(of(friend, 'participant')).toEqual([]);
  expect([here.counts.sessions, there.counts.sessions]).toEqual([0, 2]);
});

it('portal-protocol#13 grace moves along: a moved participant stays while it is connected, and leaves once after it is not', async () => {
  const { client, ticket } = await ann();
  const friend = await bob();
  client.lose();
  await scene.clock.advance(50_000);
  const again = newSocket(there);
  await relogin(again, ticket);
  await scene.clock.advance(70_000);
  expect(present()).toBe(true);
  again.lose();
  await scene.clock.advance(59_000);
  expect(present()).toBe(true);
  await scene.clock.advance(2_000);
  expect(present()).toBe(false);
  expect(of(friend, 'participant')).toEqual([{ action: 'leave', data: annId }]);
});

it('portal-protocol#13 the keepTime of a login goes with the participant', async () => {
  const { client, ticket } = await ann({ reconnection: { keepTime: 5 } });
  await bob();
  client.lose();
  const again = newSocket(there);
  await relogin(again, ticket);
  again.lose();
  await scene.clock.advance(4_000);
  expect(present()).toBe(true);
  await scene.clock.advance(2_000);
  expect(present()).toBe(false);
});

it('the ticket of the new edge is good at the old one, and the protocol version is kept', async () => {
  const { client, ticket } = await ann({ protocol: '1.1' });
  const friend = await bob();
  client.lose();
  const second = newSocket(there);
  const [, next] = await relogin(second, ticket);
  const published = await second.ask('publish', { media: { audio: { source: 'mic' }, video: false } });
  expect(published[0]).toBe('ok');
  expect(second.events).toContain('session-progress');
  second.lose();
  const third = newSocket(here);
  expect((await relogin(third, String(next)))[0]).toBe('ok');
  await say(friend, 'back home');
  expect(texts(third)).toEqual(['back home']);
  expect(third.emitted.filter(({ event }) => event === 'stream')).toEqual([]);
});

it('two moves in a row, the second before the first has told anything, lose and repeat nothing', async () => {
  const third = scene.portal('e3');
  const { client, ticket } = await ann();
  const friend = await bob();
  client.confirms = false;
  await say(friend, 'one');
  client.lose();
  const passing = newSocket(there);
  passing.confirms = false;
  passing.send('relogin', ticket);
  await scene.rest();
  passing.lose();
  await say(friend, 'two');
  const again = newSocket(third);
  expect((await relogin(again, ticket))[0]).toBe('ok');
  await say(friend, 'three');
  expect(texts(again)).toEqual(['one', 'two', 'three']);
  expect([here.counts.sessions, there.counts.sessions, third.counts.sessions]).toEqual([0, 1, 1]);
});

it('a move that ends before it is acknowledged leaves the participant to the new edge, which lets it go in time', async () => {
  const { client, ticket } = await ann();
  const friend = await bob();
  client.lose();
  const passing = newSocket(there);
  passing.send('relogin', ticket);
  await until(() => scene.live('e2').state.participants.get(annId)?.edge === 'e2', 'the move');
  passing.lose();
  await scene.clock.advance(62_000);
  expect(present()).toBe(false);
  expect(of(friend, 'participant')).toEqual([{ action: 'leave', data: annId }]);
  expect([here.counts, there.counts]).toEqual([
    { connections: 0, sessions: 0 },
    { connections: 1, sessions: 1 },
  ]);
});

it('the old socket, still open, gets nothing after the move, and may confirm what it got before', async () => {
  const { client, ticket } = await ann();
  const friend = await bob();
  await say(friend, 'on the old one');
  friend.send('text', { to: annId, message: 'just before' });
  const again = newSocket(there);
  expect((await relogin(again, ticket))[0]).toBe('ok');
  await say(friend, 'after');
  expect([client.events.at(-1), client.ended]).toEqual(['drop', 'disconnect']);
  expect([...texts(client), ...texts(again)]).toEqual(['on the old one', 'just before', 'after']);
});

it('an answer the client may not have had is told at the new edge, under the transport it belongs to', async () => {
  const { client, ticket } = await ann();
  await bob();
  const [, data] = await client.ask('publish', { media: micAndCamera, transport: { type: 'webrtc' } });
  const { id } = data as { id: string };
  client.confirms = false;
  client.send('soac', { id, signaling: { type: 'offer', sdp: 'first' } });
  await scene.rest();
  client.send('soac', { id, signaling: { type: 'offer', sdp: 'second' } });
  client.lose();
  const again = newSocket(there);
  await relogin(again, ticket);
  const answers = (of(again, 'progress') as { status: string }[]).filter(({ status }) => status === 'soac');
  expect(answers).toEqual([{ id, status: 'soac', data: { type: 'answer', sdp: 'answer to second' } }]);
});

it('requests of before and after a move do not meet: each is done', async () => {
  const { client, ticket } = await ann();
  const friend = await bob();
  for (let count = 0; count < 5; count++) client.send('text', { to: 'all', message: `old ${count}` });
  client.lose();
  const again = newSocket(there);
  const moved = relogin(again, ticket);
  again.send('text', { to: 'all', message: 'new' });
  await moved;
  await scene.rest();
  expect(texts(friend)).toEqual(['old 0', 'old 1', 'old 2', 'old 3', 'old 4', 'new']);
});

it('a request that the old edge does late takes no request of the new edge’s place', async () => {
  const { client, ticket } = await ann();
  const friend = await bob();
  const live = scene.live('e1');
  const execute = live.execute.bind(live);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  live.execute = async (command, by) => {
    if (command.type === 'text') await held;
    return execute(command, by);
  };
  client.send('text', { to: 'all', message: 'old' });
  client.lose();
  const again = newSocket(there);
  await relogin(again, ticket);
  release();
  await scene.rest();
  await again.ask('text', { to: 'all', message: 'new' });
  expect(texts(friend)).toEqual(['old', 'new']);
});

it('an edge that died says nothing: what came in the last minute is told', async () => {
  const { client, ticket } = await ann();
  const friend = await bob();
  await say(friend, 'long ago');
  await scene.clock.advance(120_000);
  await say(friend, 'before it died');
  scene.ports.bus.serve(handOverChannel('e1'), () => new Promise(() => undefined));
  client.lose();
  await say(friend, 'after it died');
  const again = newSocket(there);
  expect((await relogin(again, ticket))[0]).toBe('ok');
  await say(friend, 'later');
  expect(texts(again)).toEqual(['before it died', 'after it died', 'later']);
  again.lose();
  await scene.clock.advance(61_000);
  expect(present()).toBe(false);
});

it('an edge that died leaves the protocol and the grace of its clients in their tickets', async () => {
  const { client } = await ann({ protocol: '1.0', reconnection: { keepTime: 5 } });
  const [, ticket] = await client.ask('refreshReconnectionTicket');
  await bob();
  scene.ports.bus.serve(handOverChannel('e1'), () => new Promise(() => undefined));
  client.lose();
  const again = newSocket(there);
  expect((await relogin(again, String(ticket)))[0]).toBe('ok');
  const published = await again.ask('publish', { media: { audio: { source: 'mic' }, video: false } });
  expect(published[0]).toBe('ok');
  expect(again.events).toContain('session-progress');
  again.lose();
  await scene.clock.advance(6_000);
  expect(present()).toBe(false);
});

it('who left, was dropped or logged out does not come back anywhere', async () => {
  const { client, ticket } = await ann();
  await bob();
  await client.ask('logout');
  const again = newSocket(there);
  expect(await relogin(again, ticket)).toEqual(['error', 'Client does NOT exist']);
  expect(again.ended).toBe('disconnect');
});

it('a relogin that finds too little left ends the participation: it is refused, and nobody stays behind', async () => {
  const { client, ticket } = await ann();
  const friend = await bob();
  client.lose();
  const since = scene.live('e1').since.bind(scene.live('e1'));
  scene.live('e1').since = () => undefined;
  const again = newSocket(there);
  expect(await relogin(again, ticket)).toEqual(['error', 'Client does NOT exist']);
  scene.live('e1').since = since;
  await scene.clock.advance(1_000);
  expect(present()).toBe(false);
  expect(of(friend, 'participant')).toEqual([{ action: 'leave', data: annId }]);
});

it('what a client is owed is asked for in the home of its room', async () => {
  const { ports, room } = scene;
  const found = await ports.directory.room(room);
  ports.directory.room = () => Promise.resolve(found && { ...found, home: 'west' });
  Object.assign(ports, { homes: createHomes(ports, new Map([['west', ports]])) });
  const [first, second] = [scene.portal('e3'), scene.portal('e4')];
  let asked = 0;
  ports.bus.serve(channelAt('west', handOverChannel('e3')), (request) => {
    asked += 1;
    return ports.bus.request(handOverChannel('e3'), request, 1000);
  });
  const client = new OwtClient(scene, first, annId);
  const [, data] = await client.ask('login', owtLogin(await scene.token('ann')));
  client.lose();
  const again = newSocket(second);
  const { reconnectionTicket } = data as { reconnectionTicket: string };
  expect((await relogin(again, reconnectionTicket))[0]).toBe('ok');
  expect(asked).toBe(1);
});

it('a portal that stops does not end a participant that has just moved away', async () => {
  const { client, ticket } = await ann();
  await bob();
  client.lose();
  const again = newSocket(there);
  again.send('relogin', ticket);
  await until(() => scene.live('e2').state.participants.get(annId)?.edge === 'e2', 'the move');
  await here.close();
  await scene.clock.advance(3_000);
  expect(present()).toBe(true);
});

describe('clients that count', () => {
  const speak = (message: string) => ({ do: 'text' as const, request: { to: 'all', message } });
  const said = (client: SignalClient) =>
    client.notices.flatMap((notice) => (notice.type === 'text' ? notice.message : []));

  it('get from the old edge what the new one’s history does not reach back to', async () => {
    const fresh = scene.portal('e3');
    // Snapshots make the history of an edge that opens the room late begin late.
    const often = scene.portal('e4', {}, { snapshotEvery: 5, keepEntries: 0 });
    const talker = await SignalClient.joined(scene, often, 'talker');
    const mover = await SignalClient.joined(scene, here, 'mover');
    const [reply] = mover.replies;
    const { ticket, epoch } = (reply?.ok ? reply.data : {}) as { ticket: string; epoch: string };
    const seq = mover.seq;
    mover.lose();
    const expected = Array.from({ length: 40 }, (_, index) => `m${index}`);
    for (const message of expected) await talker.data(speak(message));
    const again = new SignalClient(scene, fresh);
    const result = await again.data<ResumeResult>({ do: 'resume', ticket, epoch, seq }, 2);
    expect(result.room).toBeUndefined();
    await talker.data(speak('after'));
    expect(said(again)).toEqual([...expected, 'after']);
    // Not having heard that, it asks again, elsewhere.
    again.lose();
    const third = new SignalClient(scene, there);
    await third.data<ResumeResult>({ do: 'resume', ticket, epoch, seq }, 3);
    expect(said(third)).toEqual([...expected, 'after']);
  });

  it('are asked to come again where the room cannot be reached for now, and are let in then', async () => {
    const mover = await SignalClient.joined(scene, here, 'mover');
    const [reply] = mover.replies;
    const { ticket, epoch } = (reply?.ok ? reply.data : {}) as { ticket: string; epoch: string };
    const { seq } = mover;
    mover.lose();
    const { open } = scene.ports.log;
    scene.ports.log.open = () => Promise.reject(new SluiceError('unavailable', 'The store is away'));
    const early = new SignalClient(scene, there);
    expect(await early.ask({ do: 'resume', ticket, epoch, seq }, 2)).toMatchObject({
      ok: false,
      error: { code: 'unavailable' },
    });
    scene.ports.log.open = open;
    const again = new SignalClient(scene, there);
    const result = await again.data<ResumeResult>({ do: 'resume', ticket, epoch, seq }, 3);
    expect(result.room).toBeUndefined();
  });
});
