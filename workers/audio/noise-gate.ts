// Owns telling sound from background noise by its level alone, in dB below full scale (0 … -127, as RFC 6464 has it).
import { WindowedMin } from '../frames/windowed-min.ts';

/** The quietest moments of late are the noise; what is this much above it is sound. */
const overNoiseDb = 9;
const floorSpanMs = 5000;
/** Whatever the noise, below this nothing is heard, and above this everything. */
const neverHeardDb = -70;
const alwaysHeardDb = -50;
/** The same for speaking, where hiss must not count. */
const neverSpeaksDb = -60;
const alwaysSpeaksDb = -42;
/** No microphone is so quiet: what is below tells nothing of the noise. */
const noNoiseDb = -100;
/** From the last sound until the gate closes: the most a packet may wait to be played, and the end of a word. */
const hangoverMs = 500;

export class NoiseGate {
  readonly #floor = new WindowedMin(floorSpanMs);
  #openUntilMs = -Infinity;

  /** Notes the level of sound that is or will soon be played. */
  hear(levelDb: number, nowMs: number): void {
    if (levelDb > noNoiseDb) this.#floor.add(levelDb, nowMs);
    if (levelDb > between(neverHeardDb, this.#floor.value + overNoiseDb, alwaysHeardDb)) {
      this.#openUntilMs = nowMs + hangoverMs;
    }
  }

  isOpen(nowMs: number): boolean {
    return nowMs < this.#openUntilMs;
  }

  /** Energy of sound of that level, 0 … 1; 0 for noise. */
  energy(levelDb: number): number {
    const noiseDb = between(neverSpeaksDb, this.#floor.value + overNoiseDb, alwaysSpeaksDb);
    return levelDb > noiseDb ? 10 ** (levelDb / 10) : 0;
  }

  close(): void {
    this.#openUntilMs = -Infinity;
  }
}

function between(low: number, value: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
