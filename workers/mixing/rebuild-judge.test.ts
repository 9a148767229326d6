import { expect, it } from 'vitest';
import { RebuildJudge } from './rebuild-judge.ts';

it('begins again at once, later when it happens again and again, and then no more', () => {
  const judge = new RebuildJudge();
  const waits = Array.from({ length: 7 }, (_, index) => judge.lost(index * 1000));
  expect(waits).toEqual([0, 0, 500, 1000, 2000, 4000, undefined]);
});

it('forgets losses after a minute', () => {
  const judge = new RebuildJudge();
  for (let index = 0; index < 6; index++) judge.lost(index);
  expect(judge.lost(61_000)).toBe(0);
});

it('suspects what was sent after a second loss', () => {
  const judge = new RebuildJudge();
  judge.lost(0);
  expect(judge.trusting).toBe(true);
  judge.lost(1);
  expect(judge.trusting).toBe(false);
});

it('tries again with something else', () => {
  const judge = new RebuildJudge();
  for (let index = 0; index < 7; index++) judge.lost(index);
  judge.giveUp();
  expect(judge.gaveUp).toBe(true);
  judge.forgive();
  expect([judge.gaveUp, judge.lost(8)]).toEqual([false, 0]);
});
