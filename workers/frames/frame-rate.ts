// Owns when an encoder's pictures are due and what their timestamps are: N a second for ever, without drift. Sleeping until
// then is the caller's.

export interface DuePicture {
  /** Pictures since the start, those left out included. */
  readonly index: number;
  /** 32 bits, 90 kHz. */
  readonly timestamp: number;
  readonly dueMs: number;
  /** Pictures left out before this one, because the caller came too late. */
  readonly skipped: number;
}

const clockRate = 90_000;
/** Of a picture. Milliseconds since 1970 come in steps of a quarter of a microsecond, and are rounded more than once. */
const tolerance = 1e-4;

export class FrameRate {
  #fps: number;
  /** Where counting at the present rate began. */
  #startMs: number;
  #startTicks: number;
  #startIndex = 0;
  /** Pictures given at the present rate. */
  #count = 0;

  /** `fps` above 0, may be a fraction (30000 / 1001); `timestamp` is the first picture's, due at `startMs`. */
  constructor(fps: number, startMs: number, timestamp = 0) {
    this.#fps = fps;
    this.#startMs = startMs;
    this.#startTicks = timestamp;
  }

  get fps(): number {
    return this.#fps;
  }

  /** When the next picture is due. */
  get nextMs(): number {
    return this.#startMs + (this.#count * 1000) / this.#fps;
  }

  /** The picture due by now; of several the last. Undefined when it is too early. */
  take(nowMs: number): DuePicture | undefined {
    const passed = ((nowMs - this.#startMs) * this.#fps) / 1000;
    // Timers wake on the very millisecond that rounding may put before it.
    const latest = Math.floor(passed + tolerance);
    if (latest < this.#count) return undefined;
    const skipped = latest - this.#count;
    this.#count = latest + 1;
    return {
      index: this.#startIndex + latest,
      timestamp: this.#timestampOf(latest),
      dueMs: this.#startMs + (latest * 1000) / this.#fps,
      skipped,
    };
  }

  /** Goes on at another rate: the next picture stays due when it was, later ones follow at the new distance. */
  setFps(fps: number): void {
    if (fps === this.#fps) return;
    this.#startMs = this.nextMs;
    this.#startTicks += (this.#count * clockRate) / this.#fps;
    this.#startIndex += this.#count;
    this.#count = 0;
    this.#fps = fps;
  }

  #timestampOf(count: number): number {
    return Math.round(this.#startTicks + (count * clockRate) / this.#fps) % 2 ** 32;
  }
}
