// Which portal the management interface's tokens name.
import { beforeEach, expect, it } from 'vitest';
import { pickPortals } from '../cluster/portals.ts';
import { createMemoryRegistry } from '../platform/memory/registry.ts';
import { madeWorker, type MadeWorker } from '../store/conformance/made-worker.ts';
import type { Registry } from '../store/registry.ts';
import { portalAddress } from '../tokens/portal-address.ts';
import { fromBase64 } from '../tokens/text-codec.ts';
import { managementApp } from './app.ts';
import { ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
let registry: Registry;

beforeEach(async () => {
  server = await ScriptedServer.start();
  registry = createMemoryRegistry({ random: server.random });
});

async function token(preference?: object) {
  const { clock, random, log, deps } = server;
  const app = managementApp({ ...deps, portalFor: pickPortals({ registry, clock, random, log }) });
  const body = JSON.stringify({ user: 'alice', role: 'viewer', ...(preference && { preference }) });
  const authorization = await server.header(server.sampleService);
  const headers = { authorization, 'content-type': 'application/json' };
  return server.send(`/v1/rooms/${server.sampleRoom}/tokens`, { method: 'POST', headers, body }, app);
}

function join(edge: string, over: MadeWorker): Promise<void> {
  return registry.announce(madeWorker(edge, { purposes: ['portal'], ...over }), server.clock.now());
}

it('rest-api#19 cluster#13 without a portal for the preference the answer is 500/1301', async () => {
  const failed = { status: 500, json: { error: { code: 1301, message: 'Failed to get portal' } } };
  expect(await token()).toMatchObject(failed);
  await join('e1', { regions: ['eu'], portal: { host: 'e1:1', secure: true } });
  expect(await token()).toMatchObject(failed);
  expect(await token({ region: 'us' })).toMatchObject(failed);
  expect(await token({ region: 'eu' })).toMatchObject({ status: 200 });
});

it('rest-api#20 the host of a token is the picked portal’s, by its proxy where it has one', async () => {
  const portal = portalAddress({ viaHost: 'http://edge:80', ip: '10.0.0.1', port: 3004, secure: true });
  await join('e1', { portal });
  const reply = await token();
  expect(JSON.parse(fromBase64(reply.text))).toMatchObject({ host: 'edge:80', secure: false });
});
