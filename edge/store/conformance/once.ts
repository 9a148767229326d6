// Owns what every implementation of the memory of what happened once must do (store/once.ts).
import { describe, expect, it } from 'vitest';
import type { Once } from '../once.ts';
import { withFixture, type MakeFixture } from './fixture.ts';

/** Declares the suite for one implementation. */
export function onceConformance(name: string, make: MakeFixture<Once>): void {
  const test = (what: string, body: Parameters<typeof withFixture<Once>>[1]) =>
    it(what, withFixture(make, body));

  describe(`once: ${name}`, () => {
    test('one of 64 who ask at once is the first', async (once) => {
      const answers = await Promise.all(Array.from({ length: 64 }, () => once.first('s', 'a', 10_000)));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await once.first('s', 'a', 10_000)).toBe(false);
    });

    test('every other id, and the same in another scope, is new', async (once) => {
      expect(await once.first('s', 'a', 10_000)).toBe(true);
      expect(await once.first('s', 'b', 10_000)).toBe(true);
      expect(await once.first('t', 'a', 10_000)).toBe(true);
    });

    test('scopes and ids are any texts and do not run into each other', async (once) => {
      const pairs = [
        ['a', 'b.c'],
        ['a.b', 'c'],
        ['a\nb', 'c'],
        ['a', 'b\nc'],
        ['a:b', 'c'],
        ['a', 'b:c'],
        ['', 'a'],
        ['a', ''],
        ['__proto__', 'constructor'],
        ['{a}', 'ü,1 "'],
        ['x'.repeat(1024), 'y'.repeat(1024)],
      ] as const;
      for (const [scope, id] of pairs) expect(await once.first(scope, id, 10_000)).toBe(true);
      for (const [scope, id] of pairs) expect(await once.first(scope, id, 10_000)).toBe(false);
    });

    test('is new again when its time is over, which later callers do not prolong', async (once, {
      advance,
    }) => {
      expect(await once.first('s', 'a', 20_000)).toBe(true);
      await advance(12_000);
      expect(await once.first('s', 'a', 100_000)).toBe(false);
      await advance(12_000);
      expect(await once.first('s', 'a', 10_000)).toBe(true);
      expect(await once.first('s', 'a', 1)).toBe(false);
    });

    test('times of one scope may differ', async (once, { advance }) => {
      expect(await once.first('s', 'long', 60_000)).toBe(true);
      expect(await once.first('s', 'short', 5_000)).toBe(true);
      await advance(10_000);
      expect(await once.first('s', 'short', 5_000)).toBe(true);
      expect(await once.first('s', 'long', 5_000)).toBe(false);
    });
  });
}
