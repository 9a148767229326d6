// Owns the shape of a fuzz target. Not the loop that drives one (main.ts).

/** One decoder or session fed with hostile input; it throws only when the code under test is broken. */
export interface FuzzTarget {
  readonly name: string;
  /**
   * Runs `iterations` rounds drawing every choice from `random` (uniform in [0, 1)), so that a
   * seed reproduces a run.
   */
  run(random: () => number, iterations: number): void | Promise<void>;
}
