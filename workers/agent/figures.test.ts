// Owns the proof that a worker's figures only grow where they should, whatever comes and goes.
import { expect, it } from 'vitest';
import * as v from 'valibot';
import { workerFiguresSchema } from '../../schemas/worker-metrics.ts';
import type { RtpCounters, TransportStats } from '../../schemas/worker.ts';
import { CounterSums } from './counter-sums.ts';
import { createFigures } from './figures.ts';
import { videoStats } from './testing/video-stats.ts';

const rtp = (packets: number, more: Partial<RtpCounters> = {}): RtpCounters => ({
  track: 't',
  ssrc: 1,
  packets,
  bytes: packets * 100,
  packetsLost: -1,
  retransmissions: 0,
  nacks: 0,
  plis: 1,
  keyFrames: 0,
  jitter: 0,
  ...more,
});
const transport = (received: readonly RtpCounters[], sent: readonly RtpCounters[]): TransportStats => ({
  transport: 'p',
  state: 'connected',
  received,
  sent,
});
const mixer = videoStats({ rebuilds: 2, fallbacks: 1, share: 0.3, queue: 4 });

it('tells everything in a form that the host takes', () => {
  let transports: readonly TransportStats[] = [transport([rtp(10)], [rtp(7), rtp(8, { ssrc: 2 })])];
  const take = createFigures({
    state: () => ({ rooms: 3, loopDelayMs: 20, overloaded: false, load: { webrtc: 0.25 } }),
    transports: () => transports,
    mixers: () => [mixer],
    links: () => [],
    device: () => ({
      host: 'h',
      node: '/dev/dri/renderD128',
      state: 'draining',
      part: 0.5,
      taken: 0.2,
      next: 0.1,
      busy: { video: 0.25 },
      memoryBytes: { system: 4096 },
      frequencyHz: { gt0: 1_100_000_000 },
    }),
    process: () => ({ cpuSeconds: 1.5, memoryBytes: 1e6 }),
  });
  const read = (figure: string, labels: object = {}) => {
    const { figures } = v.parse(workerFiguresSchema, take());
    const found = figures.find((each) => each.figure === figure && sameLabels(each.labels, labels));
    return found?.value;
  };
  expect(read('packets', { direction: 'in' })).toBe(10);
  expect(read('packets', { direction: 'out' })).toBe(15);
  expect(read('lost', { direction: 'in' })).toBe(0);
  expect(read('sinks')).toBe(2);
  expect(read('mixEngines', { engine: 'wasm' })).toBe(1);
  expect(read('mixStageSeconds', { engine: 'wasm', stage: 'encode', quantile: '0.99' })).toBe(0.01);
  expect(read('mixEngineBusy', { engine: 'wasm' })).toBe(0.3);
  expect(read('mixQueue', { engine: 'wasm' })).toBe(4);
  expect(read('gpuState', { state: 'draining' })).toBe(1);
  expect(read('gpuState', { state: 'used' })).toBe(0);
  expect(read('gpuTaken')).toBe(0.4);
  expect(read('gpuBusy', { unit: 'video' })).toBe(0.25);
  expect(read('gpuMemory', { region: 'system' })).toBe(4096);
  expect(read('gpuFrequency', { part: 'gt0' })).toBe(1.1e9);
  expect(read('load', { purpose: 'webrtc' })).toBe(0.25);
  expect(read('loopDelay')).toBe(0.02);
  expect(read('mixSeconds', { kind: 'video', quantile: '0.5' })).toBeCloseTo(0.01);
  expect(read('mixFrames', { state: 'made' })).toBe(29);
  expect(read('mixRebuilds')).toBe(2);
  expect(read('mixFallbacks')).toBe(1);
  transports = [];
  expect(read('packets', { direction: 'out' })).toBe(15);
  expect(read('transports')).toBe(0);
});

it('a counter that began anew adds all it has', () => {
  const sums = new CounterSums(['n']);
  for (const n of [5, 8, 2, 2]) {
    sums.begin();
    sums.take('g', 'k', { n });
    sums.end();
  }
  expect(sums.sum('g', 'n')).toBe(10);
});

function sameLabels(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
