import { beforeEach, describe, expect, it } from 'vitest';
import { SluiceError } from '../../schemas/error.ts';
import { createManualClock, type ManualClock } from '../platform/memory/manual-clock.ts';
import { createMemoryOnce } from '../platform/memory/once.ts';
import type { Once } from '../store/once.ts';
import { createReplayProtection, defaultReplaySettings, type ReplaySettings } from './replay-protection.ts';

const minute = 60_000;
const hour = 60 * minute;
let clock: ManualClock;
let once: Once;
beforeEach(() => {
  clock = createManualClock();
  once = createMemoryOnce({ clock });
});

function edge(settings: Partial<ReplaySettings> = {}) {
  const isNew = createReplayProtection({ once, clock, settings: { ...defaultReplaySettings, ...settings } });
  let count = 0;
  return {
    /** A request with a signature of its own, unless one is named. */
    send: (timestamp: string | number, signature = `signature ${(count += 1)}`, service = 's') =>
      isNew({ service, timestamp: String(timestamp), signature }),
  };
}

describe('by default', () => {
  it('a header is good again for ten seconds, never afterwards', async () => {
    const { send } = edge();
    const sent = clock.now();
    expect(await send(sent, 'a')).toBe(true);
    await clock.advance(10_000);
    expect(await send(sent, 'a')).toBe(true);
    await clock.advance(1);
    for (let minutes = 0; minutes < 26 * 60; minutes += 10) {
      expect(await send(sent, 'a')).toBe(false);
      expect(await send(clock.now())).toBe(true);
      await clock.advance(10 * minute);
    }
  });

  it('a repetition does not prolong the time in which it is good', async () => {
    const { send } = edge();
    const sent = clock.now();
    for (const expected of [true, true, true, false, false]) {
      expect(await send(sent, 'a')).toBe(expected);
      await clock.advance(4_000);
    }
  });

  it('a captured header sent many times at once is refused each time', async () => {
    const { send } = edge();
    const sent = clock.now();
    await send(sent, 'a');
    await clock.advance(minute);
    const answers = await Promise.all(Array.from({ length: 64 }, () => send(sent, 'a')));
    expect(answers).not.toContain(true);
  });

  it('a header used at one edge is refused at another', async () => {
    const sent = clock.now();
    expect(await edge().send(sent, 'a')).toBe(true);
    expect(await edge().send(sent, 'a')).toBe(false);
  });

  it.each([
    ['right', () => clock.now()],
    ['three years behind', () => clock.now() - 3 * 365 * 24 * hour],
    ['half an hour ahead', () => clock.now() + hour / 2],
    ['a year ahead', () => clock.now() + 365 * 24 * hour],
    ['in seconds', () => Math.floor(clock.now() / 1000)],
    ['a date in words', () => new Date(clock.now()).toUTCString()],
  ])('a client whose clock is %s is served for days', async (_, timestamp) => {
    const { send } = edge();
    for (let minutes = 0; minutes < 50 * 60; minutes += 7) {
      expect(await send(timestamp())).toBe(true);
      await clock.advance(7 * minute);
    }
  });

  it('clients that count in seconds and clients that count in milliseconds do not shut each other out', async () => {
    const { send } = edge();
    for (let minutes = 0; minutes < 300; minutes += 7) {
      expect(await send(clock.now())).toBe(true);
      expect(await send(Math.floor(clock.now() / 1000))).toBe(true);
      await clock.advance(7 * minute);
    }
  });

  it('an unknown service’s past says nothing about another’s', async () => {
    const { send } = edge();
    for (let hours = 0; hours < 5; hours += 1) {
      expect(await send(clock.now(), undefined, 'busy')).toBe(true);
      await clock.advance(hour);
    }
    expect(await send(1_600_000_000_000, 'a', 'behind')).toBe(true);
    expect(await send(1_600_000_000_000, 'b', 'busy')).toBe(false);
  });

  it('a store that is away refuses, and the client may try again', async () => {
    const memory = once;
    once = { first: () => Promise.reject(new SluiceError('unavailable', 'The store is away')) };
    let away = true;
    const isNew = createReplayProtection({
      once: { first: (...args) => (away ? once : memory).first(...args) },
      clock,
      settings: defaultReplaySettings,
    });
    const request = { service: 's', timestamp: String(clock.now()), signature: 'a' };
    await expect(isNew(request)).rejects.toMatchObject({ code: 'unavailable' });
    away = false;
    expect(await isNew(request)).toBe(true);
  });
});

describe('with a window', () => {
  const settings = { clockWindowMs: 5 * minute };
  it('clocks may be off by so much and no more', async () => {
    const { send } = edge(settings);
    for (const [offset, expected] of [
      [0, true],
      [5 * minute, true],
      [-5 * minute, true],
      [5 * minute + 1, false],
      [-5 * minute - 1, false],
      [NaN, false],
      [Infinity, false],
    ] as const)
      expect(await send(clock.now() + offset)).toBe(expected);
    for (const words of ['', ' ', 'soon', '0x10', '1e999']) expect(await send(words)).toBe(false);
  });

  it.each([-5 * minute, 0, 5 * minute])(
    'nothing is ever good twice, with a clock off by %d',
    async (offset) => {
      const { send } = edge(settings);
      const sent = clock.now() + offset;
      expect(await send(sent, 'a')).toBe(true);
      await clock.advance(10_001);
      for (let seconds = 0; seconds < 900; seconds += 1) {
        expect(await send(sent, 'a')).toBe(false);
        await clock.advance(1_000);
      }
    },
  );
});

it('without grace not even a repetition at once is good', async () => {
  const { send } = edge({ replayGraceMs: 0 });
  const answers = await Promise.all(Array.from({ length: 8 }, () => send(clock.now(), 'a')));
  expect(answers.filter(Boolean)).toHaveLength(1);
});

it('without memory and window everything is good, as in the original', async () => {
  const { send } = edge({ replayMemoryMs: 0, replayGraceMs: 0 });
  for (let times = 0; times < 3; times += 1) expect(await send(1, 'a')).toBe(true);
});

it('rest-api#4 with the original’s check, time never goes back and no nonce comes twice', async () => {
  const { send } = edge({ timestampCheck: true });
  for (const [timestamp, signature, expected] of [
    ['1000', 'a', true],
    ['1000', 'a', false],
    ['999', 'b', false],
    ['1000', 'c', true],
    ['soon', 'd', false],
    ['', 'e', false],
    ['1001', 'a', true],
  ] as const)
    expect(await send(timestamp, signature === 'a' ? `a${timestamp}` : signature)).toBe(expected);
});

it('remembers a bounded number of repetitions', async () => {
  const { send } = edge();
  const sent = clock.now();
  await send(sent, 'first');
  for (let count = 0; count < 10_100; count += 1) await send(sent);
  expect(await send(sent, 'first')).toBe(false);
});
