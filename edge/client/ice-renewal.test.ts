import { beforeEach, expect, it } from 'vitest';
import type { IceServers } from '../../schemas/ice-servers.ts';
import { IceRenewal } from './ice-renewal.ts';
import { settle, TestTimers } from './testing/test-timers.ts';

const given = (name: string, iceServersMs = 1_000_000): IceServers => ({
  iceServers: [{ urls: [`turn:${name}`] }],
  iceServersMs,
});

let timers: TestTimers;
let replies: (IceServers | Error)[];
let asked: number;
let used: string[];
let renewal: IceRenewal;
beforeEach(() => {
  timers = new TestTimers();
  replies = [];
  asked = 0;
  used = [];
  renewal = new IceRenewal({
    timers,
    ask: () => {
      asked += 1;
      const reply = replies.shift() ?? new Error('away');
      return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
    },
    use: (servers) => void used.push(servers[0]?.urls[0] ?? 'none'),
  });
});

it('asks for new ones at three quarters of their life, again and again', async () => {
  renewal.take(given('a'));
  await timers.pass(749_999);
  expect([asked, used]).toEqual([0, ['turn:a']]);
  replies.push(given('b', 100_000), given('c'));
  await timers.pass(1);
  await settle();
  expect(used).toEqual(['turn:a', 'turn:b']);
  await timers.pass(75_000);
  await settle();
  expect(used).toEqual(['turn:a', 'turn:b', 'turn:c']);
});

it('never asks where they are good for ever', async () => {
  renewal.take({ iceServers: [] });
  await timers.pass(100 * 86_400_000);
  expect([asked, used]).toEqual([0, ['none']]);
});

it('asks again after it failed', async () => {
  renewal.take(given('a'));
  replies.push(new Error('away'), given('b'));
  await timers.pass(750_000);
  await settle();
  expect([asked, used]).toEqual([1, ['turn:a']]);
  await timers.pass(30_000);
  await settle();
  expect(used).toEqual(['turn:a', 'turn:b']);
});

it('counts anew from those that came by another way', async () => {
  renewal.take(given('a'));
  await timers.pass(700_000);
  renewal.take(given('b'));
  await timers.pass(700_000);
  expect(asked).toBe(0);
});

it.each([
  ['at most once in five seconds', 0, 5_000],
  ['at least once a day', 1e12, 86_400_000],
])('asks %s, whatever the server says', async (_, lifeMs, ms) => {
  renewal.take(given('a', lifeMs));
  await timers.pass(ms - 1);
  expect(asked).toBe(0);
  await timers.pass(1);
  expect(asked).toBe(1);
});

it('asks for nothing and takes nothing once it is closed', async () => {
  renewal.take(given('a', 10_000));
  replies.push(given('b'));
  await timers.pass(7_500 - 1);
  renewal.close();
  await timers.pass(100_000);
  expect(asked).toBe(0);

  renewal.take(given('c', 10_000));
  const passing = timers.pass(7_500);
  renewal.close();
  await passing;
  await settle();
  expect(used).toEqual(['turn:a', 'turn:c']);
});
