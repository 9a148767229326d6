// Owns whether what is shown goes on: how long nothing new came, in a page that looks at every picture.
import type { Area, Continuity } from '../../support/mixing-report.ts';
import type { Eye } from './eye.ts';
import { wallMs } from './wall-clock.ts';

interface Pause {
  lastMs: number;
  longestMs: number;
}

export class ContinuityWatch {
  readonly #pictures: Pause;
  readonly #clocks: readonly Pause[];
  #count = 0;
  #ended = false;

  /** `areas`: where somebody's clock is. */
  constructor(eye: Eye, areas: readonly Area[]) {
    const nowMs = wallMs();
    const pause = (): Pause => ({ lastMs: nowMs, longestMs: 0 });
    this.#pictures = pause();
    this.#clocks = areas.map(pause);
    const drawnMs = areas.map(() => -Infinity);
    eye.follow((atMs) => {
      this.#count += 1;
      note(this.#pictures, atMs);
      eye.look(areas, atMs).forEach(({ delayMs }, index) => {
        const pause = this.#clocks[index];
        const drawn = Math.round(atMs - (delayMs ?? Infinity));
        if (pause === undefined || drawn <= (drawnMs[index] ?? 0)) return;
        drawnMs[index] = drawn;
        note(pause, atMs);
      });
      return this.#ended;
    });
  }

  /** What stands still now counts too. */
  end(): Continuity {
    this.#ended = true;
    const nowMs = wallMs();
    for (const pause of [this.#pictures, ...this.#clocks]) note(pause, nowMs);
    return {
      pictures: this.#count,
      longestMs: this.#pictures.longestMs,
      longestNewMs: Math.max(...this.#clocks.map(({ longestMs }) => longestMs)),
    };
  }
}

function note(pause: Pause, atMs: number): void {
  pause.longestMs = Math.max(pause.longestMs, atMs - pause.lastMs);
  pause.lastMs = atMs;
}
