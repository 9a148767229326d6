// Owns browsers for tests: one Chromium shared by many guests, each with a context of its own, cameras and microphones
// made up by the browser. It knows the sample page's address and the probe in it, no expectations.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { ProbeCalls, RtpReport } from './probe-report.ts';

const root = join(import.meta.dirname, '../..');
const executables = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** What Playwright switches off on Linux: of two such lists a browser takes the last one only. */
const offByPlaywright = [
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];
/** Pages for the address bar of each window, which nobody sees: half a core for every four windows, and half a second each. */
const addressBarPages = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'];
const chromiumArgs = [
  `--disable-features=${[...offByPlaywright, ...addressBarPages].join()}`,
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--use-fake-device-for-media-stream=fps=30',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

export interface GuestOptions {
  readonly name: string;
  /** More of the page's parameters. */
  readonly query?: Readonly<Record<string, string>>;
  readonly context?: BrowserContextOptions;
  /** Run in the page before all else. */
  readonly script?: string;
  /** Called with the empty page, before it is opened. */
  readonly prepare?: (page: Page) => Promise<void>;
}

export class TestBrowser {
  readonly #browser: Browser;
  readonly #probe: string;
  readonly #contexts = new Set<BrowserContext>();

  private constructor(browser: Browser, probe: string) {
    this.#browser = browser;
    this.#probe = probe;
  }

  static async launch(): Promise<TestBrowser> {
    const bundled = await build({
      entryPoints: [join(root, 'test/e2e/pages/probe.ts')],
      bundle: true,
      write: false,
      format: 'iife',
      target: 'es2023',
    });
    const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
    return new TestBrowser(browser, bundled.outputFiles[0]?.text ?? '');
  }

  /** Opens the sample page of the server at `url` for a guest; with the default query it joins by itself. */
  async open(url: string, { name, query, context, script, prepare }: GuestOptions): Promise<Guest> {
    const opened = await this.#browser.newContext({ viewport: { width: 480, height: 320 }, ...context });
    this.#contexts.add(opened);
    opened.on('close', () => this.#contexts.delete(opened));
    if (script !== undefined) await opened.addInitScript(script);
    await opened.addInitScript(this.#probe);
    const page = await opened.newPage();
    await prepare?.(page);
    const address = new URL(url);
    const asked = { name, autojoin: 'true', forward: 'true', resolution: 'sif', ...query };
    for (const [key, value] of Object.entries(asked)) address.searchParams.set(key, value);
    const guest = new Guest(name, page, opened);
    await page.goto(address.href);
    return guest;
  }

  /** Ends every guest without a word, as a crash would, and leaves the browser running. */
  async clear(): Promise<void> {
    await Promise.all([...this.#contexts].map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

export class Guest {
  readonly name: string;
  readonly page: Page;
  /** Errors that the page's scripts or its console told. */
  readonly faults: string[] = [];
  readonly #context: BrowserContext;

  constructor(name: string, page: Page, context: BrowserContext) {
    this.name = name;
    this.page = page;
    this.#context = context;
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text());
    });
  }

  /** Calls the probe inside the page. */
  async ask<Name extends keyof ProbeCalls>(
    name: Name,
    ...args: Parameters<ProbeCalls[Name]>
  ): Promise<Awaited<ReturnType<ProbeCalls[Name]>>> {
    const list = args.map((arg) => JSON.stringify(arg)).join(',');
    return this.page.evaluate<Awaited<ReturnType<ProbeCalls[Name]>>>(`probe.${name}(${list})`);
  }

  /** Resolves once `holds` is true; rejects with what was seen last. */
  async until<T>(
    look: () => Promise<T>,
    holds: (seen: T) => boolean,
    what: string,
    withinMs = 20_000,
  ): Promise<T> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const seen = await look();
      if (holds(seen)) return seen;
      if (performance.now() > deadline)
        throw new Error(
          `${this.name}: ${what} not within ${withinMs} ms; last seen: ${JSON.stringify(seen)}`,
        );
      await wait(50);
    }
  }

  async inside(): Promise<this> {
    await this.until(
      () => this.ask('phase'),
      (phase) => phase === 'inside',
      'in the room',
    );
    return this;
  }

  /** Resolves, with all RTP streams, once pictures of everybody named are being decoded. */
  async sees(names: readonly string[], withinMs = 20_000): Promise<readonly RtpReport[]> {
    return this.until(
      () => this.ask('rtp'),
      (streams) =>
        names.every((name) =>
          streams.some(
            ({ who, direction, kind, frames }) =>
              who === name && direction === 'received' && kind === 'video' && frames > 0,
          ),
        ),
      `sees ${names.join(', ')}`,
      withinMs,
    );
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}

/** Throws when there is no Chromium. */
function findChromium(): string {
  const given = process.env.CHROMIUM_PATH;
  if (given !== undefined && given !== '') return given;
  const folders = (process.env.PATH ?? '').split(':');
  const found = executables
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error('no Chromium on the PATH; CHROMIUM_PATH may name one');
  return found;
}
