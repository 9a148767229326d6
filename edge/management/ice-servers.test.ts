import { beforeEach, expect, it } from 'vitest';
import { ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
const path = (query = '') => `/v1/rooms/${server.sampleRoom}/ice-servers${query}`;

it.each([
  ['?user=alice', 'turn:any.test', 'alice'],
  ['?user=alice&region=eu', 'turn:eu.test', 'alice'],
  ['?region=nowhere', 'turn:any.test', ''],
])('applications are told of relays for their clients: %s', async (query, url, user) => {
  const reply = await server.call('GET', path(query));
  expect(reply.status).toBe(200);
  expect(reply.headers.get('cache-control')).toBe('no-store');
  const expiry = Math.floor((server.clock.time + 3_600_000) / 1000);
  expect(reply.json).toEqual({
    iceServers: [
      { urls: ['stun:stun.test'] },
      {
        urls: [url],
        username: `${expiry}:${server.sampleRoom}.${user}`,
        credential: expect.stringMatching(/^[0-9A-Za-z+/]{27}=$/) as string,
      },
    ],
    iceServersMs: 3_600_000,
  });
  expect(reply.text).not.toMatch(/general|european|older/);
});

it('names the user of the credentials before that of the query', async () => {
  const authorization = await server.header(server.sampleService, { user: 'zoe', role: 'viewer' });
  const reply = await server.send(path('?user=alice'), { headers: { authorization } });
  expect(reply.text).toContain(`${server.sampleRoom}.zoe`);
});

it('tells nobody else', async () => {
  expect(await server.send(path(), {})).toMatchObject({ status: 401 });
  expect(await server.call('GET', '/v1/rooms/65f0c1d2e3f4a5b6c7d8e9f0/ice-servers')).toMatchObject({
    status: 404,
  });
});
