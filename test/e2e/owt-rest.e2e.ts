// Owns the proof that OWT's own JavaScript REST client, unmodified, is served, alone and together with OWT's own SDK in a
// browser. Neither is ours: `OWT_REST` names a CommonJS bundle of the REST client (its rest.js), `OWT_SDK` a script that
// defines the global `Owt`; without them nothing is run.
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBrowser } from '../support/browser.ts';
import { OwtPage } from '../support/owt-page.ts';
import { startSluice, type RunningSluice } from '../support/server.ts';

const rest = process.env.OWT_REST ?? '';
const sdk = process.env.OWT_SDK ?? '';
if (rest === '')
  console.log(
    'OWT REST client tests are skipped: set OWT_REST to a bundle of the OWT JavaScript REST client',
  );

type Done = (reply: unknown) => void;
type Failed = (status: number, text: string) => void;
type RestCall = (...args: readonly unknown[]) => void;
interface RestClient {
  readonly API: Readonly<Record<string, RestCall>> & {
    init(service: string, key: string, url: string, rejectUnauthorized?: boolean): void;
  };
}

describe.skipIf(rest === '')('the OWT JavaScript REST client', () => {
  let server: RunningSluice;
  let client: RestClient;
  beforeAll(async () => {
    server = await startSluice({ https: true });
    client = createRequire(import.meta.url)(rest) as RestClient;
    client.API.init(server.sample.id, server.sample.key, server.url);
  });
  afterAll(() => server.stop());

  /** What its success callback gets; rejects with the status and text of its error callback. */
  function call<T = unknown>(name: string, ...args: readonly unknown[]): Promise<T> {
    return new Promise((resolve, reject) => {
      const done: Done = (reply) => resolve(reply as T);
      const failed: Failed = (status, text) => reject(new Error(`${status} ${text}`));
      client.API[name]?.(...args, done, failed);
    });
  }
  interface Room {
    readonly _id: string;
    readonly name: string;
  }
  const newRoom = async () => (await call<Room>('createRoom', 'owt', {}))._id;

  it('makes, lists, changes and deletes rooms', async () => {
    const room = await newRoom();
    expect(await call('getRooms', { page: 1, per_page: 100 })).toContainEqual(
      expect.objectContaining({ _id: room, name: 'owt' }),
    );
    expect(await call('getRoom', room)).toMatchObject({ _id: room, views: [{ label: 'common' }] });
    expect(await call('updateRoom', room, { inputLimit: 3 })).toMatchObject({ inputLimit: 3, name: 'owt' });
    await expect(call('updateRoomPartially', room, [])).rejects.toThrow(/^500 .*Not implemented/);
    expect(await call('deleteRoom', room)).toBe('Room deleted');
    await expect(call('getRoom', room)).rejects.toThrow(/^404 .*1003/);
    await expect(call('createRoom', '', {})).rejects.toThrow();
  });

  it('makes the rooms that applications of 3.x ask for', async () => {
    const mediaMixing = {
      video: { maxInput: 4, resolution: 'hd720p', layout: { base: 'lecture' } },
      audio: null,
    };
    const options = { publishLimit: 5, enableMixing: 1, viewports: [{ name: 'main', mediaMixing }] };
    expect(await call('createRoom', 'old', options)).toMatchObject({
      inputLimit: 5,
      views: [{ label: 'main', video: { maxInput: 4, layout: { templates: { base: 'lecture' } } } }],
    });
  });

  it('may ask for much at once', async () => {
    const room = await newRoom();
    const rooms = Array.from({ length: 40 }, () => call('getRoom', room));
    for (const each of await Promise.all(rooms)) expect(each).toMatchObject({ _id: room });
  });

  it('gets a token that leads to this server, though it leaves the port out of its Host header', async () => {
    const preference = { isp: 'isp', region: 'region' };
    for (const url of [server.url, server.httpsUrl ?? '']) {
      client.API.init(server.sample.id, server.sample.key, url, false);
      const token = await call<string>('createToken', server.sample.room, 'ann', 'presenter', preference);
      const { host, secure } = JSON.parse(Buffer.from(token, 'base64').toString()) as Record<string, unknown>;
      expect(`${secure === true ? 'https' : 'http'}://${String(host)}`).toBe(url);
    }
    client.API.init(server.sample.id, server.sample.key, server.url);
  });

  it('is refused with another key, and told what is wrong with the rest', async () => {
    client.API.init(server.sample.id, 'another key', server.url);
    await expect(call('getRooms', {})).rejects.toThrow(/^401 /);
    client.API.init(server.sample.id, server.sample.key, server.url);
    const { room } = server.sample;
    await expect(call('createToken', room, 'ann', 'king', undefined)).rejects.toThrow(/^400 /);
    await expect(call('getStream', room, 'nothing')).rejects.toThrow(/^404 /);
    await expect(call('dropParticipant', room, 'nobody')).rejects.toThrow();
  });

  it('sees an idle room as empty, and that nobody records, streams or dials yet', async () => {
    const room = await newRoom();
    for (const list of ['Participants', 'Streams', 'StreamingOuts', 'Recordings', 'SipCalls', 'Analytics'])
      expect(await call(`get${list}`, room), list).toEqual([]);
    const from = `${room}-common`;
    const media = { audio: { from }, video: { from } };
    const transport = { protocol: 'tcp', bufferSize: 8192 };
    const started: readonly (readonly [string, ...unknown[]])[] = [
      ['startStreamingIn', room, 'rtsp://192.0.2.1/cam', transport, { audio: 'auto', video: true }],
      ['startStreamingOut', room, 'rtmp', 'rtmp://192.0.2.1/live', undefined, media],
      ['startRecording', room, 'auto', media],
      ['startAnalytics', room, 'b849f44bee074b08bf3e627f3fc927c7', { audio: false, video: { from } }],
      [
        'makeSipCall',
        room,
        'sip:ann@192.0.2.1',
        { audio: true, video: false },
        { audio: { from }, video: false },
      ],
    ];
    for (const [name, ...args] of started)
      await expect(call(name, ...args), name).rejects.toThrow(/^\d{3} \{"error"/);
  });

  describe.skipIf(sdk === '')('and the OWT JavaScript SDK in a browser', () => {
    let browser: TestBrowser;
    beforeAll(async () => {
      browser = await TestBrowser.launch();
    });
    afterAll(() => browser.close());

    async function enter(room: string, user: string): Promise<OwtPage> {
      const page = await OwtPage.open(browser, server.url, user, { sdk, io: '3.1.2' });
      const preference = { isp: 'isp', region: 'region' };
      const token = await call<string>('createToken', room, user, 'presenter', preference);
      expect(await page.join(token)).toContain(user);
      return page;
    }

    it('have a whole session: room, token, join, publish, mix, subscribe, layout, lists, drop, delete', async () => {
      interface Stream {
        readonly id: string;
        readonly info: { readonly layout?: readonly { readonly stream?: string }[] };
      }
      const room = await newRoom();
      const mixed = `${room}-common`;
      const [ann, bob] = [await enter(room, 'ann'), await enter(room, 'bob')];
      await ann.hears('joined bob');
      const [camera, other] = [await ann.ask('publish', 'camera'), await bob.ask('publish', 'camera')];
      await bob.hears(`added ${camera}`);
      for (const stream of [camera, other]) {
        const add = [{ op: 'add', path: '/info/inViews', value: 'common' }];
        expect(await call('updateStream', room, stream, add)).toMatchObject({
          info: { inViews: ['common'] },
        });
      }
      expect(await bob.ask('mixedStreams')).toEqual([mixed]);
      await bob.ask('subscribe', 'forward', camera);
      await bob.ask('subscribe', 'mixed', mixed);
      await bob.plays('forward');
      expect(await bob.plays('mixed')).toBe(640);

      const half = (id: string, left: string) => ({
        id,
        shape: 'rectangle',
        area: { left, top: '0/1', width: '1/2', height: '1/1' },
      });
      const value = [
        { stream: other, region: half('left', '0/1') },
        { stream: camera, region: half('right', '1/2') },
      ];
      await call('updateStream', room, mixed, [{ op: 'replace', path: '/info/layout', value }]);
      await ann.guest.until(
        () => ann.ask('layout'),
        (layout) => layout?.join() === [other, camera].join(),
        'ann is told the layout',
      );
      await bob.plays('mixed');

      const streams = await call<Stream[]>('getStreams', room);
      expect(streams.map(({ id }) => id).sort()).toEqual([mixed, camera, other].sort());
      expect(await call<Stream>('getStream', room, mixed)).toMatchObject({ info: { layout: value } });
      const people = await call<{ id: string; user: string }[]>('getParticipants', room);
      expect(people.map(({ user }) => user)).toEqual(['ann', 'bob']);
      const id = people[0]?.id ?? '';
      expect(await call('getParticipant', room, id)).toMatchObject({ id, user: 'ann' });
      const mute = [{ op: 'replace', path: '/permission/publish/video', value: false }];
      expect(await call('updateParticipant', room, id, mute)).toMatchObject({
        permission: { publish: { video: false } },
      });
      await expect(ann.ask('publish', 'forbidden')).rejects.toThrow();

      await call('dropParticipant', room, id);
      await ann.hears('serverdisconnected');
      await bob.hears('ann left');
      await bob.hears(`stream ${camera} ended`);
      expect(await call('getParticipants', room)).toMatchObject([{ user: 'bob' }]);
      await call('deleteStream', room, other);
      await bob.hears('camera ended');
      expect(await call('deleteRoom', room)).toBe('Room deleted');
      await bob.hears('serverdisconnected');
    });
  });
});
