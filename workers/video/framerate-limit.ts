// Owns how many pictures a second a full machine is asked for: a step fewer while the work does not fit its time, a step
// more when it would fit with room to spare. Judges whole seconds, by what work is said to have taken.

/** Pictures/s; a view that wants another number begins from it. */
const steps = [5, 8, 10, 12, 15, 20, 24, 30, 48, 60];
const windowMs = 1000;
const fullLoad = 0.9;
/** What the load of the next step would have to stay under. */
const roomyLoad = 0.7;
/** Seconds of room before a step up; twice as many each time that the step proved too high. */
const leastPatience = 3;
const mostPatience = 60;

export class FramerateLimit {
  #limit = Infinity;
  #startMs: number | undefined;
  #decodeMs = 0;
  #pictureMs = 0;
  #roomy = 0;
  #patience = leastPatience;
  /** Seconds since the last step up. */
  #sinceRaised = Infinity;

  /** The framerate to work at when `wanted` is asked for. */
  of(wanted: number): number {
    return Math.min(wanted, this.#limit);
  }

  /**
   * Notes one picture's turn: `decodeMs` is what does not depend on the framerate, `pictureMs` what does. True when the
   * limit is another than before.
   */
  note(atMs: number, wanted: number, decodeMs: number, pictureMs: number): boolean {
    this.#startMs ??= atMs;
    const elapsedMs = atMs - this.#startMs;
    if (elapsedMs < windowMs) {
      this.#decodeMs += decodeMs;
      this.#pictureMs += pictureMs;
      return false;
    }
    const before = this.#limit;
    this.#judge(wanted, this.#decodeMs / elapsedMs, this.#pictureMs / elapsedMs);
    this.#startMs = atMs;
    this.#decodeMs = decodeMs;
    this.#pictureMs = pictureMs;
    return this.#limit !== before;
  }

  #judge(wanted: number, decodeLoad: number, pictureLoad: number): void {
    this.#sinceRaised++;
    const now = this.of(wanted);
    if (decodeLoad + pictureLoad > fullLoad) {
      this.#roomy = 0;
      const lower = steps.findLast((step) => step < now);
      if (lower === undefined) return;
      this.#limit = lower;
      this.#patience = this.#sinceRaised < 10 ? Math.min(mostPatience, this.#patience * 2) : leastPatience;
      return;
    }
    if (now >= wanted) {
      this.#limit = Infinity;
      return;
    }
    const higher = Math.min(wanted, steps.find((step) => step > now) ?? wanted);
    this.#roomy = decodeLoad + (pictureLoad * higher) / now < roomyLoad ? this.#roomy + 1 : 0;
    if (this.#roomy < this.#patience) return;
    this.#roomy = 0;
    this.#sinceRaised = 0;
    this.#limit = higher;
  }
}
