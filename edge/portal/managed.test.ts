// Owns what clients see of REST: rights that change, participants and rooms that end, rooms and services side by side.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ParticipantPatch } from '../../schemas/management.ts';
import { managementApp } from '../management/app.ts';
import { createClusterView } from '../management/cluster-view.ts';
import { edgeAnswers } from '../management/edge-answers.ts';
import { createMemoryAudit } from '../platform/memory/audit.ts';
import { createLog } from '../platform/node/log.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { sign } from '../tokens/signature.ts';
import type { Portal } from './portal.ts';
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
let other: Portal;
let service: string;
let superService: string;
/** Asks as the room's service, or as another. */
let rest: (
  method: string,
  path: string,
  body?: unknown,
  as?: string,
) => Promise<{ status: number; text: string }>;

beforeEach(async () => {
  scene = await createMixingScene();
  portal = scene.portal('e1');
  other = scene.portal('e2');
  const { clock, ports, tokens } = scene;
  const rooms = scene.rooms('e1');
  const log = createLog({ name: 'test', write: () => undefined });
  const answers = edgeAnswers({ rooms, config: {} });
  service = (await ports.directory.room(scene.room))?.service ?? '';
  superService = (await ports.directory.createService({ _id: '', name: 'super', key: 'k', encrypted: false }))
    ._id;
  const app = managementApp({
    audit: createMemoryAudit(),
    cluster: createClusterView({ ...ports, log, edge: 'e1', answers }),
    directory: ports.directory,
    once: ports.once,
    jobs: ports.jobs,
    rooms,
    tokens,
    iceServers: () => Promise.resolve({ iceServers: [] }),
    clock,
    random: nodeRandom,
    log,
    portalFor: () => Promise.resolve({ host: 'h:1', secure: false }),
    settings: { superService },
  });
  let nonces = 0;
  rest = async (method, path, body, as = service) => {
    const [timestamp, nonce] = [String(clock.now()), String(++nonces)];
    const signature = await sign('k', `${timestamp},${nonce}`);
    const authorization = `MAuth realm=r,mauth_signature_method=HMAC_SHA256,mauth_serviceid=${as},mauth_cnonce=${nonce},mauth_timestamp=${timestamp},mauth_signature=${signature}`;
    let reply: { status: number; text: string } | undefined;
    const asked = Promise.resolve(
      app.request(path, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    ).then(async (response) => {
      reply = { status: response.status, text: await response.text() };
    });
    await passing(() => reply !== undefined, `${method} ${path}`);
    await asked;
    await scene.rest();
    return reply ?? { status: 0, text: '' };
  };
});
afterEach(() => scene.close());

async function passing(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not seen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    await scene.clock.advance(10);
  }
}

const annId = 'Ann_-567890123456789';
const bobId = 'Bob_-567890123456789';
const ann = () => OwtClient.joined(scene, portal, annId);
const bob = () => OwtClient.joined(scene, other, bobId);
const patch = (id: string, body: ParticipantPatch) =>
  rest('PATCH', `/v1/rooms/${scene.room}/participants/${id}`, body);
const publish = (client: OwtClient, tracks: readonly object[]) =>
  client.ask('publish', { media: { tracks }, transport: { type: 'webrtc' } });
const subscribe = (client: OwtClient, tracks: readonly object[]) =>
  client.ask('subscribe', { media: { tracks }, transport: { type: 'webrtc' } });
const [mic, camera] = [
  { type: 'audio', mid: '0', source: 'mic' },
  { type: 'video', mid: '1', source: 'camera' },
];
const of = (client: OwtClient, event: string) =>
  client.emitted.filter((each) => each.event === event).map(({ data }) => data);

describe('rights that REST changes in the middle of a call', () => {
  it.each<['publish' | 'subscribe', 'audio' | 'video']>([
    ['publish', 'audio'],
    ['publish', 'video'],
    ['subscribe', 'audio'],
    ['subscribe', 'video'],
  ])(
    'rest-api#22 room-model#15 without %s %s later requests are refused, running sessions go on',
    async (what, kind) => {
      const [one, two] = [await ann(), await bob()];
      const [, running] = await publish(one, [mic, camera]);
      const { id } = running as { id: string };
      const from = [
        { type: 'audio', mid: '0', from: id },
        { type: 'video', mid: '1', from: id },
      ];
      const [, watching] = await subscribe(one, [
        { ...from[0], from: `${scene.room}-common` },
        { ...from[1], from: `${scene.room}-common` },
      ]);
      const heard = [one.emitted.length, two.emitted.length];
      expect(
        (await patch(annId, [{ op: 'replace', path: `/permission/${what}/${kind}`, value: false }])).status,
      ).toBe(200);
      expect([one.emitted.length, two.emitted.length]).toEqual(heard);

      const ask = (kinds: readonly string[]) =>
        what === 'publish'
          ? publish(
              one,
              [mic, camera].filter(({ type }) => kinds.includes(type)),
            )
          : subscribe(
              one,
              from.filter(({ type }) => kinds.includes(type)),
            );
      const free = kind === 'audio' ? 'video' : 'audio';
      expect(await ask([kind])).toEqual(['error', 'unauthorized']);
      expect(await ask(['audio', 'video'])).toEqual(['error', 'unauthorized']);
      expect((await ask([free]))[0]).toBe('ok');
      const { streams, subscriptions } = scene.live().state;
      expect(streams.get(id)?.phase).toBe('ready');
      expect(subscriptions.has((watching as { id: string }).id)).toBe(true);
      expect(of(one, 'progress').filter((each) => (each as { status: string }).status === 'error')).toEqual(
        [],
      );

      await patch(annId, [
        { op: 'replace', path: `/permission/${what}`, value: { audio: true, video: true } },
      ]);
      expect((await ask(['audio', 'video']))[0]).toBe('ok');
    },
  );
});

describe('portal-protocol#12 what ends by force', () => {
  it('rest-api#29 a dropped participant hears drop last of all and is disconnected; others hear leave, then remove', async () => {
    const [one, two] = [await ann(), await bob()];
    const [, data] = await publish(one, [mic, camera]);
    const { id } = data as { id: string };
    await subscribe(two, [{ type: 'video', mid: '0', from: id }]);
    two.emitted.length = 0;
    const reply = await rest('DELETE', `/v1/rooms/${scene.room}/participants/${annId}`);
    expect(reply).toEqual({ status: 200, text: '' });
    expect([one.emitted.at(-1), one.ended]).toEqual([{ event: 'drop', data: undefined }, 'disconnect']);
    expect(one.events.filter((event) => event === 'drop')).toHaveLength(1);
    expect(
      two.emitted.map(({ event, data: told }) => [
        event,
        (told as { action?: string; status?: string }).action ?? (told as { status: string }).status,
      ]),
    ).toEqual([
      ['participant', 'leave'],
      ['progress', 'error'],
      ['stream', 'remove'],
    ]);
    expect((await rest('GET', `/v1/rooms/${scene.room}/participants`)).text).not.toContain(annId);
    expect(portal.counts).toEqual({ connections: 0, sessions: 0 });
  });

  it.each(['room', 'service'] as const)(
    'everybody in a deleted %s, on any edge and in either protocol, hears of its sessions and then drop, and nothing after',
    async (what) => {
      const [one, two] = [await ann(), await bob()];
      const three = await SignalClient.joined(scene, other, 'cyd');
      const [, data] = await publish(one, [mic, camera]);
      const { id } = data as { id: string };
      await subscribe(two, [{ type: 'video', mid: '0', from: id }]);
      const before = two.emitted.length;
      const path = what === 'room' ? `/v1/rooms/${scene.room}` : `/services/${service}`;
      const as = what === 'room' ? service : superService;
      expect((await rest('DELETE', path, undefined, as)).status).toBe(200);
      await passing(() => portal.counts.sessions + other.counts.sessions === 0, 'all sessions end');
      expect(two.emitted.slice(before)).toEqual([
        {
          event: 'progress',
          data: expect.objectContaining({ status: 'error', data: 'Room destruction' }) as unknown,
        },
        { event: 'drop', data: undefined },
      ]);
      expect([one.events.at(-1), one.ended, two.ended]).toEqual(['drop', 'disconnect', 'disconnect']);
      expect([three.types.at(-1), three.closed?.code]).toEqual(['dropped', 4403]);
    },
  );

  it('a portal that stops: drop, then the end, and the participants leave', async () => {
    const [one, two] = [await ann(), await bob()];
    const idle = new OwtClient(scene, portal, 'idle'.padEnd(20, '-'));
    await portal.close();
    await scene.rest();
    for (const client of [one, idle])
      expect([client.events, client.ended]).toEqual([
        ['participant', 'drop'].slice(client === idle ? 1 : 0),
        'disconnect',
      ]);
    expect(of(two, 'participant')).toEqual([{ action: 'leave', data: annId }]);
  });
});

describe('a room that is deleted in the middle of', () => {
  it.each(['login', 'publish', 'subscribe', 'relogin', 'text'])(
    '%s answers once and keeps nothing',
    async (what) => {
      const [one, two] = [await ann(), await bob()];
      const [, data] = await publish(one, [mic, camera]);
      const [, ticket] = await two.ask('refreshReconnectionTicket');
      const newcomer = new OwtClient(scene, portal, 'Cyd_-567890123456789');
      const token = await scene.token();
      if (what === 'relogin') two.lose();
      const acks: unknown[][] = [];
      const ack = (...args: unknown[]) => acks.push(args);
      const closing = scene.live().execute({ type: 'close', reason: 'Room destruction' });
      await scene.ports.directory.removeRoom(service, scene.room);
      switch (what) {
        case 'login':
          newcomer.send('login', owtLogin(token), ack);
          break;
        case 'relogin':
          newcomer.send('relogin', ticket, ack);
          break;
        case 'publish':
          two.send('publish', { media: micAndCamera }, ack);
          break;
        case 'subscribe':
          two.send(
            'subscribe',
            { media: { tracks: [{ type: 'video', mid: '0', from: (data as { id: string }).id }] } },
            ack,
          );
          break;
        default:
          two.send('text', { to: 'all', message: 'x' }, ack);
      }
      await closing;
      await passing(() => acks.length > 0, `an answer to ${what}`);
      await scene.clock.advance(portal.settings.answerMs + 5_000);
      expect(acks).toHaveLength(1);
      expect(acks[0]?.[0]).toBe('error');
      expect([portal.counts.sessions, other.counts.sessions]).toEqual([0, 0]);
    },
  );
});

it('room-model#29 who comes as a room closes begins its next life, in which nothing of the last one is', async () => {
  const one = await ann();
  await publish(one, [mic, camera]);
  const next = new OwtClient(scene, other, bobId);
  const acks: unknown[][] = [];
  void scene.live().execute({ type: 'close', reason: 'over' });
  next.send('login', owtLogin(await scene.token('bob')), (...args: unknown[]) => acks.push(args));
  await passing(() => acks.length > 0, 'an acknowledgement');
  const [[status, data] = []] = acks;
  expect(status).toBe('ok');
  const { room } = data as { room: { participants: unknown[]; streams: { type: string }[] } };
  expect(room.participants).toHaveLength(1);
  expect(room.streams.every(({ type }) => type === 'mixed')).toBe(true);
  expect(one.ended).toBe('disconnect');
});

it('roles that change in the document are those of the next session; the running one keeps its own', async () => {
  await ann();
  const { ports } = scene;
  const found = await ports.directory.room(scene.room);
  if (found === undefined) throw new Error('no room');
  const allowed = { audio: true, video: true };
  const roles = [{ role: 'guest', publish: allowed, subscribe: allowed }];
  await ports.directory.updateRoom(service, { ...found.room, roles });
  const login = async (role: string) => {
    const client = new OwtClient(scene, portal, `${role}${scene.clock.now()}`.padEnd(20, '-').slice(-20));
    return client.ask('login', owtLogin(await scene.token('x', role)));
  };
  expect(await login('guest')).toEqual(['error', 'Invalid role']);
  expect((await login('viewer'))[0]).toBe('ok');
  await scene.live().execute({ type: 'close', reason: 'over' });
  await scene.clock.advance(5_000);
  expect(await login('viewer')).toEqual(['error', 'Invalid role']);
  expect((await login('guest'))[0]).toBe('ok');
});

it('room-model#14 who is away still has a place in a full room; who leaves gives it up', async () => {
  const found = await scene.ports.directory.room(scene.room);
  if (found === undefined) throw new Error('no room');
  await scene.ports.directory.updateRoom(service, { ...found.room, participantLimit: 2 });
  const [one] = [await ann(), await bob()];
  one.lose();
  const third = () => OwtClient.joined(scene, portal, 'Cyd_-567890123456789');
  await expect(third()).rejects.toThrow('Room is full');
  await scene.clock.advance(61_000);
  await third();
  await expect(OwtClient.joined(scene, portal, 'Dan_-567890123456789')).rejects.toThrow('Room is full');
});

it('services do not meet: same names, same labels, other rooms', async () => {
  const { directory } = scene.ports;
  const found = await directory.room(scene.room);
  if (found === undefined) throw new Error('no room');
  const theirs = await directory.createService({ _id: '', name: 'theirs', key: 'x', encrypted: false });
  const room = await directory.createRoom(theirs._id, { ...found.room, _id: '' });
  const one = await ann();
  const twin = new OwtClient(scene, portal, bobId);
  const token = await scene.tokens.issue({
    user: annId,
    role: 'presenter',
    room: room._id,
    service: theirs._id,
    origin: { isp: '', region: '' },
  });
  const [, joined] = await twin.ask('login', owtLogin(token));
  const { room: view } = joined as {
    room: { participants: unknown[]; views: unknown[]; streams: { id: string }[] };
  };
  expect([view.participants, view.views]).toEqual([
    [{ id: bobId, user: annId, role: 'presenter' }],
    ['common', 'sound'],
  ]);
  expect(view.streams.map(({ id }) => id)).toEqual([`${room._id}-common`, `${room._id}-sound`]);
  const [, data] = await publish(one, [mic, camera]);
  const { id } = data as { id: string };
  await twin.ask('text', { to: 'all', message: 'only here' });
  expect(one.events).not.toContain('text');
  expect(twin.events).toEqual(['text']);
  for (const [event, request, text] of [
    ['text', { to: annId, message: 'x' }, `Target participant does NOT exist: ${annId}`],
    [
      'subscribe',
      { media: { tracks: [{ type: 'video', mid: '0', from: id }] } },
      'Target video stream does NOT satisfy:Requested video stream',
    ],
    [
      'subscribe',
      { media: { tracks: [{ type: 'video', mid: '0', from: `${scene.room}-common` }] } },
      'Target video stream does NOT satisfy:Requested video stream',
    ],
    ['unpublish', { id }, 'Stream does NOT exist'],
    ['stream-control', { id, operation: 'pause', data: 'av' }, 'Stream does NOT exist'],
    ['soac', { id, signaling: { type: 'offer', sdp: 'v=0' } }, `Transport ${id} does NOT exist`],
  ] as const) {
    expect(await twin.ask(event, request)).toEqual(['error', text]);
  }
});

it('room-model#27 a room that notifies of nothing: nobody hears of others, everybody of its own sessions', async () => {
  const found = await scene.ports.directory.room(scene.room);
  if (found === undefined) throw new Error('no room');
  const notifying = { participantActivities: false, streamChange: false };
  await scene.ports.directory.updateRoom(service, { ...found.room, notifying });
  const [one, two] = [await ann(), await bob()];
  const [, data] = await publish(one, [mic, camera]);
  const { id } = data as { id: string };
  await one.ask('soac', { id, signaling: { type: 'offer', sdp: 'v=0' } });
  await one.ask('stream-control', { id, operation: 'mix', data: 'common' });
  await one.ask('stream-control', { id, operation: 'pause', data: 'av' });
  const [, watching] = await subscribe(two, [{ type: 'audio', mid: '0', from: id }]);
  await two.ask('text', { to: 'all', message: 'hi' });
  await one.ask('logout');
  await until(() => two.events.includes('progress'), 'progress');
  expect([...new Set(one.events)].sort()).toEqual(['progress', 'text']);
  expect([...new Set(two.events)].sort()).toEqual(['progress', 'text']);
  const session = (watching as { id: string }).id;
  expect(of(two, 'progress').at(-1)).toEqual({
    id: session,
    sessionId: session,
    status: 'error',
    data: 'Source stream loss',
  });
});
