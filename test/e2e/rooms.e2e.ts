// Owns the proof that people in a room see and hear each other, in real browsers against the built server, and that the
// client library brings back what breaks.
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestBrowser } from '../support/browser.ts';
import type { Guest } from '../support/browser.ts';
import { startCuttableProxy } from '../support/cuttable-proxy.ts';
import type { RtpReport } from '../support/probe-report.ts';
import { startSluice } from '../support/server.ts';
import type { RunningSluice } from '../support/server.ts';

let server: RunningSluice;
let browser: TestBrowser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startSluice(), TestBrowser.launch()]);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
afterEach(() => browser.clear());

const windowMs = 6000;
const leastShare = 0.9;
/** A machine that stood still this long shows a freeze whatever the server does. */
const stallMs = 120;
const maxWindows = 6;
/** Others are at work on this machine: what is late or stands still proves nothing, so it is looked at again. */
const isCrowded = (): boolean => (loadavg()[0] ?? 0) > availableParallelism() * 3;
const maxKills = 5;
/** Where the machine was too busy each time, only that it comes is seen, and that it does not take for ever. */
const crowdedMs = 10_000;
/** Drawing the page of a room for the first time takes some of this. */
const lateStallMs = 250;

let rooms = 0;
/** A room of its own for each test, so that none sees who was in another. */
async function newRoom(options: object = {}): Promise<string> {
  const response = await fetch(`${server.url}/rooms`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: `e2e ${++rooms}`, options }),
  });
  const room = (await response.json()) as { readonly _id: string };
  return room._id;
}

async function join(
  room: string,
  name: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Guest> {
  const guest = await browser.open(server.url, { name, query: { room, ...query } });
  return guest.inside();
}

function video(
  streams: readonly RtpReport[],
  who: string,
  purpose: RtpReport['purpose'] = 'camera',
): RtpReport {
  const found = streams.find(
    (stream) => stream.who === who && stream.kind === 'video' && stream.purpose === purpose,
  );
  if (found === undefined) throw new Error(`no picture of ${who} in ${JSON.stringify(streams)}`);
  return found;
}

function sound(streams: readonly RtpReport[], who: string): RtpReport {
  const found = streams.find((stream) => stream.who === who && stream.kind === 'audio');
  if (found === undefined) throw new Error(`no sound of ${who} in ${JSON.stringify(streams)}`);
  return found;
}

interface Watched {
  readonly viewer: string;
  readonly sender: string;
  readonly sentFps: number;
  readonly decodedFps: number;
  readonly freezes: number;
  readonly energy: number;
}

/** Watches everybody for some seconds in which the machine itself did not stand still. */
async function watch(
  guests: readonly Guest[],
): Promise<{ readonly rows: readonly Watched[]; readonly fair: boolean }> {
  for (let turn = 1; ; turn++) {
    await Promise.all(guests.map((guest) => guest.ask('longestStallMs')));
    const began = performance.now();
    const before = await Promise.all(guests.map((guest) => guest.ask('rtp')));
    await wait(windowMs);
    const after = await Promise.all(guests.map((guest) => guest.ask('rtp')));
    const seconds = (performance.now() - began) / 1000;
    const stalls = await Promise.all(guests.map((guest) => guest.ask('longestStallMs')));
    const rows = guests.flatMap((viewer, v) =>
      guests.flatMap((sender, s): Watched[] => {
        const [earlier = [], later = [], sentEarlier = [], sentLater = []] = [
          before[v],
          after[v],
          before[s],
          after[s],
        ];
        if (viewer === sender) return [];
        const grown = (
          pick: (streams: readonly RtpReport[]) => number,
          from: readonly RtpReport[],
          to: readonly RtpReport[],
        ) => pick(to) - pick(from);
        return [
          {
            viewer: viewer.name,
            sender: sender.name,
            sentFps: grown((list) => video(list, 'me').frames, sentEarlier, sentLater) / seconds,
            decodedFps: grown((list) => video(list, sender.name).frames, earlier, later) / seconds,
            freezes: grown((list) => video(list, sender.name).freezes, earlier, later),
            energy: grown((list) => sound(list, sender.name).audioEnergy, earlier, later),
          },
        ];
      }),
    );
    const stoodStill = Math.max(...stalls) >= stallMs;
    const isGood = rows.every((row) => row.freezes === 0 && row.decodedFps >= row.sentFps * leastShare);
    if (turn === maxWindows || (!stoodStill && (isGood || !isCrowded()))) {
      console.log(JSON.stringify({ windows: turn, stallMs: Math.round(Math.max(...stalls)), rows }));
      return { rows, fair: !stoodStill && !isCrowded() };
    }
  }
}

describe.each(['vp8', 'h264'])('with %s', (codec) => {
  it('three see and hear each other: 90 % of the frames, no freeze', async () => {
    const room = await newRoom();
    const names = ['Ana', 'Bo', 'Cy'];
    const guests = await Promise.all(names.map((name) => join(room, name, { codec })));
    const reports = await Promise.all(
      guests.map((guest) => guest.sees(names.filter((name) => name !== guest.name))),
    );
    for (const streams of reports)
      for (const stream of streams)
        if (stream.kind === 'video') expect(stream.codec.toLowerCase()).toBe(codec);

    const { rows, fair } = await watch(guests);
    expect(rows).toHaveLength(6);
    for (const { sentFps, decodedFps, freezes, energy } of rows) {
      expect(decodedFps).toBeGreaterThanOrEqual(sentFps * leastShare);
      expect(sentFps).toBeGreaterThan(10);
      if (fair) expect(freezes).toBe(0);
      expect(energy).toBeGreaterThan(0);
    }
    for (const guest of guests) expect(guest.faults).toEqual([]);
  });

  it('a late joiner has a picture within 1 s', async () => {
    const room = await newRoom();
    // Drawn pictures: Chromium's made-up camera stops for all its users whenever one comes or goes.
    const query = { codec, synthetic: 'true' };
    const [ana, bo] = await Promise.all([join(room, 'Ana', query), join(room, 'Bo', query)]);
    await Promise.all([ana.sees(['Bo']), bo.sees(['Ana'])]);
    const sent = async () => video(await ana.ask('rtp'), 'me').frames;
    for (let turn = 1; ; turn++) {
      const late = await join(room, `Late ${turn}`, { publish: 'false' });
      const before = await sent();
      await late.until(
        () => late.ask('firstPictureMs'),
        (ms) => ms >= 0,
        'a picture',
      );
      const firstPictureMs = await late.ask('firstPictureMs');
      const sentMeanwhile = (await sent()) - before;
      const stoodStillMs = await late.ask('longestStallMs');
      console.log(JSON.stringify({ codec, turn, firstPictureMs, sentMeanwhile, stoodStillMs }));
      const fair = stoodStillMs < lateStallMs && sentMeanwhile > firstPictureMs / 100;
      await late.close();
      if (!fair && firstPictureMs >= 1000 && turn < maxWindows) continue;
      expect(firstPictureMs).toBeLessThan(fair ? 1000 : crowdedMs);
      return;
    }
  });

  it('a screen is added, removed and added again on the same connection', async () => {
    const room = await newRoom();
    const [ana, bo] = await Promise.all([join(room, 'Ana', { codec }), join(room, 'Bo', { codec })]);
    await Promise.all([ana.sees(['Bo']), bo.sees(['Ana'])]);
    const connections = () => Promise.all([ana.ask('peerConnections'), bo.ask('peerConnections')]);
    const atFirst = await connections();
    const seesScreen = (wanted: boolean) =>
      bo.until(
        () => bo.ask('rtp'),
        (streams) =>
          streams.some(({ who, purpose, frames }) => who === 'Ana' && purpose === 'screen' && frames > 5) ===
          wanted,
        `Ana's screen ${wanted ? 'shown' : 'gone'}`,
      );
    const first = await ana.ask('publishScreen');
    await seesScreen(true);
    await ana.ask('unpublishScreen');
    await seesScreen(false);
    const second = await ana.ask('publishScreen');
    await seesScreen(true);
    expect(second).not.toBe(first);

    const before = video(await bo.ask('rtp'), 'Ana').frames;
    await bo.until(
      () => bo.ask('rtp'),
      (streams) => video(streams, 'Ana').frames > before + 20,
      'the camera goes on beside the screen',
    );
    const states = JSON.stringify([await ana.ask('states'), await bo.ask('states')]);
    expect(await connections(), states).toEqual(atFirst);
  });
});

it('leaving is seen at once, and who comes back is seen again', async () => {
  const room = await newRoom();
  const [ana, bo] = await Promise.all([join(room, 'Ana'), join(room, 'Bo')]);
  await ana.sees(['Bo']);
  await bo.page.getByRole('button', { name: 'Leave' }).click();
  await ana.until(
    () => ana.ask('people'),
    (people) => people.length === 1,
    'alone',
    2000,
  );
  await bo.page.getByRole('button', { name: 'Join again' }).click();
  await bo.inside();
  await Promise.all([ana.sees(['Bo']), bo.sees(['Ana'])]);
  expect(await ana.ask('people')).toEqual(['Ana', 'Bo']);
});

it('muting and pausing are told to the others and stop the stream, and both come back', async () => {
  const room = await newRoom();
  const [ana, bo] = await Promise.all([join(room, 'Ana'), join(room, 'Bo')]);
  await Promise.all([ana.sees(['Bo']), bo.sees(['Ana'])]);
  await ana.ask('setOn', 'audio', false);
  await bo.page.getByRole('figure', { name: 'Ana, microphone off' }).waitFor();
  await ana.ask('setOn', 'audio', true);
  await bo.page.getByRole('figure', { name: 'Ana, microphone off' }).waitFor({ state: 'detached' });

  const grows = async (within: number): Promise<number> => {
    const before = video(await bo.ask('rtp'), 'Ana').frames;
    await wait(within);
    return video(await bo.ask('rtp'), 'Ana').frames - before;
  };
  await bo.ask('setWatched', 'Ana', false);
  await bo.until(
    () => grows(500),
    (frames) => frames === 0,
    'the picture stands',
  );
  await bo.ask('setWatched', 'Ana', true);
  await bo.until(
    () => grows(500),
    (frames) => frames > 2,
    'the picture moves again',
  );
});

it('a layer of a simulcast picture can be chosen', async () => {
  const room = await newRoom();
  const query = { simulcast: 'true', resolution: 'hd720p' };
  const [ana, bo] = await Promise.all([join(room, 'Ana', query), join(room, 'Bo', { publish: 'false' })]);
  await bo.sees(['Ana']);
  const layers = await bo.until(
    () => bo.ask('layers', 'Ana'),
    (known) => known.length >= 2,
    'knows layers',
  );
  const widths = new Set<number>();
  for (const { id } of layers) {
    await bo.ask('chooseLayer', 'Ana', id);
    const streams = await bo.until(
      () => bo.ask('rtp'),
      (list) => !widths.has(video(list, 'Ana').width),
      'the size changes',
    );
    widths.add(video(streams, 'Ana').width);
  }
  expect(widths.size).toBe(layers.length);
  expect(ana.faults).toEqual([]);
});

it('when the media worker is killed, clients are told and have pictures back within 2 s by themselves', async () => {
  const room = await newRoom();
  const guests = await Promise.all([join(room, 'Ana'), join(room, 'Bo'), join(room, 'Cy')]);
  const others = (guest: Guest) => guests.filter((other) => other !== guest).map(({ name }) => name);
  await Promise.all(guests.map((guest) => guest.sees(others(guest))));
  const ids = await Promise.all(guests.map((guest) => guest.ask('me')));

  for (let kill = 1; ; kill++) {
    const connections = await Promise.all(guests.map((guest) => guest.ask('peerConnections')));
    const killedAt = performance.now();
    void server.killWorker();
    await Promise.all(
      guests.map((guest) =>
        guest.until(
          () => guest.ask('states'),
          (states) => states.filter((state) => state === 'link recovering Node lost').length === kill,
          'is told',
          isCrowded() ? crowdedMs : 2000,
        ),
      ),
    );
    // The statistics are those of the new peer connection: what they count came after the kill.
    await Promise.all(guests.map((guest) => guest.sees(others(guest))));
    const tookMs = performance.now() - killedAt;
    console.log(`pictures back ${Math.round(tookMs)} ms after kill ${kill}`);
    for (const [index, guest] of guests.entries()) {
      // Where the next worker takes its time, what is asked of it is refused for now and asked again.
      const more = (await guest.ask('peerConnections')) - (connections[index] ?? 0);
      const states = JSON.stringify(await guest.ask('states'));
      if (isCrowded()) expect(more, states).toBeGreaterThanOrEqual(1);
      else expect(more, states).toBe(1);
    }
    if (tookMs >= 2000 && isCrowded() && kill < maxKills) continue;
    expect(tookMs).toBeLessThan(isCrowded() ? crowdedMs : 2000);
    break;
  }
  expect(await Promise.all(guests.map((guest) => guest.ask('me')))).toEqual(ids);
});

it('a broken WebSocket is resumed with nothing lost, and media does not notice', async () => {
  const room = await newRoom();
  const proxy = await startCuttableProxy(server.url);
  try {
    const [ana, cy] = await Promise.all([join(room, 'Ana'), join(room, 'Cy')]);
    const bo = await (await browser.open(proxy.url, { name: 'Bo', query: { room } })).inside();
    await Promise.all([ana.sees(['Bo', 'Cy']), bo.sees(['Ana', 'Cy'])]);
    const me = await bo.ask('me');
    await ana.ask('say', 'before');

    proxy.cut();
    await bo.until(
      () => bo.ask('states'),
      (states) => states.includes('connection reconnecting'),
      'notices the break',
    );
    await bo.page.getByText('Reconnecting').waitFor();
    const frames = video(await bo.ask('rtp'), 'Ana').frames;
    await ana.ask('say', 'during 1');
    await cy.ask('leave');
    const said = bo.ask('say', 'from the dark');
    await ana.ask('say', 'during 2');
    const screen = await ana.ask('publishScreen');
    await bo.until(
      () => bo.ask('rtp'),
      (streams) => video(streams, 'Ana').frames > frames + 10,
      'media goes on without signaling',
    );

    proxy.mend();
    await said;
    await ana.ask('say', 'after');
    const everything = ['before', 'during 1', 'during 2', 'from the dark', 'after'];
    for (const guest of [ana, bo])
      expect(
        await guest.until(
          () => guest.ask('texts'),
          (texts) => texts.includes('after'),
          'has the last text',
        ),
      ).toEqual(everything);
    expect(await bo.ask('people')).toEqual(['Ana', 'Bo']);
    expect(await bo.ask('me')).toBe(me);
    expect(screen).not.toBe('');
    await bo.until(
      () => bo.ask('rtp'),
      (streams) => streams.some(({ purpose, frames: decoded }) => purpose === 'screen' && decoded > 0),
      'sees the screen that came meanwhile',
    );
    expect(await bo.ask('states')).not.toContain('rejoined');
    expect(await bo.ask('peerConnections')).toBe(1);
  } finally {
    await proxy.close();
  }
});

it('who is taken out of the room is told so, and can join again', async () => {
  const room = await newRoom();
  const [ana, bo] = await Promise.all([join(room, 'Ana'), join(room, 'Bo')]);
  await Promise.all([ana.sees(['Bo']), bo.sees(['Ana'])]);
  const before = await bo.ask('me');
  await fetch(`${server.url}/rooms/${room}/participants/${before}`, { method: 'DELETE' });
  await bo.page.getByText('You were taken out of the room').waitFor();
  await bo.page.getByRole('button', { name: 'Join again' }).click();
  await bo.inside();
  await bo.sees(['Ana']);
  expect(await bo.ask('me')).not.toBe(before);
});

it('when a server that knows nothing takes the place of the old one, clients join anew by themselves', async () => {
  const [old, next] = await Promise.all([startSluice(), startSluice()]);
  const proxy = await startCuttableProxy(old.url);
  try {
    const guests = await Promise.all(
      ['Ana', 'Bo'].map(async (name) => (await browser.open(proxy.url, { name })).inside()),
    );
    const others = (guest: Guest) => guests.filter((other) => other !== guest).map(({ name }) => name);
    await Promise.all(guests.map((guest) => guest.sees(others(guest))));
    proxy.cut();
    proxy.retarget(next.url);
    await old.stop();
    proxy.mend();
    await Promise.all(
      guests.map((guest) =>
        guest.until(
          () => guest.ask('states'),
          (states) => states.includes('rejoined'),
          'joins anew',
        ),
      ),
    );
    await Promise.all(guests.map((guest) => guest.sees(others(guest))));
    for (const guest of guests) expect(await guest.ask('people')).toEqual(['Ana', 'Bo']);
  } finally {
    await proxy.close();
    await Promise.all([old.stop(), next.stop()]);
  }
});
