import { expect, it } from 'vitest';
import { isPlainTarget } from './request-target.ts';

it.each([
  '/v1/rooms/r/participants/..',
  '/v1/rooms/r/participants/../',
  '/v1/rooms/r/participants/..?x=1',
  '/v1/rooms/r/participants/..#x',
  '/v1/rooms/r/participants/.',
  '/v1/rooms/r/participants/%2e%2e',
  '/v1/rooms/r/participants/.%2E',
  '/v1/rooms/r/participants/%2E./x',
  '/../v1/rooms',
  '/v1/rooms/r/streams\\..',
  '/v1/rooms/r/streams/.\t./x',
  '/v1/rooms/r/.\n.',
  'http://edge:3000/v1/rooms/../services',
])('refuses %j', (target) => {
  expect(isPlainTarget(target)).toBe(false);
});

it.each([
  '/',
  '/v1.1/rooms/r/streams/',
  '/v1/rooms?x=/../',
  '/app.js',
  '/...',
  '/a..b/..c',
  '/%2e%2e%2f',
  '/v1/rooms/%2F..%2F',
  'http://edge:3000/v1/rooms',
  '*',
])('takes %j', (target) => {
  expect(isPlainTarget(target)).toBe(true);
  // What is taken is what the parser makes of it.
  if (target.startsWith('/')) expect(new URL(target, 'http://e').pathname).toBe(target.split('?')[0]);
});
