// Who decides: edges near the log for themselves, the conductor for those that are far from it or lose too often.
import { decode, encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channels } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { Ports } from '../store/ports.ts';
import { decodeForward, decodeOutcomes, encodeForward, encodeOutcomes } from './forward-codec.ts';
import type { LiveRoom, Outcome } from './live-room.ts';
import { decodeRecord } from './record-codec.ts';
import type { RoomSettings } from './room-settings.ts';
import { createScene, done, hear, join, say, to, type Scene } from './scripted-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await createScene();
});
afterEach(() => scene.close());

/** An edge that counts its appends. */
async function counted(name: string, settings: Partial<RoomSettings> = {}, over: Partial<Ports> = {}) {
  const appends: string[] = [];
  const { log } = { ...scene.ports, ...over };
  const append: typeof log.append = (room, seq, entries) => {
    appends.push(...entries.map((bytes) => decodeRecord(bytes)?.event.type ?? 'unreadable'));
    return log.append(room, seq, entries);
  };
  const edge = scene.edge(name, { settings, ports: { ...over, log: { ...log, append } } });
  return { room: await edge.open(scene.room), appends };
}

const far = { far: () => true };

async function texts(): Promise<string[]> {
  const { entries } = await scene.ports.log.open(scene.room);
  return entries.flatMap(({ bytes }) => {
    const event = decodeRecord(bytes)?.event;
    return event?.type === 'text-sent' ? [event.message] : [];
  });
}

/** Turns the clock until the work is done. */
async function turning<T>(work: Promise<T>, stepMs = 1): Promise<T> {
  const state = { done: false };
  const settled = work.finally(() => (state.done = true));
  settled.catch(() => undefined);
  for (let turns = 0; !state.done && turns < 5000; turns += 1) await scene.clock.advance(stepMs);
  return settled;
}

describe('an edge far from the log', () => {
  it('lets the conductor decide, and tells its clients once it has folded that', async () => {
    const near = await counted('near');
    const { room, appends } = await counted('far', far);
    const { notices } = hear(room);
    await turning(done(room.execute(join('p1', 'far'))));
    expect(room.state.participants.has('p1')).toBe(true);
    const outcomes = await turning(
      Promise.all([
        room.execute(say('p1', 'a'), { participant: 'p1', cid: 1 }),
        room.execute(say('nobody', 'b')),
        room.execute(say('p1', 'c'), { participant: 'p1', cid: 2 }),
        room.execute(say('p1', 'c'), { participant: 'p1', cid: 2 }),
      ]),
    );
    expect(outcomes).toMatchObject([
      { ok: true },
      { ok: false, refusal: { message: expect.any(String) as string } },
      { ok: true },
      { ok: true, duplicate: true },
    ]);
    for (const outcome of outcomes)
      if (outcome.ok) expect(room.state.seq).toBeGreaterThanOrEqual(outcome.seq);
    await scene.rest();
    expect(to('p1', notices()).flatMap((each) => (each.type === 'text' ? [each.message] : []))).toEqual([
      'a',
      'c',
    ]);
    expect(appends).toEqual([]);
    expect(near.appends).toContain('participant-joined');
    expect(room.state).toEqual(near.room.state);
    expect(room.state.participants.get('p1')?.edge).toBe('far');
  });

  it('decides itself where nobody conducts, and then conducts, until somebody nearer comes', async () => {
    const { room, appends } = await counted('far', far);
    await turning(done(room.execute(join('p1', 'far'))));
    expect(appends).toContain('participant-joined');
    const said = scene.lines.filter((line) => line.includes('nobody decides for this edge'));
    expect(said).not.toHaveLength(0);
    for (const line of said) expect(line).not.toMatch(/ at |\.ts:/);
    await scene.clock.advance(2000);
    expect(await scene.ports.lease.holder(`room.${scene.room}`)).toBe('far');
    const near = await counted('near');
    await scene.clock.advance(1000);
    expect(await scene.ports.lease.holder(`room.${scene.room}`)).toBe('near');
    const before = appends.length;
    await turning(done(room.execute(say('p1', 'a'))));
    expect(appends).toHaveLength(before);
    expect(near.appends.at(-1)).toBe('text-sent');
  });

  it('asks nobody to decide on a room older than what it has told its own clients', async () => {
    await counted('near');
    const asked: number[] = [];
    const { request } = scene.ports.bus;
    const bus = {
      ...scene.ports.bus,
      request: (channel: string, message: unknown, ms: number) => {
        const batch = decodeForward(message);
        if (batch) asked.push(batch.after);
        return request(channel, message, ms);
      },
    };
    const { room } = await counted('far', far, { bus });
    await turning(done(room.execute(join('p1', 'far'))));
    const { seq } = room.state;
    await turning(done(room.execute(say('p1', 'a'))));
    expect(asked.at(-1)).toBe(seq);
  });
});

describe('a conductor that does not answer', () => {
  /** What becomes of a batch between its arrival and the answer. */
  async function withConductor(
    answer: (decide: () => Promise<unknown>) => Promise<unknown>,
  ): Promise<LiveRoom> {
    await counted('near');
    const { room } = await counted('far', far);
    await turning(done(room.execute(join('p1', 'far'))));
    // The conductor's own server, behind one that may hold its answers back.
    const real = scene.ports.bus;
    const near = conductors.get(scene);
    if (near === undefined) throw new Error('no conductor');
    real.serve(channels.commands(scene.room), (message) => answer(() => near(message)));
    return room;
  }
  const conductors = new Map<Scene, (message: unknown) => Promise<unknown>>();
  beforeEach(() => {
    const { bus } = scene.ports;
    const { serve } = bus;
    bus.serve = (channel, handler) => {
      if (channel === channels.commands(scene.room) && !conductors.has(scene)) conductors.set(scene, handler);
      return serve(channel, handler);
    };
  });

  it('is done without after 400 ms; what it decides when it wakes is not done twice', async () => {
    let wake: () => void = () => undefined;
    const sleep = new Promise<void>((resolve) => (wake = resolve));
    let asked = 0;
    const room = await withConductor(async (decide) => {
      asked += 1;
      await sleep;
      return decide();
    });
    const from = scene.clock.now();
    const outcome = await turning(done(room.execute(say('p1', 'a'))));
    expect(scene.clock.now() - from).toBeGreaterThanOrEqual(400);
    expect(scene.clock.now() - from).toBeLessThan(450);
    expect(room.state.seq).toBe(outcome.seq);
    // For a second it does not ask again.
    const again = scene.clock.now();
    await turning(done(room.execute(say('p1', 'b'))));
    expect(scene.clock.now() - again).toBeLessThan(10);
    expect(asked).toBe(1);
    wake();
    await scene.rest();
    expect(await texts()).toEqual(['a', 'b']);
    // Unless the conductor turns out to live.
    await turning(done(room.execute(say('p1', 'c'))));
    expect(asked).toBe(2);
    expect(await texts()).toEqual(['a', 'b', 'c']);
  });

  it('and had decided: the log says what was done, the rest is decided anew', async () => {
    const room = await withConductor(async (decide) => {
      await decide();
      return new Promise(() => undefined);
    });
    const outcomes = await turning(
      Promise.all([
        room.execute(say('p1', 'a')),
        room.execute(say('nobody', 'b')),
        room.execute(say('p1', 'c')),
        room.execute({ type: 'leave', participant: 'nobody' }),
      ]),
    );
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true, true]);
    expect(await texts()).toEqual(['a', 'c']);
  });

  it('and had decided all of it: what is in the log is done at once, and it is asked again', async () => {
    let asked = 0;
    const room = await withConductor(async (decide) => {
      asked += 1;
      await decide();
      return new Promise(() => undefined);
    });
    const from = scene.clock.now();
    for (const text of ['a', 'b']) {
      const { seq } = room.state;
      const both = [1, 2].map((number) => done(room.execute(say('p1', `${text}${number}`))));
      expect(await turning(Promise.all(both))).toEqual([
        { ok: true, seq: seq + 1 },
        { ok: true, seq: seq + 2 },
      ]);
    }
    expect(scene.clock.now() - from).toBeLessThan(100);
    expect(asked).toBe(2);
    expect(await texts()).toEqual(['a1', 'a2', 'b1', 'b2']);
  });

  it.each([
    ['refuses', () => Promise.reject(new SluiceError('unavailable', 'no'))],
    ['answers nonsense', () => Promise.resolve([{ ok: 7 }])],
    ['answers too little', () => Promise.resolve([])],
  ])('or %s', async (_what, answer) => {
    const room = await withConductor(answer);
    await turning(Promise.all(['a', 'b'].map((text) => done(room.execute(say('p1', text))))));
    expect(await texts()).toEqual(['a', 'b']);
  });
});

describe('an edge that loses against others', () => {
  it('lets the conductor decide for 100 ms after two conflicts in a row, for longer when it loses again', async () => {
    const conductor = await counted('near');
    await turning(done(conductor.room.execute(join('rival', 'near'))));
    await scene.rest();
    let rivals = 0;
    let isContested = true;
    const { log } = scene.ports;
    const contested: typeof log.append = async (room, seq, entries) => {
      if (!isContested) return log.append(room, seq, entries);
      rivals += 1;
      await done(conductor.room.execute(say('rival', `rival ${rivals}`)));
      return log.append(room, seq, entries);
    };
    const edge = scene.edge('e2', { ports: { log: { ...log, append: contested } } });
    const room = await edge.open(scene.room);
    await turning(done(room.execute(join('p1', 'e2'))));
    expect(rivals).toBe(2);
    await turning(done(room.execute(say('p1', 'a'))));
    expect(rivals).toBe(2);
    await scene.clock.advance(100);
    await turning(done(room.execute(say('p1', 'b'))));
    expect(rivals).toBe(4);
    await scene.clock.advance(150);
    await turning(done(room.execute(say('p1', 'c'))));
    expect(rivals).toBe(4);
    await scene.clock.advance(50);
    isContested = false;
    await turning(done(room.execute(say('p1', 'd'))));
    isContested = true;
    await turning(done(room.execute(say('p1', 'e'))));
    expect(rivals).toBe(6);
    // 200 ms again, for the append that was first has halved what the next loss doubles.
    await scene.clock.advance(200);
    await turning(done(room.execute(say('p1', 'f'))));
    expect(rivals).toBe(8);
    expect((await texts()).filter((text) => !text.startsWith('rival')).join('')).toBe('abcdef');
  });
});

describe('a conductor that is slower than the others', () => {
  it('asks them to leave deciding to it, and is not outrun for ever', async () => {
    let lost = 0;
    let talking = false;
    const { log } = scene.ports;
    const slow: typeof log.append = async (...entries) => {
      // Whoever decides itself is faster, each time.
      if (talking) void rival.execute(say('p2', 'rival'));
      for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      const result = await log.append(...entries);
      if (!result.ok) lost += 1;
      return result;
    };
    const conductor = await scene.edge('slow', { ports: { log: { ...log, append: slow } } }).open(scene.room);
    const rival = await scene.edge('fast').open(scene.room);
    await scene.rest();
    await turning(done(rival.execute(join('p2', 'fast'))));
    await turning(done(conductor.execute(join('p1', 'slow'))));
    expect(await scene.ports.lease.holder(`room.${scene.room}`)).toBe('slow');
    lost = 0;
    talking = true;
    const said = done(conductor.execute(say('p1', 'heard')));
    void said.finally(() => (talking = false));
    expect(await turning(said)).toMatchObject({ ok: true });
    expect(lost).toBeGreaterThanOrEqual(8);
    expect(lost).toBeLessThan(20);
    await turning(done(conductor.execute(say('p1', 'end'))));
    expect((await texts()).filter((text) => text !== 'rival')).toEqual(['heard', 'end']);
  });
});

describe('an edge among others that are busy', () => {
  it('lets the conductor decide for as long as they are', async () => {
    const busy = await counted('near');
    const { room, appends } = await counted('e2');
    await turning(done(busy.room.execute(join('p1', 'near'))));
    await turning(done(room.execute(join('p2', 'e2'))));
    const chatter = async (texts: number) => {
      for (let text = 0; text < texts; text += 1) {
        await done(busy.room.execute(say('p1', 'x')));
        await scene.clock.advance(1);
      }
    };
    const own = async () => {
      const before = appends.length;
      await turning(done(room.execute(say('p2', 'own'))));
      return appends.length > before;
    };
    expect(await own()).toBe(true);
    await chatter(150);
    expect(await own()).toBe(false);
    await chatter(20);
    await scene.clock.advance(100);
    expect(await own()).toBe(true);
    expect((await texts()).filter((text) => text === 'own')).toHaveLength(3);
  });
});

describe('many edges, some far, on a slow log', () => {
  it.each([1, 2, 3, 4, 5, 6])('every command once, in order, acknowledged (seed %i)', async (seed) => {
    let state = seed * 2_654_435_761;
    let lossy = true;
    const lost = (oneIn: number) => lossy && random(oneIn) === 0;
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state % below;
    };
    const { log, bus } = scene.ports;
    const wait = (ms: number) => new Promise<void>((resolve) => void scene.clock.after(ms, resolve));
    const slow = (ms: number): Partial<Ports> => ({
      log: {
        ...log,
        async append(room, seq, entries) {
          await wait(ms);
          const result = await log.append(room, seq, entries);
          await wait(ms);
          if (lost(20)) throw new SluiceError('unavailable', 'The reply is lost');
          return result;
        },
        async read(room, after, limit) {
          await wait(ms);
          const result = await log.read(room, after, limit);
          await wait(ms);
          return result;
        },
        subscribe: (room, handler) =>
          log.subscribe(room, (entries, epoch) => {
            // One in twenty is lost.
            if (!lost(20)) void wait(ms).then(() => handler(entries, epoch));
          }),
      },
      bus: {
        ...bus,
        async request(channel, message, timeoutMs) {
          await wait(ms);
          const reply = await bus.request(channel, message, timeoutMs);
          await wait(ms);
          if (lost(10)) throw new SluiceError('unavailable', 'The reply is lost');
          return reply;
        },
      },
    });
    const edges = await Promise.all(
      [0, 0, 1, 40].map(async (ms, index) => {
        const settings = { far: () => ms >= 2 };
        const rooms = scene.edge(`e${index}`, { settings, ports: slow(ms) });
        return turning(rooms.open(scene.room));
      }),
    );
    const outcomes = await turning(
      Promise.all(
        edges.map(async (room, index): Promise<readonly [string, Outcome][]> => {
          await done(room.execute(join(`p${index}`, `e${index}`)));
          const all: Promise<readonly [string, Outcome]>[] = [];
          for (let cid = 1; cid <= 40; cid += 1) {
            const text = `${index}.${cid}`;
            all.push(
              room
                .execute(
                  say(`p${index}`, text),
                  random(2) === 0 ? { participant: `p${index}`, cid } : undefined,
                )
                .then((outcome) => [text, outcome] as const),
            );
            if (random(3) === 0) await wait(random(30));
          }
          return Promise.all(all).then((pairs) => pairs.map(([text, outcome]) => [text, outcome]));
        }),
      ),
    );
    await scene.clock.advance(5000);
    const said = await texts();
    expect(outcomes.flat().filter(([, outcome]) => !outcome.ok)).toEqual([]);
    expect([...said].sort()).toEqual(outcomes.flatMap((each) => each.map(([text]) => text)).sort());
    for (const index of edges.keys()) {
      const own = said.filter((text) => text.startsWith(`${index}.`));
      expect(own).toEqual(Array.from({ length: 40 }, (_, cid) => `${index}.${cid + 1}`));
    }
    lossy = false;
    const last = await log.open(scene.room);
    await done(edges[0]?.execute(say('p0', 'the end')) ?? Promise.reject(new Error()));
    await scene.clock.advance(5000);
    for (const room of edges) expect(room.state.seq).toBeGreaterThan(last.seq);
    for (const room of edges) expect(room.state).toEqual(edges[0]?.state);
  });
});

describe('what is answered', () => {
  const outcomes: Outcome[] = [
    { ok: true, seq: 7 },
    { ok: true, seq: 3, duplicate: true },
    { ok: false, refusal: { code: 'forbidden', message: 'no' } },
  ];

  it('is the same after its way over the bus', () => {
    expect(decodeOutcomes(decode(encode(encodeOutcomes(outcomes))), 3)).toEqual(outcomes);
  });

  it.each([
    [undefined, 1],
    [{}, 1],
    [[1, 2], 1],
    [[], 1],
    [[[]], 1],
    [[['1']], 1],
    [[null], 1],
    [[{ code: 7, message: '' }], 1],
    [[{ code: 'forbidden' }], 1],
  ])('is nothing when it is damaged (%j)', (value, count) => {
    expect(decodeOutcomes(value, count)).toBeUndefined();
  });
});

describe('what is asked', () => {
  it('is the same after its way over the bus', () => {
    const batch = {
      edge: 'e1',
      after: 7,
      commands: [
        { n: 1, by: { participant: 'p', cid: 3 }, command: say('p', 'x') },
        { n: 2, command: join('q') },
      ],
    };
    expect(decodeForward(encodeForward(batch))).toEqual(batch);
  });

  it.each([
    undefined,
    {},
    new Uint8Array(),
    Uint8Array.of(0xff),
    new TextEncoder().encode('{"edge":"e","after":1,"commands":'),
    encodeForward({ edge: 'e', after: 1, commands: [] }),
    encodeForward({ edge: 'e', after: 1.5, commands: [{ n: 1, command: say('p', 'x') }] }),
    encodeForward({
      edge: 'e',
      after: 1,
      commands: Array.from({ length: 1001 }, () => ({ n: 1, command: say('p', 'x') })),
    }),
  ])('is nothing when it is damaged (%#)', (bytes) => {
    expect(decodeForward(bytes)).toBeUndefined();
  });
});
