// Owns the proof that what is said of the routes (schemas/rest.ts) and what is routed are the same.
import { expect, it } from 'vitest';
import { notOffered, restRoutes } from '../../schemas/rest.ts';
import { managementRoutes } from './app.ts';
import { ScriptedServer } from './scripted-server.ts';

/** Ids may be called differently here and there. */
const form = (method: string, path: string) => `${method} ${path.replace(/:\w+|\{\w+\}/g, '{}')}`;

async function routed(): Promise<readonly string[]> {
  const { deps } = await ScriptedServer.start();
  const routes = managementRoutes(deps).routes.filter(
    // What stands before the routes has no method, what answers any OPTIONS no path.
    ({ method }) => method !== 'ALL' && method !== 'OPTIONS',
  );
  return [...new Set(routes.map(({ method, path }) => form(method, path)))];
}

it('says of every route what it is', async () => {
  const said = new Set(restRoutes.map(({ method, path }) => form(method, path)));
  expect((await routed()).filter((route) => !said.has(route))).toEqual([]);
});

it('routes everything that it says', async () => {
  const real = new Set(await routed());
  expect(
    restRoutes.map(({ method, path }) => form(method, path)).filter((route) => !real.has(route)),
  ).toEqual([]);
});

it('says it once', () => {
  const said = restRoutes.map(({ method, path }) => form(method, path));
  expect(said).toEqual([...new Set(said)]);
  expect(said.filter((route) => route.includes(notOffered))).toEqual([]);
});
