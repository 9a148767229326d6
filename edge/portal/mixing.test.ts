// Mixing as clients ask for it, through both gateways to a live room.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MixerStats } from '../../schemas/worker.ts';
import type { Portal } from './portal.ts';
import {
  createMixingScene,
  micAndCamera,
  OwtClient,
  SignalClient,
  type PortalScene,
} from './scripted-portal.ts';

let scene: PortalScene;
let portal: Portal;
beforeEach(async () => {
  scene = await createMixingScene();
  portal = scene.portal('e1');
});
afterEach(() => scene.close());

const annId = 'Ann_-567890123456789';
const bobId = 'Bob_-567890123456789';
const owt = (id: string) => OwtClient.joined(scene, portal, id);
const mixed = (label: string) => `${scene.room}-${label}`;

async function published(client: OwtClient): Promise<string> {
  const [, data] = await client.ask('publish', { media: micAndCamera, transport: { type: 'webrtc' } });
  await scene.rest();
  return (data as { id: string }).id;
}
const control = (client: OwtClient, id: string, operation: string, data: unknown) =>
  client.ask('stream-control', { id, operation, data });
const updates = (client: OwtClient) =>
  client.emitted.flatMap(({ event, data }) => {
    const notice = data as { id: string; status: string; data: { field: string; value: unknown } };
    return event === 'stream' && notice.status === 'update' ? [{ id: notice.id, ...notice.data }] : [];
  });

describe('an OWT client', () => {
  it('is given the mixed streams at login, in front', async () => {
    const client = new OwtClient(scene, portal, annId);
    const token = await scene.token('ann');
    const sdk = { type: 'JavaScript', version: '5.1' };
    const [, data] = await client.ask('login', { token, userAgent: { sdk }, protocol: '1.2' });
    const { room } = data as { room: { views: string[]; streams: unknown[] } };
    expect(room.views).toEqual(['common', 'sound']);
    const lists = ['resolution', 'framerate', 'bitrate', 'keyFrameInterval'];
    expect(room.streams).toMatchObject([
      {
        id: mixed('common'),
        type: 'mixed',
        data: null,
        info: { label: 'common', activeInput: 'unknown', layout: [] },
        media: { tracks: [{ type: 'audio' }, { type: 'video', parameters: { framerate: 24 } }] },
      },
      { id: mixed('sound'), type: 'mixed', media: { tracks: [{ type: 'audio' }] } },
    ]);
    const [, video] = (room.streams[0] as { media: { tracks: { optional: { parameters: object } }[] } }).media
      .tracks;
    expect(Object.keys(video?.optional.parameters ?? {})).toEqual(lists);
  });

  it('mixes, places, finds and takes out its stream, acknowledged each time', async () => {
    const [one, two] = [await owt(annId), await owt(bobId)];
    const [a, b] = [await published(one), await published(two)];
    expect(await control(one, a, 'mix', 'common')).toEqual(['ok', 'ok']);
    expect(await control(one, a, 'mix', 'common')).toEqual(['ok', 'ok']);
    expect(await control(two, b, 'mix', 'common')).toEqual(['ok', 'ok']);
    expect(await control(one, a, 'get-region', 'common')).toEqual(['ok', { region: '1' }]);
    expect(await control(two, b, 'get-region', 'common')).toEqual(['ok', { region: '2' }]);
    expect(await control(one, a, 'set-region', { view: 'common', region: '2' })).toEqual(['ok', 'ok']);
    expect(await control(one, a, 'get-region', 'common')).toEqual(['ok', { region: '2' }]);
    expect(await control(one, a, 'unmix', 'common')).toEqual(['ok', 'ok']);
    expect(await control(two, b, 'get-region', 'common')).toEqual(['ok', { region: '1' }]);
    expect(await control(one, a, 'get-region', 'common')).toEqual(['error', 'Invalid input stream_id.']);
  });

  it('room-model#16 hears of views and layouts, and of nothing when only published', async () => {
    const [one, two] = [await owt(annId), await owt(bobId)];
    const id = await published(one);
    const isAboutViews = ({ field, value }: { field: string; value: unknown }) =>
      field === 'video.layout' || JSON.stringify(value).includes('"inViews":["');
    expect(updates(two).filter(isAboutViews)).toEqual([]);
    two.emitted.length = 0;
    await control(one, id, 'mix', 'common');
    const heard = updates(two);
    const shown: unknown = expect.objectContaining({ inViews: ['common'] });
    const stream: unknown = expect.objectContaining({ info: shown });
    expect(heard).toContainEqual({ id, field: '.', value: stream });
    expect(heard).toContainEqual({
      id: mixed('common'),
      field: 'video.layout',
      value: [
        {
          stream: id,
          region: {
            id: '1',
            shape: 'rectangle',
            area: { left: '0/1', top: '0/1', width: '1/1', height: '1/1' },
          },
        },
      ],
    });
    expect(updates(one)).toEqual(expect.arrayContaining(heard));
  });

  it.each<[string, string, unknown, string | RegExp]>([
    ['an unknown view', 'mix', 'nowhere', 'Invalid view'],
    ['leaving an unknown view', 'unmix', 'nowhere', 'Invalid view'],
    ['an empty view', 'mix', '', 'Invalid view'],
    ['the region in an unknown view', 'get-region', 'nowhere', 'Invalid mix view'],
    ['the region in a view without video', 'get-region', 'sound', 'Invalid mix view'],
    ['the region where it is not mixed', 'get-region', 'common', 'Invalid input stream_id.'],
    ['a region of an unknown view', 'set-region', { view: 'nowhere', region: '1' }, 'Invalid mix view'],
    ['a region while not mixed', 'set-region', { view: 'common', region: '1' }, 'Invalid input stream_id.'],
    ['a view that is no text', 'mix', { view: 'common' }, /^request\.data /],
    ['no view', 'mix', undefined, /^request\.data /],
    ['a view of any length', 'get-region', 'x'.repeat(129), /^request\.data /],
    ['a region that is no text', 'set-region', { view: 'common', region: 1 }, /^request\.data\.region /],
    ['a region without view', 'set-region', 'common', /^request\.data /],
    ['more than a region', 'set-region', { view: 'common', region: '1', x: 1 }, /^request\.data\.x /],
    ['an unknown operation', 'dance', 'common', /^request\.operation /],
  ])('is told why when it asks for %s', async (_, operation, data, text) => {
    const client = await owt(annId);
    const id = await published(client);
    const [status, reason] = await control(client, id, operation, data);
    expect([status, typeof reason]).toEqual(['error', 'string']);
    expect(reason).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
    expect(scene.live().state.streams.get(id)?.inViews).toEqual([]);
  });

  it.each([
    ['mix', 'common'],
    ['unmix', 'common'],
    ['set-region', { view: 'common', region: '1' }],
    ['get-region', 'common'],
  ])(
    'may not %s the stream of another, one of the room, or one that is not there',
    async (operation, data) => {
      const [one, two] = [await owt(annId), await owt(bobId)];
      const id = await published(one);
      await control(one, id, 'mix', 'common');
      expect(await control(two, id, operation, data)).toEqual(['error', 'unauthorized']);
      expect(await control(two, mixed('common'), operation, data)).toEqual(['error', 'unauthorized']);
      expect(await control(two, 'f00', operation, data)).toEqual(['error', 'Stream does NOT exist']);
      expect(scene.live().state.streams.get(id)?.inViews).toEqual(['common']);
    },
  );

  it('room-model#23 subscribes to a mixed stream in its options only', async () => {
    const client = await owt(annId);
    const subscribe = (parameters: object) =>
      client.ask('subscribe', {
        media: {
          tracks: [
            { type: 'audio', mid: '0', from: mixed('common') },
            { type: 'video', mid: '1', from: mixed('common'), parameters },
          ],
        },
        transport: { type: 'webrtc' },
      });
    const why = (text: string) => ['error', `Target video stream does NOT satisfy:${text}`];
    const size = (width: number) => ({ resolution: { width, height: 240 } });
    expect(await subscribe(size(320))).toEqual(['ok', expect.anything()]);
    expect(await subscribe({ bitrate: 'x0.8' })).toEqual(['ok', expect.anything()]);
    expect(await subscribe({ bitrate: 'x1.0' })).toEqual(['ok', expect.anything()]);
    expect(await subscribe(size(321))).toEqual(why('Resolution is not acceptable'));
    expect(await subscribe({ bitrate: 'x0.5' })).toEqual(why('Bitrate is not acceptable'));
    expect(await subscribe({ framerate: 25 })).toEqual(why('Framerate is not acceptable'));
    expect(await subscribe({ keyFrameInterval: 7 })).toEqual(why('KeyFrameInterval is not acceptable'));
    const [status, text] = await subscribe({ resolution: { width: 1e300, height: -1 } });
    expect([status, text]).toEqual(['error', expect.stringMatching(/^request\.media\.tracks/)]);
  });

  it('changes what it has of a mixed stream without another offer', async () => {
    const client = await owt(annId);
    const tracks = [{ type: 'video', mid: '0', from: mixed('common') }];
    const [, data] = await client.ask('subscribe', { media: { tracks }, transport: { type: 'webrtc' } });
    const { id } = data as { id: string };
    const update = (parameters: object) =>
      client.ask('subscription-control', { id, operation: 'update', data: { video: { parameters } } });
    expect(await update({ resolution: { width: 320, height: 240 }, framerate: 12 })).toEqual(['ok']);
    const [track] = scene.live().state.subscriptions.get(id)?.tracks ?? [];
    expect(track?.parameters).toEqual({ resolution: { width: 320, height: 240 }, framerate: 12 });
    expect((await update({ framerate: 13 }))[0]).toBe('error');
  });
});

describe('a client of our own protocol', () => {
  const command = (id: string, operation: 'mix' | 'unmix' | 'get-region') => ({
    do: 'stream-control' as const,
    request: { id, operation, data: 'common' },
  });

  async function publishing(): Promise<{ client: SignalClient; id: string }> {
    const client = await SignalClient.joined(scene, portal);
    const { id } = await client.data<{ id: string }>({
      do: 'publish',
      request: { media: micAndCamera },
      offer: 'v=0',
    });
    await scene.rest();
    return { client, id };
  }

  it('learns its region in one go with what brings it there, and no log entry is made of asking', async () => {
    const { client, id } = await publishing();
    const mix = client.send(command(id, 'mix'));
    const asked = client.send(command(id, 'get-region'));
    await scene.rest();
    const reply = (cid: number) => client.replies.find((each) => each.cid === cid);
    expect(reply(mix)).toEqual({ cid: mix, ok: true });
    expect(reply(asked)).toEqual({ cid: asked, ok: true, data: { region: '1' } });
    const { seq } = scene.live().state;
    expect(await client.data(command(id, 'get-region'))).toEqual({ region: '1' });
    expect(scene.live().state.seq).toBe(seq);
  });

  it('hears its reply before the notices of what it did', async () => {
    const { client, id } = await publishing();
    client.frames.length = 0;
    await client.data(command(id, 'mix'));
    const [first] = client.frames;
    expect(first?.replies).toHaveLength(1);
    expect(client.types).toEqual(['stream-updated', 'stream-updated']);
  });

  it('is refused with a code and the room’s text', async () => {
    const { client, id } = await publishing();
    expect(await client.ask(command(id, 'get-region'))).toMatchObject({
      ok: false,
      error: { code: 'bad-request', message: 'Invalid input stream_id.' },
    });
    expect(await client.ask(command('f00', 'mix'))).toMatchObject({
      error: { code: 'stream-not-found', message: 'Stream does NOT exist' },
    });
  });

  it('is told what the mixers cost; before anything is mixed that is nothing', async () => {
    const { client } = await publishing();
    expect(await client.data({ do: 'mixer-stats' })).toEqual([]);
    const calm = { p50: 1, p99: 2 };
    const stats: readonly MixerStats[] = [
      { kind: 'audio', id: 'm', rebuilds: 0, mixMs: calm, addedMs: calm, missed: 0, inputs: [], outputs: [] },
    ];
    scene.media.mixers = stats;
    await scene.live().execute({ type: 'place-mixing', worker: 'w1' });
    expect(await client.data({ do: 'mixer-stats' })).toEqual(stats);
  });
});
