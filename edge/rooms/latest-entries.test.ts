import { expect, it } from 'vitest';
import { LatestEntries } from './latest-entries.ts';

const entry = (seq: number, size = 1) => ({ seq, bytes: new Uint8Array(size).fill(seq) });
const firsts = (given: readonly Uint8Array[]) => given.map(([first]) => first);

it('gives the latest entries in order, but only up to where they end', () => {
  const latest = new LatestEntries();
  for (const seq of [3, 4, 5]) latest.push(entry(seq));
  expect(firsts(latest.upTo(5))).toEqual([3, 4, 5]);
  expect(latest.upTo(4)).toEqual([]);
  latest.push(entry(8));
  expect(firsts(latest.upTo(8))).toEqual([8]);
  latest.clear();
  expect(latest.upTo(8)).toEqual([]);
});

it('gives no more than a thousand, and no more than half a megabyte', () => {
  const many = new LatestEntries();
  for (let seq = 1; seq <= 5000; seq += 1) many.push(entry(seq));
  expect(many.upTo(5000)).toHaveLength(1000);
  const large = new LatestEntries();
  for (let seq = 1; seq <= 50; seq += 1) large.push(entry(seq, 100_000));
  expect(firsts(large.upTo(50))).toEqual([46, 47, 48, 49, 50]);
});

it('holds no more than a megabyte, however large the entries are', () => {
  const latest = new LatestEntries();
  for (let seq = 1; seq <= 500; seq += 1) {
    latest.push(entry(seq, 10_000));
    expect(latest.bytes).toBeLessThan(1024 * 1024);
  }
  expect(latest.upTo(500)).toHaveLength(52);
});
