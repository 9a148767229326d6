// Owns the proof that what an OWT application says, over REST and Socket.IO, carries a whole session, without OWT's own
// code: that one drives the same session in owt-rest.e2e.ts, where it is at hand.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type IoVersion, ioVersions, OwtClient, owtRest } from '../support/owt-client.ts';
import { startSluice, type RunningSluice } from '../support/server.ts';

let server: RunningSluice;
const clients: OwtClient[] = [];
beforeAll(async () => {
  server = await startSluice();
});
afterAll(() => server.stop());
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

/** The reply's JSON, or its text where that is none. */
async function rest<T>(method: string, path: string, body?: unknown): Promise<T> {
  const { status, text } = await owtRest(server.url, server.sample, method, path, body);
  if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`);
  try {
    return JSON.parse(text) as T;
  } catch {
    return text as T;
  }
}

interface Room {
  readonly _id: string;
  readonly views: readonly { readonly label: string }[];
}
interface Stream {
  readonly id: string;
  readonly type: string;
  readonly info: { readonly inViews?: readonly string[]; readonly layout?: readonly { stream?: string }[] };
}

async function enter(version: IoVersion, room: string, user: string): Promise<OwtClient> {
  const preference = { isp: 'isp', region: 'region' };
  const token = await rest<string>('POST', `/rooms/${room}/tokens/`, { user, role: 'presenter', preference });
  const client = await OwtClient.join(version, token);
  clients.push(client);
  return client;
}

const half = (id: string, left: string) => ({
  id,
  shape: 'rectangle',
  area: { left, top: '0/1', width: '1/2', height: '1/1' },
});

describe.each(ioVersions)('an OWT application with socket.io client %s', (version) => {
  it('rest-api#11 rest-api#16 rest-api#24 rest-api#29 portal-protocol#2 portal-protocol#12 has a whole session: room, token, join, publish, mix, subscribe, layout, lists, drop, delete', async () => {
    const { _id: room, views } = await rest<Room>('POST', '/rooms/', { name: 'owt', options: {} });
    expect(views).toMatchObject([{ label: 'common' }]);
    expect(await rest<Room[]>('GET', '/rooms/?page=1&per_page=50')).toContainEqual(
      expect.objectContaining({ _id: room }),
    );
    const mixed = `${room}-common`;

    const ann = await enter(version, room, 'ann');
    expect(ann.login).toMatchObject({
      user: 'ann',
      role: 'presenter',
      room: { id: room, participants: [{ user: 'ann' }], streams: [{ id: mixed, type: 'mixed' }] },
    });
    const bob = await enter(version, room, 'bob');
    await ann.notification('participant', ({ action, data }) => {
      return action === 'join' && (data as { user?: string }).user === 'bob';
    });

    const camera = await ann.publish();
    await bob.notification('stream', ({ id, status }) => id === camera && status === 'add');
    const add = [{ op: 'add', path: '/info/inViews', value: 'common' }];
    expect(await rest<Stream>('PATCH', `/rooms/${room}/streams/${camera}`, add)).toMatchObject({
      id: camera,
      info: { inViews: ['common'] },
    });
    await bob.notification('stream', ({ id, data }) => {
      return id === mixed && (data as { field?: string }).field === 'video.layout';
    });
    await bob.subscribe(camera);
    await bob.subscribe(mixed);

    const other = await bob.publish();
    await ann.ask('stream-control', { id: camera, operation: 'unmix', data: 'common' });
    await bob.ask('stream-control', { id: other, operation: 'mix', data: 'common' });
    await rest('PATCH', `/rooms/${room}/streams/${camera}`, add);
    const value = [
      { stream: camera, region: half('left', '0/1') },
      { stream: other, region: half('right', '1/2') },
    ];
    await rest('PATCH', `/rooms/${room}/streams/${mixed}`, [{ op: 'replace', path: '/info/layout', value }]);
    const placed = (data: Readonly<Record<string, unknown>>) =>
      JSON.stringify((data.data as { value?: unknown }).value) === JSON.stringify(value);
    await bob.notification('stream', (data) => data.id === mixed && placed(data));

    const streams = await rest<Stream[]>('GET', `/rooms/${room}/streams/`);
    expect(streams.map(({ id }) => id).sort()).toEqual([mixed, camera, other].sort());
    expect(streams.find(({ id }) => id === mixed)?.info.layout).toMatchObject([
      { stream: camera },
      { stream: other },
    ]);
    const people = await rest<{ id: string; user: string }[]>('GET', `/rooms/${room}/participants/`);
    expect(people.map(({ user }) => user)).toEqual(['ann', 'bob']);

    expect(await rest('DELETE', `/rooms/${room}/participants/${ann.login?.id ?? ''}`)).toBe('');
    await ann.notification('drop');
    await ann.notification('disconnect');
    await bob.notification('stream', ({ id, status }) => id === camera && status === 'remove');
    await bob.notification('participant', ({ action, data }) => action === 'leave' && data === ann.login?.id);
    expect(await rest<object[]>('GET', `/rooms/${room}/participants/`)).toHaveLength(1);

    expect(await rest('DELETE', `/rooms/${room}`)).toBe('Room deleted');
    await bob.notification('drop');
    await bob.notification('disconnect');
    await expect(rest('GET', `/rooms/${room}`)).rejects.toThrow('404');
  });

  it('rest-api#18 portal-protocol#15 logs in once with a token', async () => {
    const { room } = server.sample;
    const body = { user: 'ann', role: 'presenter' };
    const token = await rest<string>('POST', `/rooms/${room}/tokens/`, body);
    const first = await OwtClient.join(version, token);
    clients.push(first);
    await expect(OwtClient.join(version, token)).rejects.toThrow();
    await expect(first.ask('logout')).resolves.toBeUndefined();
  });
});
