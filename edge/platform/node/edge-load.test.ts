import { expect, it } from 'vitest';
import { watchEdgeLoad } from './edge-load.ts';

function work(ms: number): void {
  const before = process.cpuUsage();
  while (process.cpuUsage(before).user < ms * 1000);
}

it('says how busy the edge was since it was last asked, and nothing about too short a time', () => {
  const load = watchEdgeLoad();
  expect(load()).toBeUndefined();
  work(150);
  const share = load();
  expect(share).toBeGreaterThan(0);
  expect(share).toBeLessThanOrEqual(1);
  expect(load()).toBeUndefined();
});
