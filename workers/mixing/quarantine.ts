// Owns which inputs of a mixer are not decoded because their streams broke the engine, whichever it was: twice is enough.
// They are tried again, ever less often. Pure: time comes in.

const enough = 2;
/** A break this long ago says nothing about the next. */
const memoryMs = 600_000;
const firstWaitMs = 60_000;
const longestWaitMs = 1_800_000;

interface Suspect {
  breaks: number[];
  /** Until then it is not decoded. */
  untilMs: number | undefined;
  /** How long the next time; 0 before the first. */
  waitMs: number;
  reason: string;
}

export class Quarantine {
  readonly #suspects = new Map<string, Suspect>();

  /** The engine broke while it decoded the input. True when that is not decoded any more. */
  blame(input: string, reason: string, nowMs: number): boolean {
    const suspect = this.#suspects.get(input) ?? { breaks: [], untilMs: undefined, waitMs: 0, reason };
    this.#suspects.set(input, suspect);
    suspect.breaks = [...suspect.breaks.filter((at) => nowMs - at < memoryMs), nowMs];
    suspect.reason = reason;
    if (suspect.breaks.length < enough && suspect.waitMs === 0) return false;
    suspect.waitMs = suspect.waitMs === 0 ? firstWaitMs : Math.min(longestWaitMs, suspect.waitMs * 2);
    suspect.untilMs = nowMs + suspect.waitMs;
    return true;
  }

  /** Why an input is not decoded; undefined when it is. */
  reasonFor(input: string): string | undefined {
    const suspect = this.#suspects.get(input);
    return suspect?.untilMs === undefined ? undefined : suspect.reason;
  }

  /** Lets those go whose time is over; true when there were any. */
  release(nowMs: number): boolean {
    let isAny = false;
    for (const suspect of this.#suspects.values()) {
      if (suspect.untilMs === undefined || nowMs < suspect.untilMs) continue;
      suspect.untilMs = undefined;
      isAny = true;
    }
    return isAny;
  }

  /** Forgets all but these. */
  keep(inputs: readonly string[]): void {
    for (const input of this.#suspects.keys()) if (!inputs.includes(input)) this.#suspects.delete(input);
  }
}
