// Owns the proof that an unmodified OWT JavaScript SDK is served, with each generation of Socket.IO client it is used
// with. The SDK is not ours: `OWT_SDK` names a script that defines the global `Owt`; without it nothing is run.
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestBrowser, type Guest } from '../support/browser.ts';
import { startCuttableProxy, type CuttableProxy } from '../support/cuttable-proxy.ts';
import type { OwtCalls } from '../support/owt-report.ts';
import { startSluice, type RunningSluice } from '../support/server.ts';

const root = join(import.meta.dirname, '../..');
const sdk = process.env.OWT_SDK ?? '';
if (sdk === '')
  console.log('OWT SDK tests are skipped: set OWT_SDK to a bundle of the OWT JavaScript SDK 5.1');

const clients = {
  '2.5.0': 'socket.io-client-2/dist/socket.io.js',
  '3.1.2': 'socket.io-client-3/dist/socket.io.js',
  '4.8.4': 'socket.io-client/dist/socket.io.js',
} as const;

/** A page of an application that uses the SDK. */
class OwtPage {
  readonly guest: Guest;
  readonly user: string;

  constructor(guest: Guest, user: string) {
    this.guest = guest;
    this.user = user;
  }

  async ask<Name extends keyof OwtCalls>(
    name: Name,
    ...args: Parameters<OwtCalls[Name]>
  ): Promise<Awaited<ReturnType<OwtCalls[Name]>>> {
    const list = args.map((arg) => JSON.stringify(arg)).join(',');
    return this.guest.page.evaluate<Awaited<ReturnType<OwtCalls[Name]>>>(`owt.${name}(${list})`);
  }

  /** Resolves once the SDK told so, so many times. */
  async hears(event: string, times = 1, withinMs = 20_000): Promise<void> {
    await this.guest.until(
      () => this.ask('events'),
      (events) => events.filter((each) => each === event).length >= times,
      `${this.user} hears ${event}`,
      withinMs,
    );
  }

  /** Resolves once so many more frames of a subscription were decoded, with how wide they are. */
  async plays(name: string, more = 15): Promise<number> {
    const { framesDecoded } = await this.ask('media', name);
    const seen = await this.guest.until(
      () => this.ask('media', name),
      (media) => media.framesDecoded >= framesDecoded + more && media.audioPackets > 0,
      `${this.user} sees ${name}`,
    );
    return seen.width;
  }

  /** Resolves once pictures stopped coming. */
  async stalls(name: string): Promise<void> {
    let last = -1;
    let since = performance.now();
    await this.guest.until(
      async () => (await this.ask('media', name)).framesDecoded,
      (frames) => {
        if (frames !== last) since = performance.now();
        last = frames;
        return performance.now() - since > 700;
      },
      `${this.user} sees ${name} stop`,
    );
  }
}

describe.skipIf(sdk === '')('the OWT JavaScript SDK', () => {
  let server: RunningSluice;
  let browser: TestBrowser;
  let proxy: CuttableProxy;
  let driver: string;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startSluice(), TestBrowser.launch()]);
    proxy = await startCuttableProxy(server.url);
    const bundled = await build({
      entryPoints: [join(root, 'test/e2e/pages/owt.ts')],
      bundle: true,
      write: false,
      format: 'iife',
      target: 'es2023',
    });
    driver = bundled.outputFiles[0]?.text ?? '';
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
    version: keyof typeof clients,
    room: string,
    user: string,
    through = server.url,
  ): Promise<OwtPage> {
    const guest = await browser.open(server.url, {
      name: user,
      query: { autojoin: 'false' },
      context: { bypassCSP: true },
    });
    const { page } = guest;
    // Any page of this machine does, as long as nothing runs in it: an address the server does not know.
    await page.goto(`${server.url}/owt-application`);
    await page.addScriptTag({ path: join(root, 'node_modules', clients[version]) });
    await page.addScriptTag({ path: sdk });
    await page.addScriptTag({ content: driver });
    const response = await fetch(`${through}/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ room, user, role: 'presenter' }),
    });
    const joined = new OwtPage(guest, user);
    expect(await joined.ask('join', await response.text())).toContain(user);
    return joined;
  }

  describe.each(Object.keys(clients) as (keyof typeof clients)[])('with socket.io client %s', (version) => {
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
      await ann.hears('camera ended');
      await bob.hears('ann ended');
      await bob.hears(`stream ${camera} ended`);
      await ann.plays('bob');
      const second = await ann.ask('publish', 'again');
      await bob.hears(`added ${second}`);
      await bob.ask('subscribe', 'ann again', second);
      await bob.plays('ann again');

      await bob.ask('stop', 'ann again');
      await bob.hears('ann again ended');
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

  it('publishes simulcast and subscribes to one layer', async () => {
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
});
