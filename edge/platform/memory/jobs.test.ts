import { expect, it } from 'vitest';
import { jobsConformance } from '../../store/conformance/jobs.ts';
import { createMemoryJobs } from './jobs.ts';
import { createManualClock } from './manual-clock.ts';

jobsConformance('memory', async () => {
  const clock = createManualClock();
  const port = createMemoryJobs({ clock });
  return { port, now: () => clock.now(), advance: (ms) => clock.advance(ms), close: () => port.close() };
});

it('waits for months', async () => {
  const clock = createManualClock();
  const longest = {
    ...clock,
    after: (ms: number, act: () => void) => clock.after(ms > 2 ** 31 - 1 ? 0 : ms, act),
  };
  const jobs = createMemoryJobs({ clock: longest });
  let doneAt = 0;
  jobs.work('a', async () => void (doneAt = clock.now()));
  const at = clock.now() + 100 * 86_400_000;
  await jobs.add({ kind: 'a', data: 1, at });
  await clock.advance(100 * 86_400_000);
  expect(doneAt).toBe(at);
});

it('close does not wait for ever', async () => {
  const clock = createManualClock();
  const jobs = createMemoryJobs({ clock });
  let begun = false;
  jobs.work('a', () => {
    begun = true;
    return new Promise(() => undefined);
  });
  await jobs.add({ kind: 'a', data: 1 });
  await clock.advance(1);
  expect(begun).toBe(true);
  const closed = jobs.close();
  await clock.advance(10_000);
  await closed;
});
