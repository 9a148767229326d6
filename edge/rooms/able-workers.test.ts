import { describe, expect, it } from 'vitest';
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
});
