import { expect, it } from 'vitest';
import { createManualClock } from './manual-clock.ts';
import { createMemoryOnce } from './once.ts';

const many = Array.from({ length: 40 }, (_, index) => `id ${index}`);

it('a scope that is full forgets its oldest, and no other scope does', async () => {
  const bounds = { perScope: 10, total: 1_000 };
  const once = createMemoryOnce({ clock: createManualClock(), bounds });
  await once.first('other', 'a', 60_000);
  for (const id of many) expect(await once.first('s', id, 60_000)).toBe(true);
  for (const id of many.slice(-10)) expect(await once.first('s', id, 60_000)).toBe(false);
  expect(await once.first('s', 'id 0', 60_000)).toBe(true);
  expect(await once.first('other', 'a', 60_000)).toBe(false);
});

it('when all together are too many, the largest scope forgets', async () => {
  const bounds = { perScope: 100, total: 30 };
  const once = createMemoryOnce({ clock: createManualClock(), bounds });
  for (const id of many.slice(0, 28)) await once.first('large', id, 60_000);
  for (const id of ['a', 'b', 'c', 'd']) expect(await once.first('small', id, 60_000)).toBe(true);
  for (const id of ['a', 'b', 'c', 'd']) expect(await once.first('small', id, 60_000)).toBe(false);
  expect(await once.first('large', 'id 27', 60_000)).toBe(false);
  expect(await once.first('large', 'id 0', 60_000)).toBe(true);
});

it('what is over is forgotten, so that a quiet memory is an empty one', async () => {
  const clock = createManualClock();
  const once = createMemoryOnce({ clock, bounds: { perScope: 100, total: 40 } });
  for (const id of many) await once.first(id, 'a', 1_000);
  await clock.advance(60_000);
  for (const id of many) expect(await once.first('s', id, 60_000)).toBe(true);
  for (const id of many) expect(await once.first('s', id, 60_000)).toBe(false);
});

it('the same id again and again takes the place of one', async () => {
  const clock = createManualClock();
  const once = createMemoryOnce({ clock, bounds: { perScope: 100, total: 20 } });
  await once.first('other', 'a', 600_000);
  await once.first('other', 'b', 600_000);
  for (let times = 0; times < 100; times += 1) {
    expect(await once.first('s', 'a', 100)).toBe(true);
    await clock.advance(100);
  }
  expect(await once.first('other', 'a', 600_000)).toBe(false);
});
