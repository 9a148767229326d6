// Owns the proof that one room spans two regions for real browsers: each sees and hears all others forwarded, and all of
// them mixed by a worker that nobody is connected to, while each source crosses a link once. One region's edge runs on
// Deno. `SLUICE_LONG=1` is six browsers, a normal run three.
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type Guest, TestBrowser } from '../support/browser.ts';
import type { LookName } from '../support/cast.ts';
import { isCrowded } from '../support/crowded.ts';
import { delays, linesUp } from '../support/delays.ts';
import { MixedRoom } from '../support/mixed-room.ts';
import { camera, hearsOnly, Player, seesWhatItIsTold, watchMixed } from '../support/mixed-scene.ts';
import { MixingGuest } from '../support/mixing-guest.ts';
import { config, type PlaceName, TwoRegions } from '../support/two-regions.ts';

const isLong = process.env.SLUICE_LONG === '1';
const everybody: readonly { readonly look: LookName; readonly place: PlaceName }[] = [
  { look: 'red', place: 'west' },
  { look: 'green', place: 'east' },
  { look: 'blue', place: 'east' },
  { look: 'yellow', place: 'west' },
  { look: 'magenta', place: 'west' },
  { look: 'cyan', place: 'east' },
];
const people = everybody.slice(0, isLong ? 6 : 3);
const places = new Map(people.map(({ look, place }) => [look, place]));
const looks = people.map(({ look }) => look);
const whole = { left: 0, top: 0, width: 1, height: 1 };
const framerate = 10;
const view = { width: 320, height: 240 };
/** Six browsers keep two cores busy. */
const patienceMs = isLong ? 90_000 : 20_000;

let regions: TwoRegions;
let browser: TestBrowser;

beforeAll(async () => {
  const access = ['webrtc'] as const;
  const mixing = ['audio', 'video'] as const;
  [regions, browser] = await Promise.all([
    TwoRegions.start(
      [
        { place: 'west', purposes: access },
        { place: 'west', purposes: mixing },
        { place: 'east', purposes: access },
        { place: 'east', purposes: mixing },
      ],
      { runtime: 'deno' },
    ),
    TestBrowser.launch(),
  ]);
});
afterAll(async () => {
  await browser.close();
  await regions.stop();
});
afterEach(() => browser.clear());

const others = (player: Player, players: readonly Player[]) => players.filter((other) => other !== player);

async function play(room: MixedRoom, look: LookName, index: number): Promise<Player> {
  const { url } = regions.edges[places.get(look) ?? 'west'];
  const page = await MixingGuest.join(browser, url, room.id, { user: look });
  const codec = index % 2 === 0 ? 'vp8' : 'h264';
  return new Player(page, look, await page.ask('publish', { ...camera, framerate, look, codec }));
}

async function sampleRoom(): Promise<{ readonly _id: string }> {
  const response = await fetch(`${regions.edges.west.url}/rooms`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'two regions', options: {} }),
  });
  return (await response.json()) as { readonly _id: string };
}

const pictureOf = async (guest: Guest) =>
  (await guest.ask('rtp')).find(
    ({ who, kind, direction }) => who === 'west' && kind === 'video' && direction === 'received',
  );

/** How many pictures of the west a page of the sample has decoded, and how wide they are. */
const picturesOf = async (guest: Guest) => (await pictureOf(guest))?.frames ?? 0;
const widthOf = async (guest: Guest) => (await pictureOf(guest))?.width ?? 0;

const links = async () => [...(await regions.links()).values()].flat();

function longestGap(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.max(...sorted.slice(1).map((time, index) => time - (sorted[index] ?? time)));
}

/** Told once for each link that it crosses. */
async function crossing(): Promise<readonly string[]> {
  return (await links()).flatMap(({ outgoing }) => outgoing.map(({ track }) => track)).sort();
}

it(
  'cluster#15 browsers in two regions see and hear each other, forwarded and mixed',
  { timeout: 600_000 },
  async () => {
    const video = { parameters: { resolution: view, framerate: 12 } };
    const room = await MixedRoom.create(regions.edges.west.url, { views: [{ label: 'common', video }] });
    const players = await Promise.all(looks.map((look, index) => play(room, look, index)));
    const pages = players.map(({ page }) => page);
    await Promise.all(pages.map((page) => page.ask('speak', true)));

    for (const player of players) {
      for (const { look, stream } of others(player, players)) {
        await player.page.stream(({ id }) => id === stream, look);
        await player.page.ask('subscribe', look, stream, { audio: false });
      }
    }
    await Promise.all(
      players.map((player) =>
        Promise.all(
          others(player, players).map(({ look }) =>
            player.page.ask('seenAt', look, [{ area: whole, look }], patienceMs),
          ),
        ),
      ),
    );
    const seen = await regions.seen(room.id);
    expect(seen?.edges).toHaveLength(2);
    expect(seen?.workers).toHaveLength(2);
    // Each picture goes to the one other worker that has somebody who takes it, however many they are.
    const pictures = await crossing();
    expect(pictures).toHaveLength(players.length);
    expect(new Set(pictures).size).toBe(players.length);

    for (const player of players) {
      const heard = others(player, players);
      for (const { look, stream } of heard)
        await player.page.ask('subscribe', `${look}'s voice`, stream, { video: false });
      for (const { look } of heard) await hearsOnly(player.page, [look], `${look}'s voice`, patienceMs);
      for (const { look } of heard) await player.page.ask('unsubscribe', `${look}'s voice`);
    }
    for (const player of players) {
      for (const { look } of others(player, players)) await player.page.ask('unsubscribe', look);
    }

    for (const { stream } of players) await room.mix(stream);
    await watchMixed(room, pages);
    const regionsOfView = looks.length > 4 ? 9 : 4;
    const told = Array.from({ length: regionsOfView }, (_, index) => looks[index]);
    for (const page of pages) await seesWhatItIsTold(page, room, players, told, view, patienceMs);
    for (const player of players) {
      const heard = others(player, players).map(({ look }) => look);
      await hearsOnly(player.page, heard, 'mixed', patienceMs);
    }
    // The two that clients are connected to, and a third that mixes.
    expect((await regions.seen(room.id))?.workers).toHaveLength(3);
    const links = [...(await regions.links()).values()].flat();
    for (const { outgoing } of links) {
      const tracks = outgoing.map(({ track }) => track);
      expect(new Set(tracks).size).toBe(tracks.length);
    }
    const toMixer = (await crossing()).filter((track) => !track.startsWith(room.id));
    expect(toMixer).toHaveLength(2 * players.length);
    expect(new Set(toMixer).size).toBe(toMixer.length);
    for (const page of pages) expect(await page.ask('states')).not.toContain('link recovering');
  },
);

it('cluster#19 F9 F10: the worker that mixes is killed, and the mix is back without any client doing anything', async () => {
  const room = await MixedRoom.create(regions.edges.west.url, {
    views: [{ label: 'common', video: { parameters: { resolution: view, framerate: 12 } } }],
  });
  const players = await Promise.all(
    (['red', 'green'] as const).map((look, index) => play(room, look, index)),
  );
  const pages = players.map(({ page }) => page);
  for (const { stream } of players) await room.mix(stream);
  await watchMixed(room, pages);
  const told = ['red', 'green', undefined, undefined] as const;
  for (const page of pages) await seesWhatItIsTold(page, room, players, told, view, patienceMs);

  const nodes = await regions.nodes();
  const { workers = [] } = (await regions.seen(room.id)) ?? {};
  const mixer = workers.find((id) => nodes.some((node) => node.id === id && node.purposes.includes('video')));
  if (mixer === undefined) throw new Error('nobody mixes');
  const [first] = players;
  if (first === undefined) throw new Error('nobody plays');
  const places = await seesWhatItIsTold(first.page, room, players, told, view);
  const areas = places.slice(0, 2).map(({ area }) => area);
  const watching = first.page.ask('watch', 'mixed', areas, 8_000);
  const killedAt = Date.now();
  await regions.hostOf(mixer).killWorker();
  const shown = await watching;
  const gaps = shown.map((pictures) => longestGap([killedAt, ...pictures.map(({ atMs }) => atMs)]));
  console.log(JSON.stringify({ mixedBackAfterMs: gaps.map(Math.round) }));
  if (!isCrowded()) expect(Math.max(...gaps)).toBeLessThan(2_000);
  for (const page of pages) await seesWhatItIsTold(page, room, players, told, view, patienceMs);
  await Promise.all(pages.map((page) => page.ask('speak', true)));
  await hearsOnly(first.page, ['green'], 'mixed', patienceMs);
  expect((await regions.seen(room.id))?.workers).not.toContain(mixer);
  for (const page of pages) {
    expect(await page.ask('states')).not.toContain('link recovering');
    expect(await page.ask('stateOf', 'mixed')).toBe('live');
  }
});

it('cluster#19 F6: a worker that clients are connected to is killed, and the sample page brings everything back', async () => {
  const { _id: room } = await sampleRoom();
  const open = async (place: PlaceName) =>
    (await browser.open(regions.edges[place].url, { name: place, query: { room } })).inside();
  const [west, east] = await Promise.all([open('west'), open('east')]);
  await Promise.all([west.sees(['east']), east.sees(['west'])]);
  const [host] = regions.hosts;
  await host?.killWorker();
  await west.until(
    () => west.ask('states'),
    (states) => states.includes('link recovering Node lost'),
    'is told',
  );
  // The statistics of the west are those of its new peer connection.
  await west.sees(['east'], patienceMs);
  const frames = await picturesOf(east);
  await east.until(
    () => picturesOf(east),
    (seen) => seen > frames + 10,
    'sees the west again',
    patienceMs,
  );
  expect(await east.ask('people')).toEqual(['east', 'west']);
  expect(await west.ask('states')).not.toContain('rejoined');
});

it.each((['SIGKILL', 'SIGTERM'] as const).slice(0, isLong ? 2 : 1))(
  'cluster#19 F4: a page whose edge is sent %s goes on at another one, its media untouched',
  async (signal) => {
    const { _id: room } = await sampleRoom();
    const doomed = await regions.cluster.edge({ config: config('west') });
    const { host } = new URL(doomed.url);
    const isKnown = async () =>
      expect((await regions.nodes()).some(({ portal }) => portal?.host === host)).toBe(true);
    await vi.waitFor(isKnown, { timeout: 20_000, interval: 200 });
    const open = async (url: string, name: string) =>
      (await browser.open(url, { name, query: { room } })).inside();
    const [west, east] = await Promise.all([open(doomed.url, 'west'), open(regions.edges.east.url, 'east')]);
    await Promise.all([west.sees(['east'], patienceMs), east.sees(['west'], patienceMs)]);
    // On a busy machine a connection may take a second try to come up.
    const before = (await west.ask('states')).length;
    const connections = await west.ask('peerConnections');
    doomed.kill(signal);
    const states = await west.until(
      async () => (await west.ask('states')).slice(before),
      (all) => all.includes('connection reconnecting') && all.at(-1) === 'connection open',
      'is back',
      30_000,
    );
    expect(states.filter((state) => state === 'rejoined' || state.startsWith('link'))).toEqual([]);
    expect(await west.ask('peerConnections')).toBe(connections);
    await west.ask('say', 'from elsewhere');
    await east.until(
      () => east.ask('texts'),
      (texts) => texts.includes('from elsewhere'),
      'hears it',
    );
    const frames = await picturesOf(east);
    await east.until(
      () => picturesOf(east),
      (seen) => seen > frames + 10,
      'still sees the west',
      patienceMs,
    );
    expect(await east.ask('people')).toEqual(['east', 'west']);
  },
);

it.runIf(isLong)(
  'sound and picture stay together over links, forwarded and mixed',
  { timeout: 300_000 },
  async () => {
    const room = await MixedRoom.create(regions.edges.west.url, {
      views: [{ label: 'common', video: { parameters: { resolution: view, framerate: 12 } } }],
    });
    const [red, green] = await Promise.all([play(room, 'red', 0), play(room, 'green', 1)]);
    for (const { stream } of [red, green]) await room.mix(stream);
    await watchMixed(room, [green.page]);
    await green.page.stream(({ id }) => id === red.stream, 'red');
    await green.page.ask('subscribe', 'direct', red.stream);
    const told = ['red', 'green', undefined, undefined] as const;
    const [place] = await seesWhatItIsTold(green.page, room, [red, green], told, view, patienceMs);
    if (place === undefined) throw new Error('no region');
    await red.page.ask('beep', true);
    await linesUp(green.page, place.area);
    await linesUp(green.page, whole, 'direct');
    const [mixed, direct] = await Promise.all([
      delays(green.page, 'mixed', place.area, 8_000),
      delays(green.page, 'direct', whole, 8_000),
    ]);
    console.log(JSON.stringify({ mixed, direct }));
    if (isCrowded()) return;
    expect(Math.abs(mixed.skewMs)).toBeLessThan(60);
    expect(Math.abs(direct.skewMs)).toBeLessThan(60);
  },
);

it(
  'of a simulcast picture the layers that somebody takes cross a link, each once',
  { timeout: 120_000 },
  async () => {
    const { _id: room } = await sampleRoom();
    const open = async (place: PlaceName, query: Readonly<Record<string, string>>) =>
      (await browser.open(regions.edges[place].url, { name: place, query: { room, ...query } })).inside();
    const [west, east] = await Promise.all([
      open('west', { simulcast: 'true', resolution: 'hd720p' }),
      open('east', { publish: 'false' }),
    ]);
    await east.sees(['west'], patienceMs);
    const layers = await east.until(
      () => east.ask('layers', 'west'),
      (known) => known.length >= 2,
      'knows layers',
      patienceMs,
    );
    const widths = new Set<number>();
    for (const { id } of layers) {
      await east.ask('chooseLayer', 'west', id);
      const width = await east.until(
        () => widthOf(east),
        (seen) => !widths.has(seen),
        'the size changes',
        patienceMs,
      );
      widths.add(width);
      const crossing = (await links()).flatMap(({ outgoing }) => outgoing.map(({ track }) => track));
      expect(crossing.filter((track) => track.includes(':'))).toEqual([id]);
    }
    expect(widths.size).toBe(layers.length);
    expect(west.faults).toEqual([]);
  },
);
