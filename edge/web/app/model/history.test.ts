import { describe, expect, it } from 'vitest';
import { History, kept } from './history.ts';

const point = (bitrate: number) => ({ bitrate, frames: 30, loss: 0, roundTrip: 5 });
const reading = (key: string, bitrate: number) =>
  new Map([[key, { line: { key, label: key }, point: point(bitrate) }]]);

describe('History', () => {
  it('has gaps where a stream was not yet or no longer there', () => {
    const history = new History();
    history.add(1, reading('a', 10));
    history.add(2, reading('b', 20));
    expect(history.columns('bitrate')).toEqual([
      [-1, 0],
      [10, null],
      [null, 20],
    ]);
  });

  it('forgets a stream that is long gone, and what is older than it keeps', () => {
    const history = new History();
    history.add(0, reading('gone', 1));
    for (let second = 1; second <= kept + 5; second++) history.add(second, reading('a', second));
    expect(history.lines.map(({ key }) => key)).toEqual(['a']);
    const [times, values] = history.columns('bitrate');
    expect(times.length).toBe(kept);
    expect(values?.length).toBe(kept);
  });
});
