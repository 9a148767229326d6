// Owns the proof that a running server mixes for clients without a browser: REST, both client protocols and the real
// mixing worker together. Its media are no pictures; what is seen of a view is mixing.e2e.ts.
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../schemas/notice.ts';
import type { MixerStats } from '../../schemas/worker.ts';
import { inTime, receive, send, type Sending } from '../support/call.ts';
import { MixedRoom, region } from '../support/mixed-room.ts';
import { startSluice, type RunningSluice } from '../support/server.ts';
import { sampleToken, SignalClient } from '../support/signal-client.ts';

interface IoSocket {
  on(event: string, listener: (data: unknown) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  disconnect(): unknown;
}
const io = createRequire(import.meta.url)('socket.io-client') as (url: string, options: object) => IoSocket;

let server: RunningSluice;
let room: MixedRoom;
const closing: (() => void)[] = [];

beforeAll(async () => {
  server = await startSluice();
});
afterAll(() => server.stop());
beforeEach(async () => {
  room = await MixedRoom.create(server.url, { views: [{}, { label: 'sound', video: false }] });
});
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

async function enter(user: string): Promise<SignalClient> {
  const client = await SignalClient.join(server.url, await sampleToken(server.url, user, room.id));
  closing.push(() => client.break());
  return client;
}

async function publish(client: SignalClient): Promise<Sending> {
  const sending = await send(client);
  closing.push(() => sending.close());
  return sending;
}

const streams = () => `${server.url}/rooms/${room.id}/streams`;

async function patch(stream: string, operations: unknown): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${streams()}/${stream}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(operations),
  });
  return { status: response.status, json: await response.json() };
}

async function get<T>(address: string): Promise<T> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Asks again until `holds`; rejects with what it saw last. */
async function mixers(holds: (stats: readonly MixerStats[]) => boolean): Promise<readonly MixerStats[]> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const stats = await get<readonly MixerStats[]>(`${server.url}/rooms/${room.id}/mixers`);
    if (holds(stats)) return stats;
    if (performance.now() > deadline) throw new Error(`mixers: ${JSON.stringify(stats)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const layoutOf = (notice: Notice, stream: string) =>
  notice.type === 'stream-updated' && notice.stream === stream && notice.update.field === 'video.layout'
    ? notice.update.value
    : undefined;

describe('REST and clients in one room', () => {
  it('rest-api#24 a view takes a stream once, everybody is told, and another view is refused', async () => {
    const [ann, bob] = [await enter('ann'), await enter('bob')];
    const { session } = await publish(ann);
    expect(await get<object[]>(streams())).toMatchObject([
      { id: room.mixed(), type: 'mixed', info: { layout: [] } },
      { id: room.mixed('sound'), type: 'mixed' },
      { id: session.id, type: 'forward', info: { inViews: [] } },
    ]);
    const add = (view: string) => [{ op: 'add', path: '/info/inViews', value: view }];
    for (let times = 0; times < 2; times++)
      expect(await patch(session.id, add('common'))).toMatchObject({
        status: 200,
        json: { info: { inViews: ['common'] } },
      });
    await bob.notice((notice) => layoutOf(notice, room.mixed())?.[0]?.stream === session.id);
    expect(await patch(session.id, add('nowhere'))).toMatchObject({
      status: 500,
      json: { error: { code: 1301, message: 'Invalid view' } },
    });
  });

  it('rest-api#25 a broken layout changes nothing, a whole one is told to everybody', async () => {
    const ann = await enter('ann');
    const { session } = await publish(ann);
    await room.mix(session.id);
    const before = await room.layout();
    const half = (id: string) => region(id, '0/1', '0/1', '1/2');
    const broken = [
      [{ region: half('1') }, { stream: session.id, region: half('2') }],
      [{ region: half('1') }, { region: half('1') }],
      [{ region: region('1', '0.5', '0/1', '1/2') }],
      [{ stream: 'nobody', region: half('1') }],
    ];
    for (const value of broken) {
      const { status } = await patch(room.mixed(), [{ op: 'replace', path: '/info/layout', value }]);
      expect([400, 500]).toContain(status);
    }
    expect(await room.layout()).toEqual(before);
    await room.setLayout([{ region: half('left') }, { region: half('right') }]);
    await ann.notice((notice) => layoutOf(notice, room.mixed())?.[0]?.region.id === 'left');
    expect(await room.layout()).toMatchObject([
      { stream: session.id, region: { id: 'left' } },
      { region: { id: 'right' } },
    ]);
  });

  it('a stream is mixed, placed and found by its owner', async () => {
    const [ann, bob] = [await enter('ann'), await enter('bob')];
    const [first, second] = [(await publish(ann)).session.id, (await publish(bob)).session.id];
    const control = (client: SignalClient, id: string, operation: string, data: unknown) =>
      client.ask({ do: 'stream-control', request: { id, operation, data } });
    await control(ann, first, 'mix', 'common');
    await control(bob, second, 'mix', 'common');
    expect(await control(ann, first, 'get-region', 'common')).toEqual({ region: '1' });
    await control(ann, first, 'set-region', { view: 'common', region: '2' });
    expect(await control(bob, second, 'get-region', 'common')).toEqual({ region: '1' });
    await expect(control(bob, first, 'unmix', 'common')).rejects.toThrow('unauthorized');
    await control(ann, first, 'unmix', 'common');
    await expect(control(ann, first, 'get-region', 'common')).rejects.toThrow('Invalid input stream_id.');
  });
});

describe('the mixed stream', () => {
  it('room-model#23 flows in the size and rate asked for, and in others later, as the mixers tell', async () => {
    const [ann, bob] = [await enter('ann'), await enter('bob')];
    const { session } = await publish(ann);
    await room.mix(session.id);
    const watching = await receive(bob, room.mixed());
    closing.push(() => watching.close());
    await inTime(watching.firstPacket);
    const width = (stats: readonly MixerStats[]) =>
      stats.flatMap((each) => (each.kind === 'video' ? each.outputs.map((output) => output.width) : []));
    const frames = (stats: readonly MixerStats[]) =>
      stats.flatMap((each) => (each.kind === 'video' ? each.outputs.map((output) => output.frames) : []));
    const full = await mixers(
      (stats) => width(stats).includes(640) && frames(stats).some((made) => made > 48),
    );
    expect(watching.receiver.packets).toBeGreaterThan(24);
    expect(full).toContainEqual(
      expect.objectContaining({
        kind: 'video',
        id: expect.stringContaining(room.mixed()) as unknown,
        inputs: [expect.objectContaining({ id: expect.stringContaining(session.id) as unknown })],
      }),
    );
    expect(await bob.ask({ do: 'mixer-stats' })).toMatchObject(full.map(({ kind, id }) => ({ kind, id })));

    const update = (parameters: object) =>
      bob.ask({
        do: 'subscription-control',
        request: { id: watching.session.id, operation: 'update', data: { video: { parameters } } },
      });
    await expect(update({ resolution: { width: 321, height: 240 } })).rejects.toThrow(
      'Resolution is not acceptable',
    );
    await update({ resolution: { width: 320, height: 240 }, framerate: 12, bitrate: 'x0.8' });
    // The encoder that nobody watches any more is gone.
    await mixers((stats) => width(stats).join() === '320');
  });
});

it('an OWT client is acknowledged whatever it asks of a view', async () => {
  const socket = io(server.url, { forceNew: true });
  closing.push(() => socket.disconnect());
  const ask = (event: string, data: unknown): Promise<unknown[]> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${event} was not acknowledged`)), 10_000);
      socket.emit(event, data, (...args: unknown[]) => {
        clearTimeout(late);
        resolve(args);
      });
    });
  const [status, data] = await ask('login', {
    token: await sampleToken(server.url, 'owt', room.id),
    userAgent: { sdk: { type: 'JavaScript', version: '5.1' } },
    protocol: '1.2',
  });
  expect([status, data]).toMatchObject(['ok', { room: { views: ['common', 'sound'] } }]);
  const { streams: listed } = (data as { room: { streams: { id: string; type: string }[] } }).room;
  expect(listed.map(({ id, type }) => `${type} ${id}`)).toEqual([
    `mixed ${room.mixed()}`,
    `mixed ${room.mixed('sound')}`,
  ]);
  const ann = await enter('ann');
  const { session } = await publish(ann);
  const control = (id: string, operation: string, what: unknown) =>
    ask('stream-control', { id, operation, data: what });
  expect(await control(session.id, 'mix', 'common')).toEqual(['error', 'unauthorized']);
  expect(await control(session.id, 'get-region', 'common')).toEqual(['error', 'unauthorized']);
  expect(await control(room.mixed(), 'pause', 'video')).toEqual(['error', expect.any(String)]);
  expect(await control('f00', 'mix', 'common')).toEqual(['error', 'Stream does NOT exist']);
  expect((await control(session.id, 'set-region', 'common'))[0]).toBe('error');
});
