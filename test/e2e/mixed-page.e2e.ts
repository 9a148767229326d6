// Owns the proof that the page shows a mixed picture as it is and changes it as it says, in a room that is made up by the
// server's own rules: what a server does with what the page asks is proved elsewhere.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestBrowser } from '../support/browser.ts';
import type { Guest } from '../support/browser.ts';
import { misfits } from '../support/fits.ts';
import { ScriptedRoom } from '../support/scripted-room.ts';
import type { ScriptedRoomOptions } from '../support/scripted-room.ts';
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
const desktop = { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' as const };
const phone = {
  ...desktop,
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

async function enter(
  options: ScriptedRoomOptions = {},
  query: Readonly<Record<string, string>> = {},
  context: object = desktop,
): Promise<{ readonly room: ScriptedRoom; readonly guest: Guest; readonly page: Page }> {
  const room = new ScriptedRoom(options);
  const guest = await browser.open(server.url, {
    name: 'Mira Okafor',
    query: { forward: 'false', synthetic: 'true', ...query },
    context,
    prepare: (page) => room.attach(page),
  });
  await guest.inside();
  return { room, guest, page: guest.page };
}

const three = { others: ['Ana', 'Bo', 'Cy'] };
const place = (page: Page, words: string) =>
  page.getByRole('button', { name: new RegExp(`^Place ${words}`) });

async function layoutIs(guest: Guest, room: ScriptedRoom, layout: string): Promise<void> {
  await guest.until(
    async () => room.layout,
    (now) => now === layout,
    `layout ${layout}`,
    5000,
  );
}

describe('the mixed picture', () => {
  it('is all that is watched, with our own stream in it', async () => {
    const { room, guest, page } = await enter(three);
    await place(page, '4: You').waitFor();
    expect(room.asked).toEqual(['subscribe', 'mix Mira common']);
    await page.getByRole('figure', { name: 'Mixed picture' }).waitFor();
    expect(await page.locator('video').count()).toBe(1);
    expect(guest.faults).toEqual([]);
  });

  it('names who is where, as people come and go', async () => {
    const { room, page } = await enter({ others: ['Ana'] });
    await place(page, '2: You').waitFor();
    room.arrive('Bo');
    await place(page, '3: Bo').waitFor();
    const [picture, bo] = await Promise.all([
      page.getByRole('figure', { name: 'Mixed picture' }).boundingBox(),
      place(page, '3: Bo').boundingBox(),
    ]);
    if (picture === null || bo === null) throw new Error('nothing is shown');
    expect((bo.x - picture.x) / picture.width).toBeCloseTo(0, 2);
    expect((bo.y - picture.y) / picture.height).toBeCloseTo(0.5, 2);
    expect([bo.width / picture.width, bo.height / picture.height].map((share) => share.toFixed(2))).toEqual([
      '0.50',
      '0.50',
    ]);
    room.leave('Ana');
    await place(page, '1: You').waitFor();
    await place(page, '2: Bo').waitFor();
    expect(await page.getByRole('figure', { name: 'Mixed picture' }).boundingBox()).toEqual(picture);
  });

  it('marks who speaks and who is muted, in the picture and in the list of people', async () => {
    const { room, page } = await enter(three);
    await place(page, '4: You').waitFor();
    await room.speak('Bo');
    room.setStatus('Ana', 'audio', 'inactive');
    await place(page, '2: Bo, speaking').waitFor();
    await place(page, '1: Ana, microphone off').waitFor();
    expect(await page.locator('.region.speaks').count()).toBe(1);
    await page.keyboard.press('p');
    const list = page.getByRole('complementary', { name: /People/ });
    await list.locator('.person.speaks', { hasText: 'Bo' }).getByTitle('Speaking').waitFor();
    expect(await list.locator('.person.speaks').count()).toBe(1);
  });

  it('shows a screen that is shared outside of it beside it, and one inside of it only there', async () => {
    const { room, page } = await enter(three);
    await place(page, '4: You').waitFor();
    room.arrive('Ana', 'screen', false);
    await page.getByRole('figure', { name: 'Ana’s screen' }).waitFor();
    room.arrive('Bo', 'screen');
    await place(page, '5: Bo’s screen').waitFor();
    expect(await page.getByRole('figure', { name: 'Bo’s screen' }).count()).toBe(0);
  });

  it('takes in who came without being mixed', async () => {
    const { room, page } = await enter({ others: ['Ana'] });
    room.arrive('Bo', 'camera', false);
    await place(page, '2: You').waitFor();
    await page.keyboard.press('l');
    await page.getByRole('button', { name: 'Take Bo into the picture' }).click();
    await place(page, '3: Bo').waitFor();
    expect(room.asked.at(-1)).toBe('take in Bo');
  });

  it('cluster#24 does not take our own stream in with mix=false', async () => {
    const { room, page } = await enter(three, { mix: 'false' });
    await page.getByRole('figure', { name: /^You/ }).waitFor();
    await place(page, '3: Cy').waitFor();
    await page.getByRole('button', { name: 'Picture', exact: true }).click();
    await page.getByRole('switch', { name: 'Camera and microphone' }).check();
    await place(page, '4: You').waitFor();
    expect(room.asked).toEqual(['subscribe', 'mix Mira common']);
  });
});

describe('changing places', () => {
  it('by dragging one onto another', async () => {
    const { room, guest, page } = await enter(three);
    await place(page, '4: You').waitFor();
    await place(page, '1: Ana').dragTo(place(page, '2: Bo'));
    await layoutIs(guest, room, '1:Bo 2:Ana 3:Cy 4:Mira');
    await place(page, '2: Ana').waitFor();
    await place(page, '4: You').dragTo(place(page, '1: Bo'));
    await layoutIs(guest, room, '1:Mira 2:Ana 3:Cy 4:Bo');
    expect(room.asked.slice(2)).toEqual(['place 1 Ana', 'set-region Mira 1']);
  });

  it('by a tap on each', async () => {
    const { room, guest, page } = await enter(three, {}, phone);
    await place(page, '4: You').tap();
    await page.getByText('Choose who changes places with').waitFor();
    await place(page, '3: Cy').tap();
    await layoutIs(guest, room, '1:Ana 2:Bo 3:Mira 4:Cy');
    await page.getByRole('list', { name: 'In the picture' }).getByRole('button', { name: 'Ana' }).tap();
    await page.getByRole('list', { name: 'In the picture' }).getByRole('button', { name: 'Bo' }).tap();
    await layoutIs(guest, room, '1:Bo 2:Ana 3:Mira 4:Cy');
  });

  it('by keyboard, and not at all after Escape', async () => {
    const { room, guest, page } = await enter(three);
    await place(page, '4: You').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Choose who changes places with').waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await layoutIs(guest, room, '1:Ana 2:Cy 3:Bo 4:Mira');
  });

  it('is not done where nobody is, and told where it is refused', async () => {
    const { room, guest, page } = await enter({ others: ['Ana', 'Bo'] });
    await place(page, '3: You').dragTo(page.locator('[data-region="4"]'));
    room.refuseNext('Not now');
    await place(page, '1: Ana').dragTo(place(page, '2: Bo'));
    await page.getByText('Not now').waitFor();
    await layoutIs(guest, room, '1:Ana 2:Bo 3:Mira 4:');
  });
});

describe('the layout', () => {
  it('is chosen for everybody, and keeps who has no place in sight', async () => {
    const { room, guest, page } = await enter(three);
    await place(page, '4: You').waitFor();
    await page.getByRole('button', { name: 'Picture', exact: true }).click();
    await expectPressed(page, 'Grid');
    await page.getByRole('button', { name: 'One large' }).click();
    await layoutIs(guest, room, '1:Ana 2:Bo 3:Cy 4:Mira 5: 6:');
    await expectPressed(page, 'One large');
    await room.speak('Cy');
    await place(page, '3: Cy, speaking').waitFor();
    await page.getByRole('button', { name: 'Only one' }).click();
    await layoutIs(guest, room, '1:Cy');
    await page.getByText('Ana, Bo, You without a place.').waitFor();
    await page.getByRole('button', { name: 'Make room' }).click();
    await layoutIs(guest, room, '1:Cy 2:Ana 3:Bo 4:Mira');
    await page.getByRole('button', { name: 'Bo to the first place' }).click();
    await layoutIs(guest, room, '1:Bo 2:Ana 3:Cy 4:Mira');
  });
});

describe('the quality', () => {
  it('is changed on the subscription that is there, the codec with a new one', async () => {
    const { room, guest, page } = await enter(three);
    await place(page, '4: You').waitFor();
    await page.keyboard.press('l');
    const size = async () =>
      page.evaluate<string>(`(({ videoWidth, videoHeight }) => videoWidth + 'x' + videoHeight)
        (document.querySelector('.picture video'))`);
    await guest.until(size, (now) => now === '640x480', 'the view’s own size');
    await page.getByRole('combobox', { name: 'Size' }).selectOption('320x240');
    await guest.until(size, (now) => now === '320x240', 'the smaller size');
    await page.getByRole('combobox', { name: 'Frame rate' }).selectOption('12');
    await page.getByRole('combobox', { name: 'Codec' }).selectOption('h264');
    await guest.until(
      async () => room.asked.length,
      (count) => count === 5,
      'three more requests',
    );
    expect(room.asked.slice(2)).toEqual([
      'update {"resolution":{"width":320,"height":240}}',
      'update {"resolution":{"width":320,"height":240},"framerate":12}',
      'subscribe h264',
    ]);
    await page.getByRole('combobox', { name: 'Codec' }).and(page.locator(':enabled')).waitFor();
    expect(await page.getByRole('combobox', { name: 'Codec' }).inputValue()).toBe('h264');
    expect(await page.locator('video').count()).toBe(1);
  });
});

describe('without a mixed picture', () => {
  it('shows everybody one by one and says so where the server does not mix', async () => {
    const { guest, page } = await enter({ others: ['Ana', 'Bo'], mixes: false });
    await page.getByText('Pictures are not mixed here').waitFor();
    await page.getByRole('figure', { name: 'Ana' }).waitFor();
    await page.getByRole('figure', { name: 'Bo' }).waitFor();
    expect(await page.getByRole('button', { name: 'Picture', exact: true }).count()).toBe(0);
    expect(guest.faults).toEqual([]);
  });

  it('goes over to everybody one by one when mixing fails, and back by wish', async () => {
    const { room, page } = await enter({ others: ['Ana'] });
    await place(page, '2: You').waitFor();
    room.failMixing('No worker for video');
    await page.getByText('The mixed picture stopped').waitFor();
    await page.getByRole('figure', { name: 'Ana' }).waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await place(page, '2: You').waitFor();
    expect(await page.getByRole('figure', { name: 'Ana' }).count()).toBe(0);
  });
});

describe('statistics', () => {
  it('tell of the mixed picture, of its mixer, and when the server holds it back', async () => {
    const { room, page } = await enter(three);
    const took = { p50: 4, p99: 9 };
    room.useMixerStats([
      {
        kind: 'video',
        id: '6560a1b2c3d4e5f60718293a-common/video',
        engine: 'wasm',
        rebuilds: 0,
        fallbacks: 0,
        framerate: { wanted: 24, made: 12, limit: 12 },
        decodeMs: took,
        composeMs: took,
        encodeMs: took,
        addedMs: took,
        inputs: [],
        outputs: [],
      },
    ]);
    await page.keyboard.press('s');
    const figures = page.getByRole('region', { name: 'Mixed picture' });
    for (const text of ['24 a second', '640 × 480', '672 kbit/s', '34 ms', '+14 ms', '12 of 24, held to 12'])
      await figures.getByText(text).first().waitFor();
    await figures.getByText('The server is busy').waitFor();
  });
});

describe.each([
  { name: 'phone', context: phone },
  { name: 'phone on its side', context: { ...phone, viewport: { width: 844, height: 390 } } },
  { name: 'desktop', context: { ...desktop, colorScheme: 'dark' as const } },
  { name: 'desktop in the light', context: { ...desktop, colorScheme: 'light' as const } },
])('on a $name', ({ name, context }) => {
  it('the mixed picture and its panel fit without scrolling sideways', async () => {
    const { room, guest, page } = await enter({}, {}, context);
    const fits = async (what: string): Promise<void> => {
      await page.screenshot({ path: join(pictures, `${name} mixed ${what}.png`.replaceAll(' ', '-')) });
      expect(await misfits(page)).toEqual([]);
    };
    await page.getByText('You are alone here').waitFor();
    await place(page, '1: You').waitFor();
    await fits('alone');
    for (const who of ['Ana Lima', 'Bo Chen', 'Cyprien de la Fontaine']) room.arrive(who);
    room.setStatus('Bo Chen', 'audio', 'inactive');
    await room.speak('Ana Lima');
    await place(page, '4: Cyprien de la Fontaine').waitFor();
    await place(page, '2: Ana Lima, speaking').waitFor();
    await fits('four');
    await page.keyboard.press('l');
    await page.getByRole('complementary', { name: 'Picture' }).waitFor();
    await fits('panel');
    await page.keyboard.press('Escape');
    await page.keyboard.press('s');
    await page.getByRole('region', { name: 'Mixed picture' }).getByText('34 ms').waitFor();
    await fits('statistics');
    await page.keyboard.press('Escape');
    room.arrive('Ana Lima', 'screen', false);
    await page.getByRole('figure', { name: 'Ana Lima’s screen' }).waitFor();
    await fits('screen');
    expect(guest.faults).toEqual([]);
  });
});

async function expectPressed(page: Page, layout: string): Promise<void> {
  await page.locator('.layout[aria-pressed="true"]', { hasText: layout }).waitFor();
}
