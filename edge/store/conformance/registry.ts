// Owns what every implementation of the worker registry must do (store/registry.ts, spec cluster §2–§6).
import { describe, expect, it } from 'vitest';
import type { Origin } from '../../../schemas/room.ts';
import type { ScheduledPurpose } from '../../../schemas/worker.ts';
import type { Scheduling } from '../../cluster/scheduling.ts';
import { strategies } from '../../cluster/strategy.ts';
import type { Demand, Registry } from '../registry.ts';
import { until, withFixture, type Fixture } from './fixture.ts';
import { madeWorker as worker, type MadeWorker } from './made-worker.ts';

export type MakeRegistry = (scheduling: Partial<Scheduling>) => Promise<Fixture<Registry>>;

const anywhere: Origin = { isp: '', region: '' };
const now = 1_700_000_000_000;

/** The worker picked, or why there is none. */
async function pick(registry: Registry, task: string, over: Partial<Demand> = {}, at = now): Promise<string> {
  const picked = await registry.pick({ purpose: 'webrtc', task, origin: anywhere, ...over }, at);
  return picked.worker ?? picked.why;
}

async function announce(registry: Registry, workers: Record<string, MadeWorker>, at = now): Promise<void> {
  for (const [id, made] of Object.entries(workers)) await registry.announce(worker(id, made), at);
}

/** Declares the suite for one implementation. */
export function registryConformance(name: string, make: MakeRegistry): void {
  type Body = (registry: Registry, fixture: Fixture<Registry>) => Promise<void>;
  const within = (scheduling: Partial<Scheduling>, body: Body) => withFixture(() => make(scheduling), body);
  /** With the strategy whose choice is easiest to foresee, and tasks that cost nothing. */
  const test = (what: string, body: Body) =>
    it(what, within({ strategy: { general: 'least-used' }, cost: { webrtc: 0 } }, body));

  describe(`registry: ${name}: who is available`, () => {
    test('cluster#6 picks nobody where nobody has joined yet, and says so', async (registry) => {
      expect(await pick(registry, 't')).toBe('nobody');
      expect(await registry.alive()).toEqual([]);
      expect(await registry.find('w')).toBeUndefined();
      await announce(registry, { v: { purposes: ['video'] } });
      expect(await pick(registry, 't')).toBe('nobody');
    });

    test('cluster#1 not before the first report of load, below maxLoad, and only when ready', async (registry) => {
      await announce(registry, { a: { load: null } });
      expect(await pick(registry, 't')).toBe('full');
      await announce(registry, { a: { load: 0.85 } });
      expect(await pick(registry, 't')).toBe('full');
      await announce(registry, { a: { load: 0.849, state: 'starting' } });
      expect(await pick(registry, 't')).toBe('full');
      await announce(registry, { a: { load: 0.849 } });
      expect(await pick(registry, 't')).toBe('a');
    });

    test('a worker without limit of its own is full at 1', async (registry) => {
      await announce(registry, { a: { load: 1, maxLoad: 2 } });
      expect(await pick(registry, 't')).toBe('full');
    });

    test('purposes are apart, and each has its own load', async (registry) => {
      await registry.announce(
        { ...worker('a', { purposes: ['webrtc', 'video'] }), load: { webrtc: 0.9, video: 0.1 } },
        now,
      );
      expect(await pick(registry, 't')).toBe('full');
      expect(await pick(registry, 't', { purpose: 'video' })).toBe('a');
      await announce(registry, { a: { purposes: ['webrtc'] } });
      expect(await pick(registry, 'u', { purpose: 'video' })).toBe('nobody');
    });

    test('a draining worker gets no new work, not even of a known task, until it is ready again', async (registry) => {
      await announce(registry, { a: {} });
      expect(await pick(registry, 't')).toBe('a');
      await announce(registry, { a: { state: 'draining' } });
      expect(await pick(registry, 't')).toBe('full');
      await announce(registry, { a: {} });
      expect(await pick(registry, 't')).toBe('a');
    });

    test('alive shows the latest announcement of each, in the order of joining', async (registry) => {
      await announce(registry, { b: { load: 0.1 }, a: {} });
      const changed = worker('b', { load: 0.2, regions: ['eu'], portal: { host: 'h:1', secure: true } });
      await registry.announce(changed, now + 1);
      expect(await registry.alive()).toEqual([changed, worker('a')]);
      expect(await registry.find('b')).toEqual(changed);
    });

    test('cluster#3 one that is not known is simply taken in when it is heard of', async (registry) => {
      await announce(registry, { a: {} });
      await registry.sweep(now + 4000, 4000);
      await announce(registry, { a: {} });
      expect(await pick(registry, 't')).toBe('a');
      await registry.pickUp('a', 'webrtc', 't');
      expect(await registry.tasks('a')).toEqual([{ purpose: 'webrtc', task: 't' }]);
    });

    test('cluster#2 silence removes a worker and tells the watchers once', async (registry, fixture) => {
      const lost: string[] = [];
      registry.watch((id, reason) => lost.push(`${id} ${reason}`));
      await fixture.advance(20);
      await announce(registry, { silent: {}, lively: {} });
      await announce(registry, { lively: {} }, now + 3000);
      await registry.sweep(now + 3999, 4000);
      expect(lost).toEqual([]);
      await registry.sweep(now + 4000, 4000);
      await registry.sweep(now + 4000, 4000);
      await until(fixture, () => lost.length > 0);
      expect(lost).toEqual(['silent lost']);
      expect((await registry.alive()).map((known) => known.worker)).toEqual(['lively']);
    });

    test('of some alone silence removes those, and they are alive again when they are heard of', async (registry, fixture) => {
      const lost: string[] = [];
      registry.watch((id, reason) => lost.push(`${id} ${reason}`));
      await fixture.advance(20);
      await announce(registry, { one: {}, other: {}, lively: {} });
      await announce(registry, { lively: {} }, now + 500);
      await registry.sweep(now + 1100, 1100, ['lively', 'one', 'stranger']);
      await registry.sweep(now + 1100, 1100, []);
      await until(fixture, () => lost.length > 0);
      expect((await registry.alive()).map((known) => known.worker)).toEqual(['other', 'lively']);
      await announce(registry, { one: {} }, now + 2000);
      expect((await registry.alive()).map((known) => known.worker)).toEqual(['other', 'lively', 'one']);
      expect(lost).toEqual(['one lost']);
    });

    test('cluster#2 one that quits is gone at once; a stranger cannot quit; only another takes its place', async (registry, fixture) => {
      const lost: string[] = [];
      const stop = registry.watch((id, reason) => lost.push(`${id} ${reason}`));
      await fixture.advance(20);
      await announce(registry, { a: {} });
      await registry.remove('a', 'quit');
      expect(await pick(registry, 't')).toBe('nobody');
      await registry.remove('a', 'quit');
      await registry.remove('stranger', 'quit');
      await until(fixture, () => lost.length > 0);
      // It was under way when its worker died.
      await announce(registry, { a: {} });
      expect(await pick(registry, 't')).toBe('nobody');
      expect(await registry.alive()).toEqual([]);
      await announce(registry, { b: {} });
      expect(await pick(registry, 't')).toBe('b');
      stop();
      stop();
      await registry.remove('b', 'quit');
      await fixture.advance(20);
      expect(lost).toEqual(['a quit']);
    });

    test('cluster#18 F14: one that was silent is alive again when it is heard of', async (registry) => {
      await announce(registry, { a: {} });
      await registry.sweep(now + 4000, 4000);
      expect(await pick(registry, 't')).toBe('nobody');
      await announce(registry, { a: {} }, now + 5000);
      expect(await pick(registry, 't')).toBe('a');
    });
  });

  describe(`registry: ${name}: tasks`, () => {
    test('cluster#4 a task keeps its worker even when another is better, until its reservation ends', async (registry) => {
      await announce(registry, { a: { load: 0.1 } });
      expect(await pick(registry, 't', { reserveMs: 1000 })).toBe('a');
      await announce(registry, { b: {}, a: { load: 0.99 } });
      expect(await pick(registry, 't', { reserveMs: 1000 }, now + 999)).toBe('a');
      expect(await pick(registry, 'u')).toBe('b');
      expect(await pick(registry, 't', {}, now + 1999)).toBe('b');
    });

    test('picking again renews a reservation for the longer of the two times', async (registry) => {
      await announce(registry, { a: {} });
      await pick(registry, 't', { reserveMs: 1000 });
      await pick(registry, 't', { reserveMs: 10 }, now + 500);
      await announce(registry, { a: { load: 0.5 }, b: {} });
      expect(await pick(registry, 't', {}, now + 1499)).toBe('a');
    });

    test('cluster#5 a reservation of 100 ms ends; what is picked up stays; laid down, it stays for its time', async (registry) => {
      await announce(registry, { a: {} });
      expect(await pick(registry, 'lost', { reserveMs: 100 })).toBe('a');
      expect(await pick(registry, 'kept', { reserveMs: 100 })).toBe('a');
      await registry.pickUp('a', 'webrtc', 'kept');
      await announce(registry, { a: { load: 0.5 }, b: {} });
      expect(await pick(registry, 'lost', {}, now + 100)).toBe('b');
      expect(await pick(registry, 'kept', {}, now + 3_600_000)).toBe('a');
      await registry.layDown('a', 'webrtc', 'kept', now + 3_600_000);
      expect(await pick(registry, 'kept', { reserveMs: 100 }, now + 3_600_099)).toBe('a');
      await registry.pickUp('a', 'webrtc', 'kept');
      await registry.layDown('a', 'webrtc', 'kept', now + 3_700_000);
      expect(await pick(registry, 'kept', {}, now + 3_760_000)).toBe('b');
    });

    it(
      'reserves for the configured time where the demand does not say',
      within({ reserveMs: 500, strategy: { webrtc: 'least-used' } }, async (registry) => {
        await announce(registry, { a: {} });
        await pick(registry, 't');
        await announce(registry, { a: { load: 0.5 }, b: {} });
        expect(await pick(registry, 't', {}, now + 500)).toBe('b');
      }),
    );

    test('another worker may pick a task up, only its keeper lays it down, and strangers do neither', async (registry) => {
      await announce(registry, { a: {}, b: { load: 0.5 } });
      expect(await pick(registry, 't')).toBe('a');
      await registry.pickUp('b', 'webrtc', 't');
      await registry.pickUp('stranger', 'webrtc', 't');
      await registry.layDown('a', 'webrtc', 't', now);
      expect(await pick(registry, 't', {}, now + 3_600_000)).toBe('b');
      expect(await registry.tasks('a')).toEqual([]);
      expect(await registry.tasks('b')).toEqual([{ purpose: 'webrtc', task: 't' }]);
      await registry.layDown('b', 'webrtc', 't', now);
      expect(await registry.tasks('b')).toEqual([]);
    });

    test('a lost worker takes its tasks with it, even when it comes back', async (registry) => {
      await announce(registry, { a: {}, b: { load: 0.5 } });
      expect(await pick(registry, 'reserved')).toBe('a');
      expect(await pick(registry, 'held')).toBe('a');
      await registry.pickUp('a', 'webrtc', 'held');
      await registry.remove('a', 'quit');
      await announce(registry, { a: { load: 0.6 } });
      expect(await registry.tasks('a')).toEqual([]);
      expect(await pick(registry, 'reserved')).toBe('b');
      expect(await pick(registry, 'held')).toBe('b');
    });

    test('64 parallel picks of one task agree', async (registry) => {
      await announce(registry, { a: {}, b: {}, c: {} });
      const picks = await Promise.all(Array.from({ length: 64 }, () => pick(registry, 't')));
      expect(new Set(picks).size).toBe(1);
    });
  });

  describe(`registry: ${name}: who fits`, () => {
    test('cluster#14 the wanted region first, then who serves every region, never another one', async (registry) => {
      await announce(registry, { any: {}, eu: { regions: ['eu'], load: 0.5 }, us: { regions: ['us'] } });
      const eu = { origin: { isp: '', region: 'eu' } };
      expect(await pick(registry, 't1', eu)).toBe('eu');
      await announce(registry, { eu: { regions: ['eu'], load: 0.9 } });
      expect(await pick(registry, 't2', eu)).toBe('any');
      await announce(registry, { any: { load: 0.9 } });
      expect(await pick(registry, 't3', eu)).toBe('mismatch');
      expect(await pick(registry, 't4', { origin: { isp: '', region: 'us' } })).toBe('us');
      await announce(registry, { us: { regions: ['us'], load: 0.9 } });
      expect(await pick(registry, 't5', eu)).toBe('full');
    });

    it(
      'cluster#12 with the fallback another region serves where nobody of the wanted one can, for that purpose alone',
      within({ regionFallback: { webrtc: true } }, async (registry) => {
        const eu = { origin: { isp: 'x', region: 'eu' } };
        const us = {
          purposes: ['webrtc', 'audio'] satisfies ScheduledPurpose[],
          isps: ['x'],
          regions: ['us'],
        };
        await announce(registry, { us, other: { isps: ['y'], regions: ['us'] } });
        expect(await pick(registry, 't', eu)).toBe('us');
        expect(await pick(registry, 't', { ...eu, purpose: 'audio' })).toBe('mismatch');
      }),
    );

    test('cluster#16 a mixer must have the formats, cluster#17 an analyser the algorithm', async (registry) => {
      const decode = ['vp8', 'h264'];
      await announce(registry, {
        v1: { purposes: ['video'], video: { decode, encode: ['vp8', 'vp9'] } },
        v2: { purposes: ['video'], load: 0.5, video: { decode, encode: ['vp8', 'h264_CB', 'h264_B'] } },
        n: { purposes: ['analytics'], algorithms: ['a'] },
      });
      const formats = { decode: ['vp8', 'h264_CB'], encode: ['vp8', 'h264_CB'] };
      expect(await pick(registry, 't', { purpose: 'video', formats })).toBe('v2');
      expect(await pick(registry, 'u', { purpose: 'video' })).toBe('v1');
      expect(await pick(registry, 't', { purpose: 'analytics', algorithm: 'b' })).toBe('mismatch');
      expect(await pick(registry, 't', { purpose: 'analytics', algorithm: 'a' })).toBe('n');
    });

    test('a worker that says something else of itself is asked for something else', async (registry) => {
      await announce(registry, { a: { regions: ['eu'] }, b: { regions: ['eu'] } });
      const us = { origin: { isp: '', region: 'us' } };
      expect(await pick(registry, 't', us)).toBe('mismatch');
      await announce(registry, { b: { regions: ['us'] } });
      expect(await pick(registry, 't', us)).toBe('b');
      await announce(registry, { b: { regions: ['eu'] } });
      expect(await pick(registry, 'u', us)).toBe('mismatch');
    });
  });

  describe(`registry: ${name}: who is chosen`, () => {
    const chosen = async (registry: Registry, tasks: number, over: Partial<Demand> = {}, from = 0) => {
      const picks: string[] = [];
      for (let task = from; task < from + tasks; task += 1)
        picks.push(await pick(registry, `t${task}`, over));
      return picks.join('');
    };
    const three = { a: { load: 0.3 }, b: { load: 0.1 }, c: { load: 0.1 } };
    const by = (strategy: string, what: string, body: Body) =>
      it(what, within({ strategy: { webrtc: strategy }, cost: { webrtc: 0 } }, body));

    by('least-used', 'cluster#8 least-used: the first of the least loaded', async (registry) => {
      await announce(registry, three);
      expect(await chosen(registry, 2)).toBe('bb');
    });

    by('most-used', 'cluster#8 most-used: the last of the most loaded', async (registry) => {
      await announce(registry, { a: { load: 0.3 }, b: { load: 0.5 }, c: { load: 0.5 } });
      expect(await chosen(registry, 2)).toBe('cc');
    });

    by('round-robin', 'cluster#8 round-robin: each in turn, past those that leave', async (registry) => {
      await announce(registry, three);
      expect(await chosen(registry, 4)).toBe('abca');
      await registry.remove('b', 'quit');
      expect(await chosen(registry, 2, {}, 4)).toBe('ca');
    });

    by(
      'last-used',
      'cluster#7 last-used: one worker until it is full, then another, and that one stays',
      async (registry) => {
        await announce(registry, three);
        expect(await chosen(registry, 5)).toBe('aaaaa');
        await announce(registry, { a: { load: 0.85 } });
        expect(await chosen(registry, 2, {}, 5)).toBe('bb');
        await announce(registry, { a: { load: 0 } });
        expect(await chosen(registry, 2, {}, 7)).toBe('bb');
      },
    );

    by(
      'randomly-pick',
      'cluster#9 randomly-pick: each of three between 800 and 1200 of 3000',
      async (registry) => {
        await announce(registry, three);
        const counts = { a: 0, b: 0, c: 0 };
        for (const id of await chosen(registry, 3000))
          if (id === 'a' || id === 'b' || id === 'c') counts[id] += 1;
        expect(counts.a + counts.b + counts.c).toBe(3000);
        for (const count of Object.values(counts)) {
          expect(count).toBeGreaterThan(800);
          expect(count).toBeLessThan(1200);
        }
      },
    );

    by('the best', 'cluster#9 an unknown strategy picks all the same', async (registry) => {
      await announce(registry, three);
      expect(await chosen(registry, 20)).toMatch(/^[abc]{20}$/);
    });

    by('round-robin', 'regions do not disturb each other’s turns', async (registry) => {
      const eu = { regions: ['eu'] };
      const us = { regions: ['us'] };
      await announce(registry, { a: eu, b: us, c: eu, d: us });
      const picks: string[] = [];
      for (let task = 0; task < 4; task += 1) {
        for (const region of ['eu', 'us']) {
          picks.push(await pick(registry, `${region}${task}`, { origin: { isp: '', region } }));
        }
      }
      expect(picks.join('')).toBe('abcdabcd');
    });

    by('round-robin', 'turns go over all who serve, whatever else they serve', async (registry) => {
      await announce(registry, { a: { isps: ['x'] }, b: { isps: ['x', 'y'] }, c: { isps: ['x'] } });
      expect(await chosen(registry, 4, { origin: { isp: 'x', region: '' } })).toBe('abca');
    });
  });

  describe(`registry: ${name}: load between reports`, () => {
    const at = (strategy: string) => ({ strategy: { webrtc: strategy }, cost: { webrtc: 0.25 } });

    it(
      'what was just assigned counts as load',
      within(at('least-used'), async (registry) => {
        await announce(registry, { a: { load: 0 }, b: { load: 0.3 } });
        const picks: string[] = [];
        for (const task of ['1', '2', '3', '4', '5', '6', '7', '8']) picks.push(await pick(registry, task));
        expect(picks).toEqual(['a', 'a', 'b', 'a', 'b', 'a', 'b', 'full']);
      }),
    );

    it(
      'a task that comes again costs nothing more',
      within(at('least-used'), async (registry) => {
        await announce(registry, { a: {} });
        for (let again = 0; again < 20; again += 1) expect(await pick(registry, 't')).toBe('a');
        expect(await pick(registry, 'u')).toBe('a');
      }),
    );

    it(
      'a report too early to contain it changes nothing; a later one takes its place',
      within(at('least-used'), async (registry) => {
        await announce(registry, { a: {} });
        for (const task of ['1', '2', '3', '4']) expect(await pick(registry, task)).toBe('a');
        await announce(registry, { a: {} }, now + 100);
        expect(await pick(registry, '5')).toBe('full');
        for (let later = 1100; later < 6000; later += 1000)
          await announce(registry, { a: { load: 0.7 } }, now + later);
        expect(await pick(registry, '5')).toBe('a');
        expect(await pick(registry, '6')).toBe('full');
      }),
    );

    it(
      'what a worker has measured a task to cost counts, and it gets no task that no longer fits',
      within(at('least-used'), async (registry) => {
        await announce(registry, { a: { cost: 0.4 }, b: { load: 0.5, cost: 0.4 }, c: { load: 0.6 } });
        const tasks = ['1', '2', '3', '4'];
        expect(await Promise.all(tasks.map((task) => pick(registry, task)))).toEqual(['a', 'a', 'c', 'full']);
      }),
    );

    it(
      'of thirty that come at once nobody gets more than is measured to fit',
      within(at('least-used'), async (registry) => {
        await announce(registry, { a: { cost: 0.15 }, b: { load: 0.2, cost: 0.3 } });
        const picks = await Promise.all(Array.from({ length: 30 }, (_, task) => pick(registry, `t${task}`)));
        const count = (id: string) => picks.filter((each) => each === id).length;
        expect([count('a'), count('b'), count('full')]).toEqual([5, 2, 23]);
      }),
    );

    it(
      'a task leaves a worker that has lost the engine that it wants, and stays with one that has it',
      within(at('least-used'), async (registry) => {
        const gpu = { purposes: ['video' as const], engines: ['vaapi', 'wasm'] };
        await announce(registry, { a: gpu, b: { ...gpu, load: 0.5 } });
        const wish = { purpose: 'video', engines: ['vaapi'] } as const;
        expect(await pick(registry, '1', wish)).toBe('a');
        await announce(registry, { a: { ...gpu, engines: ['wasm'] } });
        expect(await pick(registry, '1', { purpose: 'video' })).toBe('a');
        expect(await pick(registry, '1', wish)).toBe('b');
        expect(await pick(registry, '1', { purpose: 'video' })).toBe('b');
        await announce(registry, { b: { ...gpu, engines: ['wasm'] } });
        expect(await pick(registry, '1', wish)).toBe('mismatch');
      }),
    );

    it(
      'who is asked for first is taken first, while it has room and fits',
      within(at('least-used'), async (registry) => {
        await announce(registry, {
          a: {},
          b: { load: 0.5, cost: 0.3 },
          c: { isps: ['x'] },
          d: { state: 'draining' },
        });
        const near = { near: ['c', 'd', 'nobody', 'b'] };
        expect(await pick(registry, '1', near)).toBe('b');
        expect(await pick(registry, '2', near)).toBe('a');
      }),
    );

    for (const strategy of strategies) {
      for (const located of [false, true]) {
        it(
          `${strategy}${located ? ' by ISP and region' : ''}: nobody gets more than fits, and all of that`,
          within({ strategy: { webrtc: strategy }, cost: { webrtc: 0.1 } }, async (registry) => {
            const ids = Array.from({ length: 40 }, (_, index) => index);
            const places = (index: number) =>
              located ? { isps: [`isp${index % 2}`], regions: [`region${index % 4}`] } : {};
            await Promise.all(
              ids.map((index) =>
                registry.announce(worker(`w${index}`, { load: (index % 10) / 10, ...places(index) }), now),
              ),
            );
            const room = (index: number) => Math.max(0, Math.ceil((850 - 100 * (index % 10)) / 100));
            const total = ids.reduce((sum, index) => sum + room(index), 0);
            const demands = Array.from({ length: 4 }, (_, place) => ({
              origin: located ? { isp: `isp${place % 2}`, region: `region${place}` } : anywhere,
            }));
            const picks = await Promise.all(
              Array.from({ length: 4 * total }, (_, task) => pick(registry, `t${task}`, demands[task % 4])),
            );
            const counts = new Map<string, number>();
            for (const id of picks) counts.set(id, (counts.get(id) ?? 0) + 1);
            expect(ids.map((index) => counts.get(`w${index}`) ?? 0)).toEqual(ids.map(room));
          }),
        );
      }
    }
  });
}
