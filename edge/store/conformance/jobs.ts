// Owns what every implementation of jobs must do (store/jobs.ts).
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../../schemas/error.ts';
import type { Jobs, JobRun } from '../jobs.ts';
import { until, withFixture, type Fixture } from './fixture.ts';

export interface JobsFixture extends Fixture<Jobs> {
  readonly now: () => number;
}

const hourMs = 3_600_000;

/** Declares the suite for one implementation. */
export function jobsConformance(name: string, make: () => Promise<JobsFixture>): void {
  const test = (what: string, body: (jobs: Jobs, fixture: JobsFixture) => Promise<void>) =>
    it(what, async () => {
      let fixture: JobsFixture | undefined;
      await withFixture(
        async () => (fixture = await make()),
        async (jobs) => fixture && body(jobs, fixture),
      )();
    });
  const keep = (runs: JobRun[]) => async (run: JobRun) => void runs.push(run);

  describe(`jobs: ${name}`, () => {
    test('does each job once, with its data', async (jobs, fixture) => {
      const runs: JobRun[] = [];
      jobs.work('a', keep(runs), 4);
      const numbers = Array.from({ length: 50 }, (_, index) => index);
      await Promise.all(numbers.map((number) => jobs.add({ kind: 'a', data: { number } })));
      await until(fixture, () => runs.length >= 50);
      const done = runs.map(({ data }) => (data as { number: number }).number);
      expect(done.sort((a, b) => a - b)).toEqual(numbers);
      expect(runs.every(({ attempt }) => attempt === 1)).toBe(true);
    });

    test('keeps jobs until somebody does their kind', async (jobs, fixture) => {
      await jobs.add({ kind: 'a', data: 1 });
      await jobs.add({ kind: 'b', data: 2 });
      const runs: JobRun[] = [];
      jobs.work('a', keep(runs));
      await until(fixture, () => runs.length > 0);
      jobs.work('b', keep(runs));
      await until(fixture, () => runs.length > 1);
      expect(runs.map(({ data }) => data)).toEqual([1, 2]);
    });

    test('does none before its time', async (jobs, fixture) => {
      const done: [unknown, number][] = [];
      jobs.work('a', async ({ data }) => void done.push([data, fixture.now()]));
      const at = fixture.now() + 300;
      await jobs.add({ kind: 'a', data: 'later', at });
      await jobs.add({ kind: 'a', data: 'past', at: 1 });
      await until(fixture, () => done.length > 1);
      expect(done.map(([data]) => data)).toEqual(['past', 'later']);
      expect(done[1]?.[1]).toBeGreaterThanOrEqual(at);
    });

    test('a waiting job is replaced by one of its kind and id, whatever the id', async (jobs, fixture) => {
      const runs: JobRun[] = [];
      const at = fixture.now() + hourMs;
      const ids = ['a', '1', 'a:b', 'ü '.repeat(100)];
      for (const id of ids) await jobs.add({ kind: 'a', id, data: `old ${id}`, at });
      for (const id of ids) await jobs.add({ kind: 'a', id, data: id });
      await jobs.add({ kind: 'b', id: 'a', data: 'another kind', at });
      jobs.work('a', keep(runs));
      await until(fixture, () => runs.length >= ids.length);
      expect(new Set(runs.map(({ data }) => data))).toEqual(new Set(ids));
      await jobs.add({ kind: 'a', id: 'a', data: 'again' });
      await until(fixture, () => runs.length > ids.length);
      expect(runs.at(-1)?.data).toBe('again');
      expect(await jobs.cancel('b', 'a')).toBe(true);
    });

    test('a cancelled job is not done', async (jobs, fixture) => {
      await jobs.add({ kind: 'a', id: 'x', data: 'cancelled' });
      await jobs.add({ kind: 'a', id: 'y', data: 'done' });
      expect(await jobs.cancel('a', 'x')).toBe(true);
      expect(await jobs.cancel('a', 'x')).toBe(false);
      expect(await jobs.cancel('other', 'y')).toBe(false);
      const runs: JobRun[] = [];
      jobs.work('a', keep(runs));
      await until(fixture, () => runs.length > 0);
      expect(runs.map(({ data }) => data)).toEqual(['done']);
    });

    test('tries again, later each time, until it succeeds', async (jobs, fixture) => {
      const attempts: number[] = [];
      const times: number[] = [];
      jobs.work('a', async ({ attempt }) => {
        attempts.push(attempt);
        times.push(fixture.now());
        if (attempt < 3) throw new Error('not yet');
      });
      await jobs.add({ kind: 'a', data: 1, tries: { most: 5, firstDelayMs: 50 } });
      await until(fixture, () => attempts.length >= 3);
      expect(attempts).toEqual([1, 2, 3]);
      expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(50);
      expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(100);
      expect(await jobs.failed('a', 10)).toEqual([]);
    });

    test('gives up after the last try, and says why without private words', async (jobs, fixture) => {
      let tried = 0;
      jobs.work('a', async ({ data }) => {
        tried += 1;
        throw data === 1 ? new SluiceError('unavailable', 'The receiver is away') : new Error('private');
      });
      await jobs.add({ kind: 'a', data: 1, tries: { most: 2, firstDelayMs: 1 } });
      await until(fixture, () => tried >= 2);
      await jobs.add({ kind: 'a', data: 2 });
      await until(fixture, () => tried >= 3);
      let failed = await jobs.failed('a', 10);
      for (; failed.length < 2; failed = await jobs.failed('a', 10)) await fixture.advance(2);
      expect(failed).toEqual([
        { data: 2, reason: 'Internal error' },
        { data: 1, reason: 'The receiver is away' },
      ]);
      expect(await jobs.failed('a', 1)).toHaveLength(1);
      expect(await jobs.failed('other', 10)).toEqual([]);
    });

    test('does no more at once than asked for', async (jobs, fixture) => {
      let now = 0;
      let most = 0;
      let done = 0;
      const going: (() => void)[] = [];
      jobs.work(
        'a',
        async () => {
          most = Math.max(most, (now += 1));
          await new Promise<void>((resolve) => going.push(resolve));
          now -= 1;
          done += 1;
        },
        2,
      );
      for (let count = 0; count < 6; count += 1) await jobs.add({ kind: 'a', data: count });
      for (let count = 0; count < 6; count += 2) {
        await until(fixture, () => going.length === 2);
        for (const go of going.splice(0)) go();
      }
      await until(fixture, () => done === 6);
      expect(most).toBe(2);
    });

    test('repeats a job for as long as somebody does it, once for all who ask', async (jobs, fixture) => {
      let runs = 0;
      const stop = jobs.work('a', async () => void (runs += 1));
      await Promise.all([jobs.repeat('a', 200), jobs.repeat('a', 200)]);
      const from = fixture.now();
      await until(fixture, () => runs >= 4);
      expect(fixture.now() - from).toBeGreaterThanOrEqual(2 * 200);
      stop();
      stop();
    });

    test('close waits for what is being done, and takes nothing more', async (jobs, fixture) => {
      let begun = false;
      let ended = false;
      let go: () => void = () => undefined;
      jobs.work('a', async () => {
        begun = true;
        await new Promise<void>((resolve) => (go = resolve));
        ended = true;
      });
      await jobs.add({ kind: 'a', data: 1 });
      await until(fixture, () => begun);
      const closed = jobs.close();
      go();
      await closed;
      expect(ended).toBe(true);
      await expect(jobs.add({ kind: 'a', data: 2 })).rejects.toMatchObject({ code: 'unavailable' });
      await jobs.close();
    });
  });
}
