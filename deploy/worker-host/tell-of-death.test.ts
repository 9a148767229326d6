import { expect, it } from 'vitest';
import { createManualClock } from '../../edge/platform/memory/manual-clock.ts';
import { createLog } from '../../edge/platform/node/log.ts';
import { tellOfDeath } from './tell-of-death.ts';

const reason = 'killed by SIGKILL';

/** The registry is away for so long. */
async function tell(
  awayMs: number,
  untilMs: number,
): Promise<{ removed: string[]; attempts: number; said: string }> {
  const clock = createManualClock();
  const began = clock.now();
  const removed: string[] = [];
  let attempts = 0;
  let said = '';
  const remove = (worker: string, why: string): Promise<void> => {
    attempts += 1;
    if (clock.now() - began < awayMs) return Promise.reject(new Error('away'));
    removed.push(`${worker} ${why}`);
    return Promise.resolve();
  };
  const log = createLog({ name: 'test', write: (line) => void (said += line) });
  tellOfDeath({ registry: { remove }, clock, log, worker: 'w', reason });
  await clock.advance(untilMs);
  return { removed, attempts, said };
}

it('a death is told at once, and once', async () => {
  expect(await tell(0, 120_000)).toEqual({ removed: [`w ${reason}`], attempts: 1, said: '' });
});

it('a death while the registry is away is told soon after it is back', async () => {
  expect((await tell(5000, 5000)).removed).toEqual([`w ${reason}`]);
  expect((await tell(5000, 120_000)).removed).toHaveLength(1);
});

it('what cannot be told within a minute is said in the log', async () => {
  const { attempts, said } = await tell(Infinity, 600_000);
  expect(attempts).toBeLessThan(130);
  expect(said).toContain('a dead worker could not be taken off the registry');
});
