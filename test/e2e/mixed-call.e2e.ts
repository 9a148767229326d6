// Owns the proof that the page as a newcomer opens it makes a call over the mixed picture of a real server: what the page
// shows and asks in all its states is proved in mixed-page.e2e.ts, what the mixer makes in mixing.e2e.ts.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { TestBrowser } from '../support/browser.ts';
import type { Guest } from '../support/browser.ts';
import { MixedRoom } from '../support/mixed-room.ts';
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
/** A machine shared with others mixes late, but it mixes. */
const patienceMs = 40_000;
const place = (page: Page, words: string) =>
  page.getByRole('button', { name: new RegExp(`^Place ${words}`) });

async function enter(
  room: string,
  name: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Guest> {
  const context = { viewport: { width: 900, height: 620 } };
  // As the address of a newcomer has it: nothing about forwarding.
  const asked = { room, synthetic: 'true', forward: 'false', ...query };
  return (await browser.open(server.url, { name, query: asked, context })).inside();
}

async function mixedVideo(guest: Guest) {
  const streams = await guest.ask('rtp');
  return streams.find(
    ({ who, kind, direction }) => who === 'mixed common' && kind === 'video' && direction === 'received',
  );
}

/** Resolves with the mixed picture's statistics once they are as wanted. */
async function pictureIs(
  guest: Guest,
  holds: (video: NonNullable<Awaited<ReturnType<typeof mixedVideo>>>) => boolean,
  what: string,
): Promise<void> {
  await guest.until(
    () => mixedVideo(guest),
    (video) => video !== undefined && holds(video),
    what,
    patienceMs,
  );
}

/** Mean colour around a point of the mixed picture, in shares of it. */
async function colourAt(page: Page, x: number, y: number): Promise<readonly number[]> {
  return page.evaluate<number[]>(`(() => {
    const video = document.querySelector('.picture video');
    const canvas = document.createElement('canvas');
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    pen.drawImage(video, 0, 0);
    const { data } = pen.getImageData(canvas.width * ${x} - 8, canvas.height * ${y} - 8, 16, 16);
    return [0, 1, 2].map((part) => data.filter((_, index) => index % 4 === part).reduce((a, b) => a + b) / 256);
  })()`);
}

const isLike = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((part, index) => Math.abs(part - (b[index] ?? 0)) < 24);

it('two newcomers see each other in one picture, move each other, and choose its layout and quality', async () => {
  const room = await MixedRoom.create(server.url);
  const ana = await enter(room.id, 'Ana');
  await place(ana.page, '1: You').waitFor();
  await ana.page.getByText('You are alone here').waitFor();
  const bo = await enter(room.id, 'Bo');
  const { page } = ana;
  await place(page, '2: Bo').waitFor();
  await place(bo.page, '1: Ana').waitFor();
  await pictureIs(ana, ({ frames }) => frames >= 24, 'a second of the mixed picture');
  await pictureIs(bo, ({ frames }) => frames >= 24, 'a second of the mixed picture');
  const received = (await ana.ask('rtp')).filter(
    ({ direction, kind }) => direction === 'received' && kind === 'video',
  );
  expect(received.map(({ who }) => who)).toEqual(['mixed common']);

  // Above the middle of the first and second of four places: one's sky there, the other's here.
  const [first, second] = [
    { x: 0.04, y: 0.1 },
    { x: 0.54, y: 0.1 },
  ];
  const shown = { ana: await colourAt(page, first.x, first.y), bo: await colourAt(page, second.x, second.y) };
  expect(isLike(shown.ana, shown.bo)).toBe(false);
  await place(page, '1: You').dragTo(place(page, '2: Bo'));
  await place(bo.page, '2: Ana').waitFor();
  await ana.until(
    () => colourAt(page, first.x, first.y),
    (colour) => isLike(colour, shown.bo),
    `Bo in the first place, ${shown.bo.join(' ')}`,
    patienceMs,
  );

  await page.screenshot({ path: join(pictures, 'mixed-call.png') });
  await page.keyboard.press('l');
  await page.getByRole('button', { name: 'Filled' }).click();
  await page.locator('.layout[aria-pressed="true"]', { hasText: 'Filled' }).waitFor();
  expect((await room.layout()).map(({ region }) => region.area.width)).toEqual(['1/2', '1/2']);

  await page.getByRole('combobox', { name: 'Size' }).selectOption('320x240');
  await pictureIs(ana, ({ width, height }) => width === 320 && height === 240, 'the smaller size');
  await page.getByRole('combobox', { name: 'Codec' }).selectOption('h264');
  await pictureIs(ana, ({ codec, frames }) => codec === 'H264' && frames > 0, 'H.264');
  await pictureIs(bo, ({ width }) => width === 640, 'the other’s picture as it was');
  await page.locator('.region.speaks').waitFor({ timeout: patienceMs });
  await page.screenshot({ path: join(pictures, 'mixed-call-panel.png') });
  expect(ana.faults).toEqual([]);
});

it('cluster#24 the bare address leads into sampleRoom: published, taken into the mixed picture, and watching that', async () => {
  const ana = await browser.open(server.url, { name: 'Ana' });
  // With nothing after it.
  await ana.page.goto(server.url);
  await ana.page.getByLabel('Your name').fill('Ana');
  await ana.page.getByRole('button', { name: 'Join the room' }).click();
  await ana.inside();
  await place(ana.page, '1: You').waitFor();
  await pictureIs(ana, ({ frames }) => frames >= 24, 'a second of the mixed picture');
  const get = async <T>(path: string) => (await (await fetch(`${server.url}${path}`)).json()) as T;
  const rooms = await get<readonly { readonly _id: string; readonly name: string }[]>('/rooms');
  const room = rooms.find(({ name }) => name === 'sampleRoom')?._id ?? '';
  const streams = await get<readonly { readonly type: string; readonly info: object }[]>(
    `/rooms/${room}/streams`,
  );
  expect(streams.filter(({ type }) => type === 'forward').map(({ info }) => info)).toMatchObject([
    { inViews: ['common'] },
  ]);
});

it('shows everybody one by one, and says so, in a room without views', async () => {
  const room = await MixedRoom.create(server.url, { views: [] });
  const ana = await enter(room.id, 'Ana');
  const bo = await enter(room.id, 'Bo', { publish: 'false' });
  await bo.page.getByText('Pictures are not mixed here').waitFor();
  await bo.sees(['Ana'], patienceMs);
  expect([...ana.faults, ...bo.faults]).toEqual([]);
});
