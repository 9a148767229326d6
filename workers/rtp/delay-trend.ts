// Owns the question whether queues on the way grow: the slope of one-way delay over groups of packets, against a
// threshold that adapts (draft-ietf-rmcat-gcc-02 §5.2–5.4, with the slope as a straight line fitted to 20 groups).

export type Usage = 'normal' | 'overuse' | 'underuse';

/** Packets sent within this time are one group: they queue behind each other and tell nothing singly. */
const groupMs = 5;
const window = 20;
const smoothing = 0.9;
const gain = 4;
const maxGroupsInGain = 60;
const overuseMs = 10;
const minThreshold = 6;
const maxThreshold = 600;
const maxAdaptation = 15;
const risePerMs = 0.0087;
const fallPerMs = 0.039;
/** A flow that pauses this long starts afresh. */
const maxPauseMs = 2000;

export class DelayTrend {
  usage: Usage = 'normal';
  #groupSentMs = 0;
  #lastSentMs = 0;
  #lastArrivedMs = 0;
  #previousSentMs = 0;
  #previousArrivedMs = 0;
  #groups = 0;
  #accumulated = 0;
  #smoothed = 0;
  readonly #times = new Float64Array(window);
  readonly #delays = new Float64Array(window);
  #points = 0;
  #threshold = 12.5;
  #overusedMs = -1;
  #previousTrend = 0;

  /** Takes in one packet, in order of sending; times in ms, each on its own side's clock. */
  add(sentMs: number, arrivedMs: number): void {
    if (this.#groups === 0 || sentMs - this.#lastSentMs > maxPauseMs) {
      this.#restart(sentMs, arrivedMs);
      return;
    }
    if (sentMs < this.#groupSentMs) return;
    if (sentMs - this.#groupSentMs > groupMs) {
      if (this.#groups > 1) this.#delta();
      this.#previousSentMs = this.#lastSentMs;
      this.#previousArrivedMs = this.#lastArrivedMs;
      this.#groups++;
      this.#groupSentMs = sentMs;
      this.#lastArrivedMs = arrivedMs;
    }
    this.#lastSentMs = Math.max(this.#lastSentMs, sentMs);
    this.#lastArrivedMs = Math.max(this.#lastArrivedMs, arrivedMs);
  }

  #restart(sentMs: number, arrivedMs: number): void {
    this.#groups = 1;
    this.#groupSentMs = sentMs;
    this.#lastSentMs = sentMs;
    this.#lastArrivedMs = arrivedMs;
    this.#accumulated = 0;
    this.#smoothed = 0;
    this.#points = 0;
    this.#overusedMs = -1;
    this.usage = 'normal';
  }

  /** The group just completed against the one before. */
  #delta(): void {
    const sentDelta = this.#lastSentMs - this.#previousSentMs;
    const arrivedDelta = this.#lastArrivedMs - this.#previousArrivedMs;
    // Groups that arrive in the wrong order are the network's doing, not a queue's.
    if (arrivedDelta < 0) return;
    this.#accumulated += arrivedDelta - sentDelta;
    this.#smoothed = smoothing * this.#smoothed + (1 - smoothing) * this.#accumulated;
    const slot = this.#points % window;
    this.#times[slot] = this.#lastArrivedMs;
    this.#delays[slot] = this.#smoothed;
    this.#points++;
    if (this.#points >= window) this.#judge(this.#slope(), sentDelta, arrivedDelta);
  }

  /** Slope of the line of least squares through the window. */
  #slope(): number {
    let meanTime = 0;
    let meanDelay = 0;
    for (let point = 0; point < window; point++) {
      meanTime += (this.#times[point] ?? 0) / window;
      meanDelay += (this.#delays[point] ?? 0) / window;
    }
    let covariance = 0;
    let variance = 0;
    for (let point = 0; point < window; point++) {
      const time = (this.#times[point] ?? 0) - meanTime;
      covariance += time * ((this.#delays[point] ?? 0) - meanDelay);
      variance += time * time;
    }
    return variance === 0 ? 0 : covariance / variance;
  }

  #judge(slope: number, sentDelta: number, arrivedDelta: number): void {
    const trend = Math.min(this.#points, maxGroupsInGain) * slope * gain;
    if (trend > this.#threshold) {
      this.#overusedMs = this.#overusedMs < 0 ? sentDelta / 2 : this.#overusedMs + sentDelta;
      if (this.#overusedMs > overuseMs && trend >= this.#previousTrend) this.usage = 'overuse';
    } else {
      this.#overusedMs = -1;
      this.usage = trend < -this.#threshold ? 'underuse' : 'normal';
    }
    this.#previousTrend = trend;
    this.#adapt(Math.abs(trend), arrivedDelta);
  }

  #adapt(trend: number, elapsedMs: number): void {
    if (trend > this.#threshold + maxAdaptation) return;
    const rate = trend < this.#threshold ? fallPerMs : risePerMs;
    const change = rate * (trend - this.#threshold) * Math.min(100, elapsedMs);
    this.#threshold = Math.min(maxThreshold, Math.max(minThreshold, this.#threshold + change));
  }
}
