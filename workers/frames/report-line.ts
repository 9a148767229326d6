// Owns the straight line through one stream's sender reports: wall clock of the sender over RTP timestamp. Robust against
// single wrong reports; a clock that jumped is believed at the second report.

interface Point {
  readonly mediaMs: number;
  readonly wallMs: number;
}

const maxPoints = 16;
/** Reports off the line by more are wrong, or a clock jumped. */
const maxOffMs = 100;
/** Two such reports agree with each other when they differ by less. */
const agreeMs = 50;
/** Below this span the noise of reports says more than the drift of crystals. */
const minSpanMs = 10_000;
/** Crystals drift by less than 200 ppm; software clocks are steered by up to 500. */
const maxDrift = 0.001;

export class ReportLine {
  #points: Point[] = [];
  #suspect: Point | undefined;
  /** Wall minus media time at media time 0, and how much faster the wall runs. */
  #offsetMs = 0;
  #drift = 0;
  #origin = 0;

  get known(): boolean {
    return this.#points.length > 0;
  }

  /** How much faster the sender's wall clock runs than its media clock, e.g. 0.00005 for 50 ppm. */
  get drift(): number {
    return this.#drift;
  }

  /** Takes in that `mediaMs` (extended RTP timestamp as ms) is `wallMs`. `jumped`: the line begins anew here. */
  report(mediaMs: number, wallMs: number): 'taken' | 'doubted' | 'jumped' {
    const point = { mediaMs, wallMs };
    const last = this.#points.at(-1);
    if (last?.mediaMs === mediaMs && last.wallMs === wallMs) return 'taken';
    if (last !== undefined && !this.#fits(point)) {
      const suspect = this.#suspect;
      const agrees =
        suspect !== undefined &&
        Math.abs(wallMs - mediaMs - (suspect.wallMs - suspect.mediaMs)) < agreeMs &&
        wallMs > suspect.wallMs;
      if (!agrees) {
        this.#suspect = point;
        return 'doubted';
      }
      this.#points = [suspect, point];
      this.#drift = 0;
      this.#draw();
      this.#suspect = undefined;
      return 'jumped';
    }
    this.#suspect = undefined;
    this.#points.push(point);
    if (this.#points.length > maxPoints) this.#points.shift();
    this.#draw();
    return 'taken';
  }

  /** The sender's wall clock at `mediaMs`; meaningless before the first report. */
  wallMs(mediaMs: number): number {
    return mediaMs + this.#offsetMs + (mediaMs - this.#origin) * this.#drift;
  }

  reset(): void {
    this.#points = [];
    this.#suspect = undefined;
    this.#drift = 0;
  }

  #fits({ mediaMs, wallMs }: Point): boolean {
    return Math.abs(wallMs - this.wallMs(mediaMs)) < maxOffMs;
  }

  /** Theil and Sen: median of the slopes between all points, then median of what is left. */
  #draw(): void {
    const points = this.#points;
    const last = points.at(-1);
    const first = points[0];
    if (first === undefined || last === undefined) return;
    this.#origin = last.mediaMs;
    if (last.mediaMs - first.mediaMs >= minSpanMs) {
      const slopes: number[] = [];
      for (const [index, from] of points.entries()) {
        for (const to of points.slice(index + 1)) {
          const spanMs = to.mediaMs - from.mediaMs;
          if (spanMs > 0) slopes.push((to.wallMs - from.wallMs) / spanMs - 1);
        }
      }
      this.#drift = Math.min(maxDrift, Math.max(-maxDrift, median(slopes)));
    }
    this.#offsetMs = median(
      points.map(({ mediaMs, wallMs }) => wallMs - mediaMs - (mediaMs - last.mediaMs) * this.#drift),
    );
  }
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}
