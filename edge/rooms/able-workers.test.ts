import { describe, expect, it, vi } from 'vitest';
import { madeWorker } from '../store/conformance/made-worker.ts';
import { AbleWorkers } from './able-workers.ts';

const basic = ['h264', 'vp8', 'vp9'];
const both = { audio: true, video: true };
const purposes = ['audio' as const, 'video' as const];
const plain = madeWorker('plain', {
  purposes,
  video: { decode: basic, encode: basic },
  engines: ['wasm'],
  byEngine: [{ engine: 'wasm', decode: basic, encode: basic }],
});
const hevc = { decode: [...basic, 'h265'], encode: [...basic, 'h265'] };
const gpu = madeWorker('gpu', {
  purposes,
  video: hevc,
  engines: ['vaapi', 'wasm'],
  byEngine: [
    { engine: 'vaapi', ...hevc },
    { engine: 'wasm', decode: basic, encode: basic },
  ],
});
const able = { ...both, taken: ['h265'], made: ['h265'] };

/** How many entries of maps `work` walks over. */
function mapSteps(work: () => void): number {
  const iterator = Reflect.getPrototypeOf(new Map().entries());
  const isIterator = (found: object | null): found is MapIterator<unknown> =>
    found !== null && 'next' in found;
  if (!isIterator(iterator)) throw new Error('maps are walked over in another way');
  const next = vi.spyOn(iterator, 'next');
  work();
  const { length } = next.mock.calls;
  next.mockRestore();
  return length;
}

describe('what workers can do', () => {
  it('is what any of them can, and what one that died can until it has had time to come back', () => {
    const workers = new AbleWorkers(3000);
    expect(workers.of(undefined, 0)).toEqual({ audio: false, video: false });
    workers.heard(plain, 0);
    expect(workers.of(undefined, 0)).toEqual(both);
    workers.heard(gpu, 0);
    expect(workers.of(undefined, 0)).toEqual(able);
    workers.lost('gpu', 1000);
    expect(workers.of(undefined, 3999)).toEqual(able);
    expect(workers.of(undefined, 4000)).toEqual(both);
  });

  it('is less at once when one says so', () => {
    const workers = new AbleWorkers(3000);
    workers.heard(gpu, 0);
    expect(workers.of(undefined, 0)).toEqual(able);
    workers.heard({ ...plain, worker: 'gpu' }, 1);
    expect(workers.of(undefined, 1)).toEqual(both);
  });

  it('keeps both kinds of media when nobody is left: who mixes is started again', () => {
    const workers = new AbleWorkers(3000);
    workers.heard(plain, 0);
    workers.lost('plain', 0);
    expect(workers.of(undefined, 10_000)).toEqual(both);
  });

  it('takes what was under way at a loss for said before it, and what comes later for a return', () => {
    const workers = new AbleWorkers(3000);
    workers.heard(gpu, 0);
    workers.lost('gpu', 1000);
    workers.heard(gpu, 1999);
    expect(workers.of(undefined, 4000)).toEqual(both);
    workers.heard(gpu, 4000);
    workers.lost('gpu', 5000);
    workers.heard(gpu, 6000);
    expect(workers.of(undefined, 100_000)).toEqual(able);
  });

  it('is for a room with engines of its own what those can', () => {
    const workers = new AbleWorkers(3000);
    workers.heard(plain, 0);
    expect(workers.of(['vaapi', 'qsv'], 0)).toEqual({ audio: true, video: false });
    expect(workers.of(['vaapi', 'wasm'], 0)).toEqual(both);
    workers.heard(gpu, 0);
    expect(workers.of(['vaapi'], 0)).toEqual(able);
    expect(workers.of(['wasm'], 0)).toEqual(both);
  });

  it('lacks for such a room what none of its engines makes', () => {
    const workers = new AbleWorkers(3000);
    const small = { decode: ['h264', 'vp9'], encode: ['h264'] };
    workers.heard({ ...gpu, capacity: { ...gpu.capacity, byEngine: [{ engine: 'vaapi', ...small }] } }, 0);
    expect(workers.of(['vaapi'], 0)).toEqual({ ...both, untaken: ['vp8'], unmade: ['vp8', 'vp9'] });
    workers.heard({ ...gpu, worker: 'other' }, 0);
    expect(workers.of(['vaapi'], 0)).toEqual(able);
  });
  it('has another revision when a kind of worker comes or goes, and at no other time', () => {
    const workers = new AbleWorkers(3000);
    const steps: [boolean, () => void, number][] = [
      [true, () => workers.heard(plain, 0), 0],
      [false, () => workers.heard(plain, 0), 0],
      [false, () => workers.heard({ ...plain, load: { video: 0.5 }, state: 'draining' }, 0), 0],
      [false, () => workers.heard({ ...plain, worker: 'another of its kind' }, 0), 0],
      [true, () => workers.heard(gpu, 0), 0],
      [true, () => workers.heard({ ...plain, worker: 'gpu' }, 0), 0],
      [true, () => workers.heard(gpu, 1000), 1000],
      [false, () => workers.lost('gpu', 1000), 3999],
      [true, () => undefined, 4000],
      [false, () => workers.lost('plain', 5000), 8000],
      [true, () => workers.lost('another of its kind', 9000), 12_000],
      [false, () => workers.lost('nobody', 12_000), 15_000],
    ];
    let before = workers.revision(0);
    for (const [isNew, step, now] of steps) {
      step();
      const after = workers.revision(now);
      expect([step.toString(), after !== before]).toEqual([step.toString(), isNew]);
      before = after;
    }
  });

  it.each([10, 1000])('costs the same among %i workers, who lives and who is forgotten', (many) => {
    const workers = new AbleWorkers(3000);
    const names = Array.from({ length: many }, (_, index) => `w${index}`);
    for (const worker of names) workers.heard({ ...gpu, worker }, 0);
    workers.of(undefined, 0);
    workers.lost('w0', 1000);
    const steps = mapSteps(() => {
      for (const now of [1000, 4000]) {
        workers.heard({ ...gpu, worker: 'w1' }, now);
        workers.of(undefined, now);
      }
    });
    expect(steps).toBeLessThan(8);
  });
});
