import { describe, expect, it } from 'vitest';
import { BandwidthEstimator } from './bandwidth.ts';
import { seededRandom } from './made-packets.ts';
import { parseRtcp } from './rtcp.ts';
import { RateMeter } from './rate-meter.ts';
import { SimulatedLink } from './simulated-link.ts';
import { TwccRecorder } from './twcc-recorder.ts';
import { ArrivalSamples, TwccSender } from './twcc-sender.ts';

interface Second {
  readonly capacityBps: number;
  readonly estimateBps: number;
  readonly arrivedBps: number;
  readonly queuedMs: number;
}

/** A sender of 30 frames a second that sends what the estimate allows, and no more than `needBps`. */
function simulate(options: {
  readonly seed: number;
  readonly loss?: number;
  readonly jitterMs?: number;
  readonly needBps?: number;
  readonly seconds: number;
  readonly capacityAt: (second: number) => number;
}): Second[] {
  const random = seededRandom(options.seed);
  const link = new SimulatedLink({
    random,
    delayMs: 30,
    jitterMs: options.jitterMs ?? 4,
    loss: options.loss ?? 0,
    queueMs: 400,
  });
  const estimator = new BandwidthEstimator();
  const sender = new TwccSender();
  const recorder = new TwccRecorder();
  const arrivals: { sequence: number; at: number }[] = [];
  const feedbacks: { bytes: Uint8Array; at: number }[] = [];
  const seconds: Second[] = [];
  let budget = 0;
  let arrived = 0;
  for (let nowMs = 0; nowMs < options.seconds * 1000; nowMs++) {
    link.capacityBps = options.capacityAt(Math.floor(nowMs / 1000));
    if (nowMs % 33 === 0) {
      budget += (Math.min(estimator.estimateBps, options.needBps ?? Infinity) * 0.033) / 8;
    }
    // A frame leaves in packets over some milliseconds, as a busy sender's do.
    for (let burst = 0; burst < 3 && budget > 0 && nowMs % 3 === 0; burst++) {
      const bytes = Math.min(1200, Math.max(200, Math.round(budget)));
      budget -= bytes;
      const sequence = sender.sent(nowMs, bytes);
      const at = link.send(nowMs, bytes);
      if (at === undefined) continue;
      arrivals.push({ sequence, at });
      arrived += bytes;
    }
    while (arrivals[0] !== undefined && arrivals[0].at <= nowMs) {
      const packet = arrivals.shift();
      if (packet !== undefined) recorder.record(packet.sequence, packet.at);
    }
    recorder.flush(nowMs, 1, 2, (bytes) => feedbacks.push({ bytes: bytes.slice(), at: nowMs + 30 }));
    while (feedbacks[0] !== undefined && feedbacks[0].at <= nowMs) {
      const [feedback] = parseRtcp(feedbacks.shift()?.bytes ?? new Uint8Array(0));
      if (feedback?.type === 'transport-feedback' && sender.feedback(feedback)) {
        estimator.feedback(sender.samples, nowMs);
      }
    }
    if (nowMs % 1000 === 999) {
      seconds.push({
        capacityBps: link.capacityBps,
        estimateBps: estimator.estimateBps,
        arrivedBps: arrived * 8,
        queuedMs: link.queuedMs(nowMs),
      });
      arrived = 0;
    }
  }
  return seconds;
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, next) => sum + next, 0) / numbers.length;
const estimates = (seconds: readonly Second[], from: number, to: number): number[] =>
  seconds.slice(from, to).map(({ estimateBps }) => estimateBps);

describe('BandwidthEstimator on a simulated link', () => {
  it.each([1, 2, 3, 4, 5, 6])('follows 2 Mbit/s, 600 kbit/s, 1.5 Mbit/s (seed %i)', (seed) => {
    const seconds = simulate({
      seed,
      seconds: 100,
      capacityAt: (second) => (second < 40 ? 2_000_000 : second < 60 ? 600_000 : 1_500_000),
    });
    expect(mean(estimates(seconds, 30, 40))).toBeGreaterThan(1_300_000);
    expect(mean(estimates(seconds, 30, 40))).toBeLessThan(2_100_000);
    // Four seconds after the step the way carries what is sent, and the queue is gone soon.
    expect(Math.max(...estimates(seconds, 44, 60))).toBeLessThan(660_000);
    expect(mean(estimates(seconds, 45, 60))).toBeGreaterThan(400_000);
    expect(mean(seconds.slice(46, 60).map(({ queuedMs }) => queuedMs))).toBeLessThan(60);
    expect(mean(estimates(seconds, 85, 100))).toBeGreaterThan(1_000_000);
    expect(Math.max(...estimates(seconds, 60, 100))).toBeLessThan(1_750_000);
  });
});

describe('BandwidthEstimator', () => {
  it('does not take random loss of 2 % for congestion', () => {
    const seconds = simulate({ seed: 3, loss: 0.02, seconds: 40, capacityAt: () => 2_000_000 });
    expect(mean(estimates(seconds, 30, 40))).toBeGreaterThan(1_200_000);
  });

  it('gives way to loss of 20 %', () => {
    const seconds = simulate({ seed: 3, loss: 0.2, seconds: 20, capacityAt: () => 5_000_000 });
    expect(mean(estimates(seconds, 15, 20))).toBeLessThan(250_000);
  });

  it('stands 30 ms of jitter', () => {
    const seconds = simulate({ seed: 3, jitterMs: 30, seconds: 40, capacityAt: () => 1_000_000 });
    expect(mean(estimates(seconds, 30, 40))).toBeGreaterThan(500_000);
  });

  it('promises no more than half as much again as was sent', () => {
    const seconds = simulate({ seed: 3, needBps: 300_000, seconds: 30, capacityAt: () => 5_000_000 });
    // It starts at 500 kbit/s and finds no reason to raise that.
    expect(Math.max(...estimates(seconds, 5, 30))).toBeLessThan(520_000);
  });

  it('keeps to its bounds', () => {
    const estimator = new BandwidthEstimator({ startBps: 100_000, minBps: 80_000, maxBps: 110_000 });
    const samples = new ArrivalSamples();
    samples.lost = 100;
    for (let nowMs = 0; nowMs < 20_000; nowMs += 100) estimator.feedback(samples, nowMs);
    expect(estimator.estimateBps).toBe(80_000);
    expect(estimator.lossFraction).toBe(1);
    samples.lost = 0;
    samples.count = 10;
    for (let nowMs = 20_000; nowMs < 60_000; nowMs += 100) {
      for (let index = 0; index < 10; index++) {
        samples.sentMs[index] = nowMs + index * 10;
        samples.arrivedMs[index] = nowMs + index * 10 + 30;
        samples.bytes[index] = 1200;
      }
      estimator.feedback(samples, nowMs);
    }
    expect(estimator.estimateBps).toBe(110_000);
  });
});

describe('RateMeter', () => {
  it.each([0, -100_000, 5e9])('measures an even flow (from %d ms)', (startMs) => {
    const meter = new RateMeter();
    expect(meter.bps).toBe(-1);
    for (let ms = 0; ms < 2000; ms += 10) meter.add(startMs + ms, 1250);
    expect(meter.bps).toBeCloseTo(1_000_000, -3);
  });

  it('forgets what is older than its window', () => {
    const meter = new RateMeter();
    for (let ms = 0; ms < 1000; ms += 10) meter.add(ms, 12_500);
    for (let ms = 1000; ms < 1600; ms += 10) meter.add(ms, 125);
    expect(meter.bps).toBeCloseTo(100_000, -3);
  });

  it('starts afresh after a pause', () => {
    const meter = new RateMeter();
    for (let ms = 0; ms < 1000; ms += 10) meter.add(ms, 1250);
    meter.add(10_000, 1250);
    expect(meter.bps).toBe(-1);
    meter.add(2000, 1250);
    for (let ms = 10_010; ms < 10_400; ms += 10) meter.add(ms, 1250);
    expect(meter.bps).toBeCloseTo(1_000_000, -3);
  });
});
