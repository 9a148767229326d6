// Owns the recent past of every stream's statistics, in the form a chart draws. Pure but for being a container.

export const measures = ['bitrate', 'frames', 'loss', 'roundTrip'] as const;
export type Measure = (typeof measures)[number];
export type Point = Readonly<Record<Measure, number | null>>;

/** How many readings are kept: two minutes of one a second. */
export const kept = 120;

export interface Line {
  readonly key: string;
  readonly label: string;
}

export class History {
  #times: number[] = [];
  readonly #lines = new Map<string, { line: Line; points: Point[] }>();

  get lines(): readonly Line[] {
    return [...this.#lines.values()].map(({ line }) => line);
  }

  /** One reading of all streams at `seconds` of any clock. Streams that were not read get a gap, then disappear. */
  add(seconds: number, readings: ReadonlyMap<string, { line: Line; point: Point }>): void {
    const gap: Point = { bitrate: null, frames: null, loss: null, roundTrip: null };
    for (const [key, { line }] of readings)
      if (!this.#lines.has(key)) this.#lines.set(key, { line, points: this.#times.map(() => gap) });
    this.#times = [...this.#times, seconds].slice(-kept);
    for (const [key, entry] of this.#lines) {
      entry.points = [...entry.points, readings.get(key)?.point ?? gap].slice(-kept);
      if (entry.points.slice(-20).every((point) => point.bitrate === null)) this.#lines.delete(key);
    }
  }

  /** Seconds from the latest reading (so 0 or less), then one list of values for each line. */
  columns(measure: Measure): [number[], ...(number | null)[][]] {
    const latest = this.#times.at(-1) ?? 0;
    return [
      this.#times.map((time) => time - latest),
      ...[...this.#lines.values()].map(({ points }) => points.map((point) => point[measure])),
    ];
  }
}
