// Owns a page of an application that uses OWT's JavaScript SDK, which is not ours: the caller names its script. What the
// page does is test/e2e/pages/owt.ts; expectations are the tests'.
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Guest, TestBrowser } from './browser.ts';
import type { OwtCalls } from './owt-report.ts';

const root = join(import.meta.dirname, '../..');
/** The generations of Socket.IO clients that the SDK is used with. */
const scripts = {
  '2.5.0': 'socket.io-client-2/dist/socket.io.js',
  '3.1.2': 'socket.io-client-3/dist/socket.io.js',
  '4.8.4': 'socket.io-client/dist/socket.io.js',
} as const;
export type IoVersion = keyof typeof scripts;
let driver: Promise<string> | undefined;

/** A page of an application that uses the SDK. */
export class OwtPage {
  readonly guest: Guest;
  readonly user: string;

  private constructor(guest: Guest, user: string) {
    this.guest = guest;
    this.user = user;
  }

  /** Opens a page with the SDK and a Socket.IO client; joins nothing yet. `sdk` is the script's path. */
  static async open(
    browser: TestBrowser,
    url: string,
    user: string,
    { sdk, io }: { readonly sdk: string; readonly io: IoVersion },
  ): Promise<OwtPage> {
    driver ??= bundle();
    const context = { bypassCSP: true };
    const guest = await browser.open(url, { name: user, query: { autojoin: 'false' }, context });
    const { page } = guest;
    // Any page of this machine does, as long as nothing runs in it: an address the server does not know.
    await page.goto(`${url}/owt-application`);
    await page.addScriptTag({ path: join(root, 'node_modules', scripts[io]) });
    await page.addScriptTag({ path: sdk });
    await page.addScriptTag({ content: await driver });
    return new OwtPage(guest, user);
  }

  /** Resolves with the users in the room. */
  join(token: string): Promise<readonly string[]> {
    return this.ask('join', token);
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

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'test/e2e/pages/owt.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2023',
  });
  return outputFiles[0]?.text ?? '';
}
