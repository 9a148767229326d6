import { beforeEach, expect, it } from 'vitest';
import type { ServerKeysView } from '../../schemas/server-keys.ts';
import { fromBase64 } from '../tokens/text-codec.ts';
import { ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});

const rotate = (kind: string, by = server.superService) =>
  server.call('POST', `/cluster/keys/${kind}`, undefined, by);
async function token(): Promise<string> {
  const body = { user: 'alice', role: 'presenter' };
  return (await server.call('POST', `/v1/rooms/${server.sampleRoom}/tokens`, body)).text;
}
function keyOf(text: string): string | undefined {
  const { tokenId } = JSON.parse(fromBase64(text)) as { tokenId: string };
  return tokenId.split('.')[1];
}

it('replacing the token key leaves tokens made before good for their time', async () => {
  const [before, spare] = [await token(), await token()];
  const reply = await rotate('token');
  expect(reply.status).toBe(200);
  const { current, previous } = reply.json as ServerKeysView;
  expect(previous.map(({ id }) => id)).toEqual([keyOf(before)]);
  expect(keyOf(await token())).toBe(keyOf(before));
  server.clock.time += 11_000;
  const after = await token();
  expect(keyOf(after)).toBe(current.id);
  for (const each of [before, after])
    expect(await server.tokens.redeem(each)).toMatchObject({ user: 'alice' });
  server.clock.time += 300_000;
  await expect(server.tokens.redeem(spare)).rejects.toThrow('Invalid token signature');
});

it('tells ids and times of keys, and nothing else of them', async () => {
  for (const kind of ['token', 'ticket', 'secret-box']) {
    const { json, text } = await rotate(kind);
    const { current } = await server.directory.keys(kind, () => 'never');
    expect(text).not.toContain(current.secret);
    expect(json).toMatchObject({ current: { id: current.id, since: current.since } });
    expect(Object.keys((json as ServerKeysView).current)).toEqual(['id', 'since']);
  }
});

it('what was sealed before stays readable: services sign with their keys as before', async () => {
  for (let times = 0; times < 3; times += 1) expect((await rotate('secret-box')).status).toBe(200);
  const { json } = await rotate('secret-box');
  expect((json as ServerKeysView).previous).toHaveLength(4);
  for (const { until } of (json as ServerKeysView).previous) expect(until).toBeUndefined();
  expect((await server.call('GET', '/v1/rooms')).status).toBe(200);
});

it('is for the super service, and for keys there are', async () => {
  const before = await server.directory.keys('token', () => 'first');
  expect(await rotate('token', server.sampleService)).toMatchObject({ status: 403 });
  expect((await server.send('/cluster/keys/token', { method: 'POST' })).status).toBe(401);
  expect(await rotate('mauth')).toMatchObject({ status: 404 });
  expect(await rotate('__proto__')).toMatchObject({ status: 404 });
  expect(await server.directory.keys('token', () => 'first')).toEqual(before);
});

it('hasty hands do not make keys without end', async () => {
  await server.directory.keys('token', () => 'first');
  for (let times = 0; times < 64; times += 1) expect((await rotate('token')).status).toBe(200);
  expect(await rotate('token')).toMatchObject({ status: 500, json: { error: { code: 1301 } } });
  server.clock.time += 300_000;
  expect((await rotate('token')).status).toBe(200);
});
