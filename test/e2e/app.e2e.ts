// Owns the proof that the sample page works as a page: it fits a phone and a desktop, can be used by keyboard, tells
// what is wrong, and keeps to the policy it is served with. That media flows is proved in rooms.e2e.ts, the mixed picture
// in mixed-page.e2e.ts.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestBrowser } from '../support/browser.ts';
import type { Guest } from '../support/browser.ts';
import { misfits } from '../support/fits.ts';
import { startSluice } from '../support/server.ts';
import type { RunningSluice } from '../support/server.ts';

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
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
const lobby = { autojoin: 'false' };

async function newRoom(options: object = {}): Promise<string> {
  const response = await fetch(`${server.url}/rooms`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'app e2e', options }),
  });
  const room = (await response.json()) as { readonly _id: string };
  return room._id;
}

async function expectFits(guest: Guest, picture: string): Promise<void> {
  const image = await guest.page.screenshot({ path: join(pictures, `${picture}.png`) });
  expect(await misfits(guest.page)).toEqual([]);
  expect(image.length).toBeGreaterThan(10_000);
}

describe.each([
  { name: 'phone', context: phone },
  { name: 'phone on its side', context: { ...phone, viewport: { width: 844, height: 390 } } },
  { name: 'desktop', context: { viewport: { width: 1280, height: 800 } } },
  {
    name: 'desktop in the light',
    context: { viewport: { width: 1280, height: 800 }, colorScheme: 'light' as const },
  },
])('on a $name', ({ name, context }) => {
  it('lobby, room and every panel fit without scrolling sideways', async () => {
    const room = await newRoom();
    const shot = (what: string) => `${name}-${what}`.replaceAll(' ', '-');
    const query = { room, synthetic: 'true', ...lobby };
    // Sizes are measured, so nothing may be on its way to its size.
    const still = { ...context, reducedMotion: 'reduce' as const };
    const guest = await browser.open(server.url, { name: 'Mira Okafor', query, context: still });
    await guest.page.getByRole('button', { name: 'Camera off' }).waitFor();
    await expectFits(guest, shot('lobby'));
    await guest.page.getByRole('button', { name: 'Join the room' }).click();
    await guest.inside();
    await expectFits(guest, shot('alone'));

    const other = await browser.open(server.url, { name: 'Ana Lima', query: { room, synthetic: 'true' } });
    await other.inside();
    await guest.sees(['Ana Lima']);
    await expectFits(guest, shot('two'));
    await other.ask('say', 'A word that is much too long to fit: '.padEnd(400, 'x'));
    await other.ask('publishScreen');
    await guest.page.getByRole('figure', { name: 'Ana Lima’s screen' }).waitFor();
    await expectFits(guest, shot('screen'));
    for (const panel of ['chat', 'people', 'statistics']) {
      await guest.page.keyboard.press(panel.charAt(0));
      await guest.page.getByRole('complementary', { name: new RegExp(panel, 'i') }).waitFor();
      await expectFits(guest, shot(panel));
      await guest.page.keyboard.press('Escape');
    }
    expect(guest.faults).toEqual([]);
  });
});

it('is usable by keyboard alone, from the name to a word in the chat', async () => {
  const room = await newRoom();
  const guest = await browser.open(server.url, { name: 'Ana', query: { room, ...lobby } });
  const { page } = guest;
  await page.getByLabel('Your name').focus();
  await page.keyboard.press('Enter');
  await guest.inside();
  await page.keyboard.press('m');
  await page.getByRole('button', { name: 'Unmute' }).waitFor();
  await page.keyboard.press('c');
  await page.keyboard.type('mvcps are letters here');
  await page.keyboard.press('Enter');
  await page.getByRole('list', { name: 'Messages' }).getByText('mvcps are letters here').waitFor();
  await page.getByRole('button', { name: 'Unmute' }).waitFor();
  expect(guest.faults).toEqual([]);
});

it('counts what was written while the chat was closed', async () => {
  const room = await newRoom();
  const [ana, bo] = await Promise.all(
    ['Ana', 'Bo'].map(async (name) =>
      (await browser.open(server.url, { name, query: { room, publish: 'false' } })).inside(),
    ),
  );
  await ana?.ask('say', 'one');
  await ana?.ask('say', 'two');
  await bo?.page.getByRole('button', { name: 'Chat, 2 unread' }).click();
  await bo?.page.getByRole('button', { name: 'Chat', exact: true }).waitFor();
});

it('offers a drawn picture to who refuses the camera, and takes it into the room', async () => {
  const room = await newRoom();
  const refuse = `navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));`;
  const guest = await browser.open(server.url, { name: 'Ana', query: { room, ...lobby }, script: refuse });
  await guest.page.getByText('may not use the').waitFor();
  await guest.page.getByRole('button', { name: 'Use a drawn picture instead' }).click();
  await guest.page.getByRole('button', { name: 'Camera off' }).waitFor();
  await guest.page.getByRole('button', { name: 'Join the room' }).click();
  await guest.inside();
  const other = await (await browser.open(server.url, { name: 'Bo', query: { room } })).inside();
  await other.sees(['Ana']);
});

it.each([
  { what: 'a full room', options: { participantLimit: 1 }, text: 'This room is full' },
  { what: 'a room that is not there', options: undefined, text: 'There is no such room' },
])('says so in the lobby of $what', async ({ options, text }) => {
  const room = options === undefined ? '0123456789abcdef01234567' : await newRoom(options);
  const query = { room, publish: 'false' };
  if (options !== undefined) await (await browser.open(server.url, { name: 'Ana', query })).inside();
  const late = await browser.open(server.url, { name: 'Bo', query });
  await late.page.getByRole('alert').getByText(text).waitFor();
  expect(await late.ask('phase')).toBe('lobby');
});

it('cluster#24 says politely that a stream could not be brought in', async () => {
  const room = await newRoom();
  const query = { room, publish: 'false', url: 'rtsp://127.0.0.1/camera' };
  const bo = await (await browser.open(server.url, { name: 'Bo', query })).inside();
  await bo.page.getByText('could not be brought in').waitFor();
});

it('leaves when the page goes away', async () => {
  const room = await newRoom();
  const [ana, bo] = await Promise.all(
    ['Ana', 'Bo'].map(async (name) =>
      (await browser.open(server.url, { name, query: { room, publish: 'false' } })).inside(),
    ),
  );
  await bo?.page.goto('about:blank');
  await ana?.until(
    () => ana.ask('people'),
    (people) => people.length === 1,
    'alone',
    2000,
  );
});

it('cluster#24 shares the screen in place of the camera when the address asks for it', async () => {
  const room = await newRoom();
  const query = { room, screen: 'true', synthetic: 'true' };
  const ana = await (await browser.open(server.url, { name: 'Ana', query })).inside();
  const bo = await (
    await browser.open(server.url, { name: 'Bo', query: { room, publish: 'false' } })
  ).inside();
  const streams = await bo.sees(['Ana']);
  expect(streams.filter(({ kind }) => kind === 'video').map(({ purpose }) => purpose)).toEqual(['screen']);
  expect(ana.faults).toEqual([]);
});

it('shows our own stream as it comes back from the server only when asked to', async () => {
  const room = await newRoom();
  const query = { room, self: 'true' };
  const guest = await (await browser.open(server.url, { name: 'Ana', query })).inside();
  await guest.sees(['Ana']);
});
