// Owns the proof that each request reaches the application it is meant for.
import { expect, it } from 'vitest';
import { type Answering, frontDoor } from './front-door.ts';

const named = (name: string): Answering => ({ fetch: () => new Response(name) });
const text = async (path: string, withWeb = true): Promise<string> => {
  const app = frontDoor({
    management: named('management'),
    web: withWeb ? named('web') : undefined,
    healthy: () => true,
  });
  return (await app.request(path)).text();
};

it.each([
  ['/', 'web'],
  ['/tokens', 'web'],
  ['/v1/rooms', 'management'],
  ['/V1/rooms', 'management'],
  ['/v1.1/rooms/x', 'management'],
  ['/services', 'management'],
  ['/servicesx', 'web'],
  ['/healthz', 'ok'],
])('%s is answered by %s', async (path, answer) => {
  expect(await text(path)).toBe(answer);
});

it('leaves everything to management without a web app', async () => {
  expect(await text('/', false)).toBe('management');
});

it('says when there is no media worker', async () => {
  const app = frontDoor({ management: named('m'), web: named('w'), healthy: () => false });
  expect((await app.request('/healthz')).status).toBe(503);
});
