// Owns what every implementation of the worker registry must do (store/registry.ts, spec cluster §2–§5).
import { describe, expect, it } from 'vitest';
import type { Origin } from '../../../schemas/room.ts';
import type { ScheduledPurpose } from '../../../schemas/worker.ts';
import type { Registry } from '../registry.ts';
import { until, withFixture, type MakeFixture } from './fixture.ts';
import { madeWorker as worker } from './made-worker.ts';

const anywhere = { isp: '', region: '' };
const now = 1_700_000_000_000;

/** The worker picked, or why there is none. */
async function pick(
  registry: Registry,
  purpose: ScheduledPurpose,
  task: string,
  origin: Origin,
): Promise<string> {
  const picked = await registry.pick({ purpose, task, origin }, now);
  return picked.worker ?? picked.why;
}

/** Declares the suite for one implementation. */
export function registryConformance(name: string, make: MakeFixture<Registry>): void {
  const test = (what: string, body: Parameters<typeof withFixture<Registry>>[1]) =>
    it(what, withFixture(make, body));

  describe(`registry: ${name}`, () => {
    test('picks nothing where nobody is', async (registry) => {
      expect(await pick(registry, 'webrtc', 't', anywhere)).toBe('nobody');
      expect(await registry.alive()).toEqual([]);
    });

    test('cluster#1 picks the least loaded below its maxLoad, of the wanted purpose', async (registry) => {
      await registry.announce(worker('full', { load: 0.85 }), now);
      await registry.announce(worker('video', { load: 0, purposes: ['video', 'audio'] }), now);
      expect(await pick(registry, 'webrtc', 't1', anywhere)).toBe('full');
      await registry.announce(worker('nearly', { load: 0.849 }), now);
      expect(await pick(registry, 'webrtc', 't2', anywhere)).toBe('nearly');
      await registry.announce(worker('free', { load: 0.3 }), now);
      expect(await pick(registry, 'webrtc', 't3', anywhere)).toBe('free');
      expect(await pick(registry, 'audio', 't3', anywhere)).toBe('video');
    });

    test('cluster#8 least-used takes the first of equals', async (registry) => {
      for (const [id, load] of [
        ['a', 0.3],
        ['b', 0.1],
        ['c', 0.1],
      ] as const) {
        await registry.announce(worker(id, { load }), now);
      }
      expect(await pick(registry, 'webrtc', 't', anywhere)).toBe('b');
    });

    test('cluster#4 a task stays with its worker while that is alive, even when full', async (registry) => {
      await registry.announce(worker('a', { load: 0.1 }), now);
      expect(await pick(registry, 'webrtc', 't', anywhere)).toBe('a');
      await registry.announce(worker('b', { load: 0 }), now);
      await registry.announce(worker('a', { load: 0.99 }), now);
      expect(await pick(registry, 'webrtc', 't', anywhere)).toBe('a');
      expect(await pick(registry, 'webrtc', 'u', anywhere)).toBe('b');
      await registry.remove('a', 'quit');
      expect(await pick(registry, 'webrtc', 't', anywhere)).toBe('b');
    });

    test('a draining worker gets no new work, not even of a known task', async (registry) => {
      await registry.announce(worker('a'), now);
      expect(await pick(registry, 'webrtc', 't', anywhere)).toBe('a');
      await registry.announce(worker('a', { state: 'draining' }), now);
      expect(await pick(registry, 'webrtc', 't', anywhere)).toBe('full');
      await registry.announce(worker('b'), now);
      expect(await pick(registry, 'webrtc', 't', anywhere)).toBe('b');
    });

    test('64 parallel picks of one task agree', async (registry) => {
      for (const id of ['a', 'b', 'c']) await registry.announce(worker(id), now);
      const picks = await Promise.all(
        Array.from({ length: 64 }, () => pick(registry, 'webrtc', 't', anywhere)),
      );
      expect(new Set(picks).size).toBe(1);
    });

    test('respects ISP and region', async (registry) => {
      await registry.announce(worker('eu', { regions: ['eu'], load: 0.5 }), now);
      await registry.announce(worker('any', { load: 0.1 }), now);
      expect(await pick(registry, 'webrtc', 't1', { isp: '', region: 'eu' })).toBe('eu');
      expect(await pick(registry, 'webrtc', 't2', { isp: '', region: 'us' })).toBe('any');
      expect(await pick(registry, 'webrtc', 't3', anywhere)).toBe('any');
    });

    test('cluster#2 silence removes a worker and tells the watchers once', async (registry, fixture) => {
      const lost: string[] = [];
      registry.watch((id, reason) => lost.push(`${id} ${reason}`));
      await fixture.advance(20);
      await registry.announce(worker('silent'), now);
      await registry.announce(worker('lively'), now);
      await registry.announce(worker('lively'), now + 3000);
      await registry.sweep(now + 3999, 4000);
      expect(lost).toEqual([]);
      await registry.sweep(now + 4000, 4000);
      await registry.sweep(now + 4000, 4000);
      await until(fixture, () => lost.length > 0);
      expect(lost).toEqual(['silent lost']);
      expect((await registry.alive()).map((known) => known.worker)).toEqual(['lively']);
    });

    test('a worker that quits is gone at once; a stranger cannot quit; it may come back', async (registry, fixture) => {
      const lost: string[] = [];
      const stop = registry.watch((id, reason) => lost.push(`${id} ${reason}`));
      await fixture.advance(20);
      await registry.announce(worker('a'), now);
      await registry.remove('a', 'quit');
      await registry.remove('a', 'quit');
      await registry.remove('stranger', 'quit');
      await until(fixture, () => lost.length > 0);
      await registry.announce(worker('a'), now);
      expect(await pick(registry, 'webrtc', 't', anywhere)).toBe('a');
      stop();
      stop();
      await registry.remove('a', 'quit');
      await fixture.advance(20);
      expect(lost).toEqual(['a quit']);
    });

    test('alive shows the latest announcement of each', async (registry) => {
      await registry.announce(worker('a', { load: 0.1 }), now);
      await registry.announce(worker('a', { load: 0.2, regions: ['eu'] }), now + 1);
      expect(await registry.alive()).toEqual([worker('a', { load: 0.2, regions: ['eu'] })]);
    });
  });
}
