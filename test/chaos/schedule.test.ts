import { expect, it } from 'vitest';
import { schedule } from './schedule.ts';

it('has each kind as often as asked, in an order by the seed alone', () => {
  const faults = schedule(7, ['edge', 'mixer'], 20);
  const kinds = faults.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'edge')).toHaveLength(20);
  expect(kinds.filter((kind) => kind === 'mixer')).toHaveLength(20);
  expect(kinds).not.toEqual(kinds.toSorted());
  expect(schedule(7, ['edge', 'mixer'], 20)).toEqual(faults);
  expect(schedule(8, ['edge', 'mixer'], 20)).not.toEqual(faults);
});
