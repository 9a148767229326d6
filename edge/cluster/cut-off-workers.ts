// Owns judging that workers are lost because their process was cut off from the bus without a word, as it is when it dies:
// that is seen sooner than silence is. Pure: what is asked, and who is told, is worker-watch.ts's.

interface Known {
  heardAt: number;
  /** In how many looks in a row it was cut off. */
  looks: number;
}

/** Everybody says each second that they live; less silence than this is none. */
export const quietMs = 1100;
/** Between two looks. */
export const lookEveryMs = 150;
/** In so many looks in a row, so that a connection that was cut and is made again is nobody's death. */
const enoughLooks = 4;
/** So many others are looked at, too: those not heard of for the longest. */
const mostOthers = 16;
/** And so many at once of those that are quiet. */
const mostSuspects = 100;
/**
 * When several processes are cut off within a second, something between them and the bus has broken, and they may be on
 * their way back: for so long only silence tells who is lost.
 */
const togetherMs = 1000;
const doubtMs = 5000;

export class CutOffWorkers {
  readonly #known = new Map<string, Known>();
  #doubtUntil = -Infinity;
  /** The latest process that was cut off, and when. */
  #cut = { process: '', at: -Infinity };

  /** A worker has said that it lives. */
  heard(worker: string, now: number): void {
    // Those heard of last come last.
    this.#known.delete(worker);
    this.#known.set(worker, { heardAt: now, looks: 0 });
  }

  /** It is gone, whoever found out. */
  forget(worker: string): void {
    this.#known.delete(worker);
  }

  /** Whom to look at now: nobody while all are heard. What was not heard of for `afterMs` is forgotten. */
  suspects(now: number, afterMs: number): readonly string[] {
    const quiet: string[] = [];
    const others: string[] = [];
    for (const [worker, { heardAt }] of this.#known) {
      if (now - heardAt >= afterMs) this.#known.delete(worker);
      else if (now - heardAt >= quietMs) quiet.push(worker);
      else others.push(worker);
      if (quiet.length >= mostSuspects || others.length >= mostOthers) break;
    }
    return quiet.length === 0 ? [] : [...quiet, ...others];
  }

  /** Takes what was seen of the suspects, as `HomePorts.cutOff` tells it; who of them is lost. */
  judge(suspects: readonly string[], cutOff: ReadonlyMap<string, string>, now: number): readonly string[] {
    for (const process of cutOff.values()) {
      if (this.#cut.process !== process && now - this.#cut.at < togetherMs) this.#doubtUntil = now + doubtMs;
      this.#cut = { process, at: now };
    }
    return suspects.filter((worker) => {
      const known = this.#known.get(worker);
      if (known === undefined || now - known.heardAt < quietMs) return false;
      known.looks = cutOff.has(worker) ? known.looks + 1 : 0;
      return known.looks >= enoughLooks && now >= this.#doubtUntil;
    });
  }
}
