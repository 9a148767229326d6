// Owns the proof that the page of the management interface shows the description that the server gives, in a browser: all
// of it, found by searching, on wide screens and narrow ones, dark and light, without asking anybody else for anything.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { restRoutes } from '../../schemas/rest.ts';
import { TestBrowser } from '../support/browser.ts';
import { startSluice, type RunningSluice } from '../support/server.ts';

let server: RunningSluice;
let browser: TestBrowser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startSluice(), TestBrowser.launch()]);
  await mkdir(pictures, { recursive: true });
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
afterEach(() => browser.clear());

const pictures = join(import.meta.dirname, '../results/pictures');
const desktop = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

async function open(hash = '', context: object = desktop) {
  const asked: string[] = [];
  const guest = await browser.open(new URL(`/api/${hash}`, server.url).href, {
    name: 'reader',
    context,
    prepare: (page) => {
      page.on('request', (request) => asked.push(new URL(request.url()).host));
      return Promise.resolve();
    },
  });
  await guest.page.getByRole('heading', { level: 1 }).waitFor();
  return { guest, page: guest.page, asked };
}

const shown = (page: Page) => page.locator('.operation').count();
const inVersion = (version: string) =>
  restRoutes.filter(({ path }) => !/^\/v1(\.1)?\//.test(path) || path.startsWith(`/${version}/`)).length;

it('shows every route of a version, and of the other when it is chosen', async () => {
  const { guest, page, asked } = await open();
  expect(await shown(page)).toBe(inVersion('v1'));
  await page.getByRole('button', { name: 'v1.1' }).click();
  expect(await shown(page)).toBe(inVersion('v1.1'));
  expect(await page.getByText('/v1/', { exact: false }).count()).toBeLessThan(5);
  expect(guest.faults).toEqual([]);
  expect(new Set(asked)).toEqual(new Set([new URL(server.url).host]));
});

it('finds operations by words of their path, group and texts', async () => {
  const { page } = await open();
  const search = page.getByRole('searchbox');
  await search.fill('DELETE participants/');
  expect(await page.locator('.operation .what').allTextContents()).toEqual(['Drop a participant']);
  await search.fill('no such thing');
  await page.getByText('Nothing here is called that').waitFor();
  await search.fill('');
  expect(await shown(page)).toBe(inVersion('v1'));
});

it('opens an operation into what it takes, gives and refuses, and names it in the address', async () => {
  const { guest, page } = await open();
  await page.getByText('Create a room', { exact: true }).click();
  const card = page.locator('.operation[open]');
  await card.getByText('options', { exact: true }).click();
  await card.getByText('participantLimit', { exact: true }).first().waitFor();
  expect(await card.locator('pre').nth(1).textContent()).toContain(
    `curl -X POST '${new URL(server.url).origin}`,
  );
  expect(await card.textContent()).toContain('1101');
  expect(new URL(page.url()).hash).toBe('#post.v1.rooms');
  expect(guest.faults).toEqual([]);
});

it('begins with the operation that the address names', async () => {
  const { page } = await open('#patch.v1.1.rooms.room.streams.stream');
  const card = page.locator('.operation[open]');
  await card.getByText('/info/inViews').first().waitFor();
  expect(await card.locator('.path').textContent()).toContain('v1.1');
});

it.each([
  ['desktop', desktop],
  ['phone', phone],
] as const)('fits a %s, dark and light', async (name, context) => {
  for (const colorScheme of ['dark', 'light'] as const) {
    const { page } = await open('', { ...context, colorScheme });
    await page.screenshot({ path: join(pictures, `api-${name}-${colorScheme}.png`) });
    await page.getByText('Start a live push', { exact: true }).click();
    await page.locator('.operation[open]').scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(pictures, `api-${name}-${colorScheme}-open.png`) });
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    await browser.clear();
  }
});
