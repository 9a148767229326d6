// Owns the proof that each request reaches the application it is meant for.
import { expect, it } from 'vitest';
import { type Answering, frontDoor } from './front-door.ts';

const named = (name: string): Answering => ({ fetch: () => new Response(name) });
const text = async (path: string, withWeb = true): Promise<string> => {
  const app = frontDoor({
    management: named('management'),
    files: named('files'),
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
  ['/cluster/nodes', 'management'],
  ['/openapi.json', 'management'],
  ['/api/', 'files'],
  ['/api/page.js', 'files'],
  ['/apis', 'web'],
  ['/healthz', 'ok'],
])('%s is answered by %s', async (path, answer) => {
  expect(await text(path)).toBe(answer);
});

it('leaves everything to management without a web app', async () => {
  expect(await text('/', false)).toBe('management');
  expect(await text('/api/', false)).toBe('files');
});

it('leads to the page that describes it, with or without a slash', async () => {
  const app = frontDoor({ management: named('m'), files: named('f'), web: undefined, healthy: () => true });
  const reply = await app.request('/api');
  expect([reply.status, reply.headers.get('location')]).toEqual([301, '/api/']);
});

it('says when there is no media worker', async () => {
  const app = frontDoor({ management: named('m'), files: named('f'), web: named('w'), healthy: () => false });
  expect((await app.request('/healthz')).status).toBe(503);
});
