// Owns the tests of holding a lease: when it is won, when it is lost, and that another token is another hold.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../platform/memory/manual-clock.ts';
import { LeaseKeeper } from './lease-keeper.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
let clock: ManualClock;
/** What the store answers next: a token, or nothing while another holds it. */
let token: number | undefined;
let told: string[];
let keeper: LeaseKeeper;

beforeEach(async () => {
  clock = createManualClock();
  token = 5;
  told = [];
  keeper = new LeaseKeeper({
    lease: {
      acquire: () => Promise.resolve(token),
      release: () => Promise.resolve(),
      holder: () => Promise.resolve(undefined),
    },
    clock,
    log,
    name: 'n',
    holder: 'me',
    ttlMs: 1000,
    renewMs: 300,
    won: (fence, again) => told.push(`won ${fence}${again ? ' again' : ''}`),
    lost: () => told.push('lost'),
  });
  await clock.advance(0);
});
afterEach(() => keeper.close());

it('is won once, however often it is renewed', async () => {
  await clock.advance(3000);
  expect(told).toEqual(['won 5']);
});

it('is lost when another has it, and won again with a later token', async () => {
  token = undefined;
  await clock.advance(300);
  token = 9;
  await clock.advance(300);
  expect(told).toEqual(['won 5', 'lost', 'won 9 again']);
});

it('a renewal with another token is another hold: the store had lost it, and others may have had it since', async () => {
  token = 6;
  await clock.advance(300);
  expect(told).toEqual(['won 5', 'lost', 'won 6 again']);
  await clock.advance(3000);
  expect(told).toHaveLength(3);
});
