// Owns what every implementation of the bus must do (schemas/bus.ts).
import { describe, expect, it } from 'vitest';
import type { Bus } from '../../../schemas/bus.ts';
import { SluiceError } from '../../../schemas/error.ts';
import { until, withFixture, type MakeFixture } from './fixture.ts';

const settled = async (promise: Promise<unknown>): Promise<{ value?: unknown; error?: unknown }> =>
  promise.then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error }),
  );

/** Declares the suite for one implementation. */
export function busConformance(name: string, make: MakeFixture<Bus>): void {
  describe(`bus: ${name}`, () => {
    it(
      'delivers each message once to every subscriber, in the order of publishing',
      withFixture(make, async (bus, fixture) => {
        const first: unknown[] = [];
        const second: unknown[] = [];
        bus.subscribe('a', (message) => first.push(message));
        bus.subscribe('a', (message) => second.push(message));
        bus.subscribe('b', (message) => first.push(message));
        await fixture.advance(20);
        const sent = Array.from({ length: 200 }, (_, index) => ({ index }));
        for (const message of sent) bus.publish('a', message);
        await until(fixture, () => first.length >= 200 && second.length >= 200);
        expect(first).toEqual(sent);
        expect(second).toEqual(sent);
      }),
    );

    it(
      'never calls a handler from inside publish',
      withFixture(make, async (bus, fixture) => {
        let got = 0;
        bus.subscribe('a', () => (got += 1));
        await fixture.advance(20);
        bus.publish('a', 1);
        expect(got).toBe(0);
        await until(fixture, () => got === 1);
      }),
    );

    it(
      'stops at unsubscribe, which may be called twice and leaves the others',
      withFixture(make, async (bus, fixture) => {
        const gone: unknown[] = [];
        const kept: unknown[] = [];
        const handler = (message: unknown) => gone.push(message);
        const stop = bus.subscribe('a', handler);
        bus.subscribe('a', (message) => kept.push(message));
        stop();
        stop();
        await fixture.advance(20);
        bus.publish('a', 1);
        await until(fixture, () => kept.length === 1);
        expect(gone).toEqual([]);
      }),
    );

    it(
      'carries plain data unchanged, bytes included',
      withFixture(make, async (bus, fixture) => {
        const got: unknown[] = [];
        bus.subscribe('a', (message) => got.push(message));
        await fixture.advance(20);
        const message = { text: 'ü', list: [1, -2.5, null, true], bytes: new Uint8Array([0, 255]), deep: {} };
        bus.publish('a', message);
        await until(fixture, () => got.length === 1);
        expect(got[0]).toEqual(message);
      }),
    );

    it(
      'a subscriber that throws disturbs neither the bus nor the others',
      withFixture(make, async (bus, fixture) => {
        const got: unknown[] = [];
        bus.subscribe('a', () => {
          throw new Error('on purpose');
        });
        bus.subscribe('a', (message) => got.push(message));
        await fixture.advance(20);
        bus.publish('a', 1);
        bus.publish('a', 2);
        await until(fixture, () => got.length === 2);
      }),
    );

    it(
      'answers requests from the one who serves, many at once',
      withFixture(make, async (bus, fixture) => {
        bus.serve('double', async (message) => Number(message) * 2);
        await fixture.advance(20);
        const numbers = Array.from({ length: 100 }, (_, index) => index);
        const replies = await Promise.all(numbers.map((number) => bus.request('double', number, 1000)));
        expect(replies).toEqual(numbers.map((number) => number * 2));
      }),
    );

    it(
      'hands requests to the server in the order they were made',
      withFixture(make, async (bus, fixture) => {
        const got: unknown[] = [];
        bus.serve('a', async (message) => got.push(message));
        await fixture.advance(20);
        await Promise.all([1, 2, 3, 4, 5].map((number) => bus.request('a', number, 1000)));
        expect(got).toEqual([1, 2, 3, 4, 5]);
      }),
    );

    it(
      'rejects `unavailable` when nobody serves',
      withFixture(make, async (bus, fixture) => {
        const outcome = settled(bus.request('nobody', 1, 50));
        await fixture.advance(100);
        expect(await outcome).toMatchObject({ error: { code: 'unavailable' } });
        expect((await outcome).error).toBeInstanceOf(SluiceError);
      }),
    );

    it(
      'rejects `unavailable` when no reply comes in time',
      withFixture(make, async (bus, fixture) => {
        bus.serve('slow', () => new Promise(() => undefined));
        await fixture.advance(20);
        const outcome = settled(bus.request('slow', 1, 50));
        await fixture.advance(100);
        expect(await outcome).toMatchObject({ error: { code: 'unavailable' } });
      }),
    );

    it(
      "passes a server's SluiceError on and hides any other error",
      withFixture(make, async (bus, fixture) => {
        bus.serve('refuses', async () => {
          throw new SluiceError('not-found', 'No such thing');
        });
        bus.serve('breaks', async () => {
          throw new Error('private');
        });
        bus.serve('throws', () => {
          throw new Error('private');
        });
        await fixture.advance(20);
        await expect(bus.request('refuses', 1, 1000)).rejects.toMatchObject({
          code: 'not-found',
          message: 'No such thing',
        });
        for (const channel of ['breaks', 'throws']) {
          const outcome = await settled(bus.request(channel, 1, 1000));
          expect(outcome).toMatchObject({ error: { code: 'internal' } });
          expect(String(outcome.error)).not.toContain('private');
        }
      }),
    );

    it(
      'a second server replaces the first, and the first cannot end it',
      withFixture(make, async (bus, fixture) => {
        const endFirst = bus.serve('a', async () => 'first');
        const endSecond = bus.serve('a', async () => 'second');
        endFirst();
        await fixture.advance(20);
        expect(await bus.request('a', 1, 1000)).toBe('second');
        endSecond();
        await fixture.advance(20);
        const outcome = settled(bus.request('a', 1, 50));
        await fixture.advance(100);
        expect(await outcome).toMatchObject({ error: { code: 'unavailable' } });
      }),
    );

    it(
      'close rejects what is outstanding and everything after it',
      withFixture(make, async (bus, fixture) => {
        bus.serve('slow', () => new Promise(() => undefined));
        await fixture.advance(20);
        const outcome = settled(bus.request('slow', 1, 60_000));
        await fixture.advance(5);
        bus.close();
        bus.close();
        expect(await outcome).toMatchObject({ error: { code: 'unavailable' } });
        expect(await settled(bus.request('slow', 1, 60_000))).toMatchObject({
          error: { code: 'unavailable' },
        });
        expect(() => {
          bus.publish('a', 1);
        }).not.toThrow();
      }),
    );
  });
}
