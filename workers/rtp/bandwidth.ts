// Owns the estimate of what a subscriber's way can carry, from transport-cc feedback: delay decides mostly, loss where
// there is much (draft-ietf-rmcat-gcc-02 §5.5, §6). No probing and no pacing: an application that sends less than the
// way can carry is only ever told half as much again as it sends.
import { DelayTrend } from './delay-trend.ts';
import { RateMeter } from './rate-meter.ts';
import type { ArrivalSamples } from './twcc-sender.ts';

export interface BandwidthOptions {
  readonly startBps?: number;
  readonly minBps?: number;
  readonly maxBps?: number;
}

const backOff = 0.85;
const growthPerSecond = 0.08;
/** Near the rate that was too much before, about one packet per response time. */
const slowGrowthBps = 50_000;
const minBackOffMs = 200;
const lossWindowMs = 500;
const minPacketsInWindow = 20;
const muchLoss = 0.1;
const maxStepMs = 1000;

export class BandwidthEstimator {
  /** What may be sent, in bit/s. */
  estimateBps: number;
  /** Share of packets lost in the last window, 0…1. */
  lossFraction = 0;
  readonly #minBps: number;
  readonly #maxBps: number;
  readonly #trend = new DelayTrend();
  readonly #received = new RateMeter();
  #holding = false;
  #lastMs = -1;
  #backedOffMs = -Infinity;
  /** Rate received when it was too much, smoothed; -1: not known. */
  #capacityBps = -1;
  #windowMs = -1;
  #windowPackets = 0;
  #windowLost = 0;

  constructor(options: BandwidthOptions = {}) {
    this.#minBps = options.minBps ?? 50_000;
    this.#maxBps = options.maxBps ?? 20_000_000;
    this.estimateBps = options.startBps ?? 500_000;
  }

  /** What arrives at the receiver, in bit/s; -1: not known. */
  get receivedBps(): number {
    return this.#received.bps;
  }

  /** Takes in one digested feedback. */
  feedback(samples: ArrivalSamples, nowMs: number): void {
    for (let index = 0; index < samples.count; index++) {
      const arrivedMs = samples.arrivedMs[index] ?? 0;
      this.#received.add(arrivedMs, samples.bytes[index] ?? 0);
      this.#trend.add(samples.sentMs[index] ?? 0, arrivedMs);
    }
    const elapsedMs = this.#lastMs < 0 ? 0 : Math.min(maxStepMs, Math.max(0, nowMs - this.#lastMs));
    this.#lastMs = nowMs;
    this.#obeyDelay(nowMs, elapsedMs);
    this.#obeyLoss(samples, nowMs);
    this.estimateBps = Math.min(this.#maxBps, Math.max(this.#minBps, this.estimateBps));
  }

  #obeyDelay(nowMs: number, elapsedMs: number): void {
    const received = this.#received.bps;
    switch (this.#trend.usage) {
      case 'overuse':
        this.#holding = true;
        if (nowMs - this.#backedOffMs < minBackOffMs) return;
        this.#backedOffMs = nowMs;
        this.#noteCapacity(received);
        this.estimateBps = Math.min(this.estimateBps, backOff * (received < 0 ? this.estimateBps : received));
        return;
      case 'underuse':
        // Queues are draining: more now would fill them again.
        this.#holding = true;
        return;
      case 'normal':
        if (this.#holding) this.#holding = false;
        else if (this.lossFraction <= muchLoss) this.#grow(received, elapsedMs);
    }
  }

  #grow(received: number, elapsedMs: number): void {
    const seconds = elapsedMs / 1000;
    if (this.#capacityBps >= 0 && received > 1.2 * this.#capacityBps) this.#capacityBps = -1;
    const near = this.#capacityBps >= 0 && this.estimateBps > 0.8 * this.#capacityBps;
    const grown = near
      ? this.estimateBps + slowGrowthBps * seconds
      : this.estimateBps * (1 + growthPerSecond) ** seconds;
    const limit = received < 0 ? grown : 1.5 * received + 10_000;
    this.estimateBps = Math.max(this.estimateBps, Math.min(grown, limit));
  }

  #noteCapacity(received: number): void {
    if (received < 0) return;
    const known = this.#capacityBps;
    // Far from what was known: the way has changed.
    const changed = known < 0 || received < 0.7 * known || received > 1.3 * known;
    this.#capacityBps = changed ? received : known + 0.2 * (received - known);
  }

  #obeyLoss(samples: ArrivalSamples, nowMs: number): void {
    if (this.#windowMs < 0) this.#windowMs = nowMs;
    this.#windowPackets += samples.count + samples.lost;
    this.#windowLost += samples.lost;
    if (nowMs - this.#windowMs < lossWindowMs || this.#windowPackets < minPacketsInWindow) return;
    this.lossFraction = this.#windowLost / this.#windowPackets;
    this.#windowMs = nowMs;
    this.#windowPackets = 0;
    this.#windowLost = 0;
    if (this.lossFraction > muchLoss) this.estimateBps *= 1 - 0.5 * this.lossFraction;
  }
}
