// Owns what the workers of a host told last of themselves, and how it is shown: by index, which outlives each of them.
import * as v from 'valibot';
import { hostFamilies } from '../../edge/metrics/host-families.ts';
import { type Metrics, reading, type Reading } from '../../edge/metrics/metrics.ts';
import type { Unsubscribe } from '../../schemas/bus.ts';
import { workerFamilies, type WorkerFigures, workerFiguresSchema } from '../../schemas/worker-metrics.ts';

interface Told {
  running: boolean;
  starts: number;
  figures: WorkerFigures['figures'];
}

export class WorkerFigureBoard {
  readonly #workers = new Map<number, Told>();
  readonly #stop: Unsubscribe;

  constructor(metrics: Metrics) {
    this.#stop = metrics.read(() =>
      [...this.#workers].flatMap(([index, told]) => readings(String(index), told)),
    );
  }

  /** The `index`-th runs now, or has died: what it told is no longer so. */
  changed(index: number, running: boolean): void {
    const told = this.#told(index);
    told.running = running;
    if (running) told.starts += 1;
    told.figures = [];
  }

  /** Takes what the `index`-th process sends, if it is figures. */
  take(index: number, message: unknown): void {
    const parsed = v.safeParse(workerFiguresSchema, message);
    if (parsed.success) this.#told(index).figures = parsed.output.figures;
  }

  close(): void {
    this.#stop();
  }

  #told(index: number): Told {
    const told = this.#workers.get(index) ?? { running: false, starts: 0, figures: [] };
    this.#workers.set(index, told);
    return told;
  }
}

function readings(worker: string, { running, starts, figures }: Told): readonly Reading[] {
  return [
    reading(hostFamilies.up, { worker }, running ? 1 : 0),
    reading(hostFamilies.restarts, { worker }, Math.max(0, starts - 1)),
    ...figures.map(({ figure, labels, value }) => ({
      family: workerFamilies[figure],
      labels: { ...labels, worker },
      value,
    })),
  ];
}
