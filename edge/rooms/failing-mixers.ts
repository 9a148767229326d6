// Owns how often mixers are tried that a worker cannot run: each failure makes one rest, the longer the oftener it failed,
// and after several those who need it are to be told.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { DesiredMixer } from '../../schemas/worker.ts';
import type { Clock } from '../clock.ts';

export interface FailingMixersDeps {
  readonly clock: Clock;
  /** After so many failures in a row it is hopeless. */
  readonly tries: number;
  /** The first rest; each further one is twice as long. */
  readonly restMs: number;
  /** A rest is over: `admitted` gives more than before. */
  readonly rested: () => void;
}

interface Failing {
  readonly failures: number;
  readonly since: number;
  /** Ends the rest; undefined while it is being tried. */
  readonly resting: Unsubscribe | undefined;
}

/** What has run so long since its last failure begins to count anew. */
const soundMs = 60_000;
const maxRestMs = 30_000;

export class FailingMixers {
  readonly #deps: FailingMixersDeps;
  readonly #failing = new Map<string, Failing>();

  constructor(deps: FailingMixersDeps) {
    this.#deps = deps;
  }

  /** Takes note of a failure. True when it is hopeless: those who need the mixer are to be told. */
  failed(mixer: string): boolean {
    const { clock, tries, restMs, rested } = this.#deps;
    const now = clock.now();
    const known = this.#failing.get(mixer);
    if (known?.resting) return false;
    const failures = known && now - known.since < soundMs ? known.failures + 1 : 1;
    const resting = clock.after(Math.min(maxRestMs, restMs * 2 ** (failures - 1)), () => {
      this.#failing.set(mixer, { failures, since: clock.now(), resting: undefined });
      rested();
    });
    this.#failing.set(mixer, { failures, since: now, resting });
    return failures >= tries;
  }

  /** Those of the room's mixers that do not rest. What is not among `wanted` is forgotten. */
  admitted(wanted: readonly DesiredMixer[]): DesiredMixer[] {
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, { resting }] of this.#failing) {
      if (ids.has(id)) continue;
      resting?.();
      this.#failing.delete(id);
    }
    return wanted.filter(({ id }) => !this.#failing.get(id)?.resting);
  }

  close(): void {
    for (const { resting } of this.#failing.values()) resting?.();
    this.#failing.clear();
  }
}
