// Owns the proof that an unmodified OWT JavaScript SDK is served, with each generation of Socket.IO client it is used
// with. The SDK is not ours: `OWT_SDK` names a script that defines the global `Owt`; without it nothing is run. It may be
// any from 4.2 on; `OWT_SDK_VERSION=4.2` leaves out what that one has not.
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestBrowser } from '../support/browser.ts';
import { startCuttableProxy, type CuttableProxy } from '../support/cuttable-proxy.ts';
import { type IoVersion, OwtPage } from '../support/owt-page.ts';
import { startSluice, type RunningSluice } from '../support/server.ts';

const sdk = process.env.OWT_SDK ?? '';
/** It has neither simulcast nor lists of what may be asked for, and tells no end but errors. */
const is42 = process.env.OWT_SDK_VERSION === '4.2';
if (sdk === '')
  console.log('OWT SDK tests are skipped: set OWT_SDK to a bundle of the OWT JavaScript SDK 5.1');

const clients = ['2.5.0', '3.1.2', '4.8.4'] as const;

describe.skipIf(sdk === '')('the OWT JavaScript SDK', () => {
  let server: RunningSluice;
  let browser: TestBrowser;
  let proxy: CuttableProxy;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startSluice(), TestBrowser.launch()]);
    proxy = await startCuttableProxy(server.url);
  });
  afterAll(async () => {
    await proxy.close();
    await browser.close();
    await server.stop();
  });
  afterEach(() => browser.clear());

  let rooms = 0;
  async function newRoom(): Promise<string> {
    const response = await fetch(`${server.url}/rooms`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: `owt ${++rooms}`, options: {} }),
    });
    return ((await response.json()) as { readonly _id: string })._id;
  }

  /** Opens a page and joins; `through` is where the SDK finds the server. */
  async function enter(
    version: IoVersion,
    room: string,
    user: string,
    through = server.url,
  ): Promise<OwtPage> {
    const page = await OwtPage.open(browser, server.url, user, { sdk, io: version });
    const response = await fetch(`${through}/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ room, user, role: 'presenter' }),
    });
    expect(await page.join(await response.text())).toContain(user);
    return page;
  }

  describe.each(clients)('with socket.io client %s', (version) => {
    it('joins, publishes, subscribes, mutes, chats, unpublishes and leaves', async () => {
      const room = await newRoom();
      const ann = await enter(version, room, 'ann');
      const bob = await enter(version, room, 'bob');
      await ann.hears('joined bob');

      const camera = await ann.ask('publish', 'camera');
      await bob.hears(`added ${camera}`);
      await ann.hears(`added ${camera}`);
      await bob.ask('subscribe', 'ann', camera);
      await bob.plays('ann');

      // The other way on the same connections.
      const answer = await bob.ask('publish', 'camera');
      await ann.hears(`added ${answer}`);
      await ann.ask('subscribe', 'bob', answer);
      await ann.plays('bob');
      await bob.plays('ann');

      await ann.ask('mute', 'camera', 'video');
      await ann.hears('camera mute video');
      await bob.stalls('ann');
      await ann.ask('unmute', 'camera', 'video');
      await ann.hears('camera unmute video');
      await bob.plays('ann');
      await bob.ask('mute', 'ann', 'video');
      await bob.hears('ann mute video');
      await bob.stalls('ann');
      await bob.ask('unmute', 'ann', 'video');
      await bob.plays('ann');

      await ann.ask('send', 'to all');
      await Promise.all([ann.hears('text to all'), bob.hears('text to all')]);
      await bob.ask('send', 'to ann', 'ann');
      await ann.hears('text to ann');

      await ann.ask('stop', 'camera');
      if (!is42) await ann.hears('camera ended');
      await bob.hears(is42 ? 'ann error Source stream loss' : 'ann ended');
      await bob.hears(`stream ${camera} ended`);
      await ann.plays('bob');
      const second = await ann.ask('publish', 'again');
      await bob.hears(`added ${second}`);
      await bob.ask('subscribe', 'ann again', second);
      await bob.plays('ann again');

      await bob.ask('stop', 'ann again');
      if (!is42) await bob.hears('ann again ended');
      await ann.ask('leave');
      await bob.hears(`stream ${second} ended`);
      expect(await bob.ask('streams')).toEqual([answer]);
      expect(await bob.ask('events')).not.toContain('text to ann');
    });

    it('portal-protocol#11 survives network breaks: media goes on, what was said meanwhile arrives once', async () => {
      const room = await newRoom();
      const ann = await enter(version, room, 'ann', proxy.url);
      const bob = await enter(version, room, 'bob');
      const camera = await ann.ask('publish', 'camera');
      await bob.hears(`added ${camera}`);
      await bob.ask('subscribe', 'ann', camera);
      for (const count of [1, 2]) {
        proxy.cut();
        await bob.ask('send', `meanwhile ${count}`);
        await bob.plays('ann', 30);
        // What the application asks while offline is done once it is back.
        const offline = ann.ask('send', `offline ${count}`);
        proxy.mend();
        await ann.hears(`text meanwhile ${count}`);
        await offline;
        await bob.hears(`text offline ${count}`);
        await ann.ask('send', `back ${count}`);
        await bob.hears(`text back ${count}`);
        // Requests work again, on the same peer connection.
        const more = await ann.ask('publish', `more ${count}`);
        await bob.hears(`added ${more}`);
      }
      const events = await ann.ask('events');
      for (const count of [1, 2]) {
        expect(events.filter((event) => event === `text meanwhile ${count}`)).toHaveLength(1);
      }
      expect(events).not.toContain('serverdisconnected');
      expect((await bob.ask('events')).filter((event) => event.startsWith('joined'))).toEqual([]);
    });

    it('portal-protocol#12 tells the application when the server drops it', async () => {
      const room = await newRoom();
      const ann = await enter(version, room, 'ann');
      const response = await fetch(`${server.url}/rooms/${room}/participants`);
      const [{ id }] = (await response.json()) as [{ readonly id: string }];
      await fetch(`${server.url}/rooms/${room}/participants/${id}`, { method: 'DELETE' });
      await ann.hears('serverdisconnected');
    });
  });

  it.skipIf(is42)('publishes simulcast and subscribes to one layer', async () => {
    const room = await newRoom();
    const ann = await enter('3.1.2', room, 'ann');
    const bob = await enter('3.1.2', room, 'bob');
    const camera = await ann.ask('publish', 'camera', true);
    await bob.hears(`added ${camera}`);
    await bob.guest.until(
      () => bob.ask('rids', camera),
      (rids) => [...rids].sort().join() === 'f,h,q',
      'bob knows all layers',
    );
    await bob.ask('subscribe', 'small', camera, 'q');
    expect(await bob.plays('small')).toBe(160);
  });

  describe('the mixed view', () => {
    /** A room with two in its view, and the mixed stream as the first knows it. */
    async function mixed(): Promise<{ ann: OwtPage; bob: OwtPage; view: string; cameras: string[] }> {
      const room = await newRoom();
      const ann = await enter('3.1.2', room, 'ann');
      const bob = await enter('3.1.2', room, 'bob');
      const view = `${room}-common`;
      expect(await ann.ask('mixedStreams')).toEqual([view]);
      const cameras = [await ann.ask('publish', 'camera'), await bob.ask('publish', 'camera')];
      for (const camera of cameras) await mix(room, camera);
      return { ann, bob, view, cameras };
    }

    /** What the SDK's REST sample does for an application that wants its stream in the view. */
    async function mix(room: string, camera: string, op = 'add'): Promise<void> {
      const response = await fetch(`${server.url}/rooms/${room}/streams/${camera}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([{ op, path: '/info/inViews', value: 'common' }]),
      });
      expect(response.status).toBe(200);
    }

    it('tells of layouts as streams come into the view and go', async () => {
      const { ann, bob, view, cameras } = await mixed();
      const told = (layout: readonly (string | undefined)[]) =>
        Promise.all(
          [ann, bob].map((page) =>
            page.guest.until(
              () => page.ask('layout'),
              (now) => JSON.stringify(now) === JSON.stringify(layout),
              `${page.user} is told the layout`,
            ),
          ),
        );
      const [first = '', second = ''] = cameras;
      await told([first, second, undefined, undefined]);
      await bob.ask('stop', 'camera');
      await told([first]);
      expect(await ann.ask('mixedStreams')).toEqual([view]);
    });

    it.skipIf(is42).each(['vp8', 'h264'])(
      'is received as %s with the size, frame rate and bitrate asked for',
      async (name) => {
        const { ann, view } = await mixed();
        const codecs = [{ name }];
        const { resolutions, frameRates, bitrateMultipliers } = await ann.ask('capabilities', view);
        expect(resolutions).toContainEqual({ width: 320, height: 240 });
        expect(frameRates).toEqual(expect.arrayContaining([12, 15]));
        expect(bitrateMultipliers).toEqual(expect.arrayContaining([0.4, 0.8]));

        await ann.ask('subscribeWith', 'plain', view, { codecs });
        expect(await ann.plays('plain')).toBe(640);
        await ann.ask('subscribeWith', 'small', view, { codecs, resolution: { width: 320, height: 240 } });
        expect(await ann.plays('small')).toBe(320);
        await ann.ask('subscribeWith', 'slow', view, { codecs, frameRate: 12 });
        await ann.plays('slow');
        await ann.ask('subscribeWith', 'cheap', view, { codecs, bitrateMultiplier: 0.4 });
        await ann.plays('cheap');

        // What is played later may stand still while encoders begin, so that rates are looked at again.
        await ann.guest.until(
          () => rates(ann, ['plain', 'small', 'slow', 'cheap']),
          ({ plain, small, slow, cheap }) =>
            [plain, small, cheap].every((each) => Math.abs((each?.fps ?? 0) - 24) < 2) &&
            Math.abs((slow?.fps ?? 0) - 12) < 1.5 &&
            (cheap?.kbps ?? Infinity) < (plain?.kbps ?? 0) * 0.65,
          'everything is as it was asked for',
          60_000,
        );
        expect(await ann.ask('media', 'plain')).toMatchObject({ codec: name, width: 640, height: 480 });
        expect(await ann.ask('media', 'small')).toMatchObject({ codec: name, width: 320, height: 240 });

        await ann.ask('apply', 'plain', { resolution: { width: 320, height: 240 } });
        await ann.guest.until(
          () => ann.ask('media', 'plain'),
          ({ width }) => width === 320,
          'a running subscription changes its size',
        );
      },
    );

    async function rates(
      page: OwtPage,
      names: readonly string[],
    ): Promise<Record<string, { readonly fps: number; readonly kbps: number }>> {
      const look = () => Promise.all(names.map((name) => page.ask('media', name)));
      const began = performance.now();
      const before = await look();
      await wait(4_000);
      const after = await look();
      const seconds = (performance.now() - began) / 1000;
      return Object.fromEntries(
        names.map((name, index) => [
          name,
          {
            fps: ((after[index]?.framesDecoded ?? 0) - (before[index]?.framesDecoded ?? 0)) / seconds,
            kbps: ((after[index]?.videoBytes ?? 0) - (before[index]?.videoBytes ?? 0)) / seconds / 125,
          },
        ]),
      );
    }
  });
});
