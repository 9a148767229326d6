// Owns a test participant that publishes a made-up picture and tone and reads what comes back: the test's side of the
// page test/e2e/pages/mixing.ts. It knows no expectations.
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Guest, TestBrowser } from './browser.ts';
import type { MixingCalls } from './mixing-report.ts';

const root = join(import.meta.dirname, '../..');
let bundled: Promise<string> | undefined;

export class MixingGuest {
  readonly guest: Guest;
  /** The participant's id. */
  readonly id: string;

  private constructor(guest: Guest, id: string) {
    this.guest = guest;
    this.id = id;
  }

  /** Opens a page of its own and joins `room`; publishes and subscribes nothing yet. */
  static async join(
    browser: TestBrowser,
    url: string,
    room: string,
    { user, role = 'presenter' }: { readonly user: string; readonly role?: string },
  ): Promise<MixingGuest> {
    bundled ??= bundle();
    const guest = await browser.open(url, {
      name: user,
      query: { autojoin: 'false' },
      context: { bypassCSP: true },
    });
    // Any page of this machine does, as long as nothing runs in it: an address the server does not know.
    await guest.page.goto(`${url}/mixing-page`);
    await guest.page.addScriptTag({ content: await bundled });
    const response = await fetch(`${url}/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ room, user, role }),
    });
    const token = await response.text();
    return new MixingGuest(guest, await guest.page.evaluate<string>(`mixing.join(${JSON.stringify(token)})`));
  }

  /** Calls the page. */
  async ask<Name extends keyof MixingCalls>(
    name: Name,
    ...args: Parameters<MixingCalls[Name]>
  ): Promise<Awaited<ReturnType<MixingCalls[Name]>>> {
    const list = args.map((arg) => (arg === undefined ? 'undefined' : JSON.stringify(arg))).join(',');
    return this.guest.page.evaluate<Awaited<ReturnType<MixingCalls[Name]>>>(`mixing.${name}(${list})`);
  }

  /** Resolves once so many more pictures of a subscription were decoded. */
  async plays(name: string, more = 5, withinMs = 20_000): Promise<void> {
    const { framesDecoded } = await this.ask('playing', name);
    await this.guest.until(
      () => this.ask('playing', name),
      (playing) => playing.framesDecoded >= framesDecoded + more,
      `plays ${name}`,
      withinMs,
    );
  }

  /** Resolves once a stream is known that fits. */
  async stream(fits: (stream: ReturnType<MixingCalls['streams']>[number]) => boolean, what: string) {
    const streams = await this.guest.until(
      () => this.ask('streams'),
      (known) => known.some(fits),
      `knows ${what}`,
    );
    const found = streams.find(fits);
    if (found === undefined) throw new Error(`${what} was there and is not`);
    return found;
  }
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'test/e2e/pages/mixing.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2023',
  });
  return outputFiles[0]?.text ?? '';
}
