// Owns what every conformance suite needs of an implementation under test.

/** One fresh instance of a port. */
export interface Fixture<P> {
  readonly port: P;
  /** Lets time pass for the implementation: moves its clock, or waits when it has none that can be moved. */
  readonly advance: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export type MakeFixture<P> = () => Promise<Fixture<P>>;

/** Runs `test` on a fresh instance and closes it whatever happens. */
export function withFixture<P>(
  make: MakeFixture<P>,
  test: (port: P, fixture: Fixture<P>) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const fixture = await make();
    try {
      await test(fixture.port, fixture);
    } finally {
      await fixture.close();
    }
  };
}

/** Resolves when `condition` holds; looks again every 2 ms of the implementation's time, rejects after 10 s of it. */
export async function until(
  fixture: { readonly advance: (ms: number) => Promise<void> },
  condition: () => boolean,
): Promise<void> {
  for (let turns = 0; turns < 5000 && !condition(); turns += 1) await fixture.advance(2);
  if (!condition()) throw new Error('the awaited condition never came true');
}
