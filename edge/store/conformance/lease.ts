// Owns what every implementation of leases must do (store/lease.ts).
import { describe, expect, it } from 'vitest';
import type { Lease } from '../lease.ts';
import { withFixture, type MakeFixture } from './fixture.ts';

/** Declares the suite for one implementation. */
export function leaseConformance(name: string, make: MakeFixture<Lease>): void {
  describe(`lease: ${name}`, () => {
    it(
      'has one holder at a time, among 64 who ask at once',
      withFixture(make, async (lease) => {
        const tokens = await Promise.all(
          Array.from({ length: 64 }, (_, index) => lease.acquire('a', `holder-${index}`, 10_000)),
        );
        expect(tokens.filter((token) => token !== undefined)).toHaveLength(1);
        const winner = tokens.findIndex((token) => token !== undefined);
        expect(await lease.holder('a')).toBe(`holder-${winner}`);
      }),
    );

    it(
      'renewing keeps the token and the lease',
      withFixture(make, async (lease, { advance }) => {
        const token = await lease.acquire('a', 'one', 30_000);
        await advance(20_000);
        expect(await lease.acquire('a', 'one', 30_000)).toBe(token);
        await advance(20_000);
        expect(await lease.acquire('a', 'two', 30_000)).toBeUndefined();
        expect(await lease.holder('a')).toBe('one');
      }),
    );

    it(
      'runs out when it is not renewed',
      withFixture(make, async (lease, { advance }) => {
        await lease.acquire('a', 'one', 10_000);
        await advance(15_000);
        expect(await lease.holder('a')).toBeUndefined();
        expect(await lease.acquire('a', 'two', 100_000)).toBeTypeOf('number');
        expect(await lease.acquire('a', 'one', 10_000)).toBeUndefined();
      }),
    );

    it(
      'fencing tokens grow with every new holding, over release and expiry',
      withFixture(make, async (lease, { advance }) => {
        const tokens: number[] = [];
        for (const holder of ['one', 'two', 'one']) {
          tokens.push((await lease.acquire('a', holder, 10_000)) ?? NaN);
          await lease.release('a', holder);
        }
        for (const holder of ['one', 'one', 'two']) {
          tokens.push((await lease.acquire('a', holder, 10_000)) ?? NaN);
          await advance(15_000);
        }
        for (const [index, token] of tokens.entries()) {
          if (index > 0) expect(token).toBeGreaterThan(tokens[index - 1] ?? NaN);
        }
      }),
    );

    it(
      'only the holder can release',
      withFixture(make, async (lease) => {
        await lease.acquire('a', 'one', 10_000);
        await lease.release('a', 'two');
        expect(await lease.holder('a')).toBe('one');
        await lease.release('a', 'one');
        expect(await lease.holder('a')).toBeUndefined();
      }),
    );

    it(
      'names are independent',
      withFixture(make, async (lease) => {
        await lease.acquire('a', 'one', 10_000);
        expect(await lease.acquire('b', 'two', 10_000)).toBeTypeOf('number');
        expect(await lease.holder('a')).toBe('one');
      }),
    );
  });
}
