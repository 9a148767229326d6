// Owns the proof that no REST route answers whom it is not for: every route, as the list of routes says it, asked by
// everybody who may not. Nothing may change. Each is then asked by who may, so that a refusal is not for another reason.
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../../schemas/management.ts';
import { restRoutes } from '../../schemas/rest.ts';
import { idsOf, type RestRoute } from '../../schemas/rest/route.ts';
import { createRestScene, pathOf, type Household, type RestScene } from './rest-scene.ts';

type Refused = readonly [status: number, code: number];
interface Attempt {
  readonly who: string;
  readonly by: (scene: RestScene) => Service | undefined;
  /** Whose ids stand in the path. */
  readonly ids: (scene: RestScene) => Household['ids'];
  readonly refused: readonly Refused[];
}

const unauthenticated: readonly Refused[] = [[401, 1101]];
const forbidden: readonly Refused[] = [[403, 1102]];
const noRoom: readonly Refused[] = [[404, 1003]];
/** What does not exist in this room. */
const missing: readonly Refused[] = [
  [404, 1001],
  [404, 1004],
  [404, 1005],
  [500, 1301],
];

const ofOwner = (scene: RestScene) => scene.owner.ids;
const forged = ({ owner }: RestScene): Service => ({ ...owner.service, key: 'another key' });

/** The things of `ids` in the room of `room`. */
const mixed = (room: Household, { ids }: Household) => ({ ...ids, room: room.ids.room });

function attempts(route: RestRoute): readonly Attempt[] {
  const { access } = route;
  if (access === 'anyone') return [];
  const ids = idsOf(route);
  const list: Attempt[] = [
    { who: 'nobody', by: () => undefined, ids: ofOwner, refused: unauthenticated },
    { who: 'a forger', by: forged, ids: ofOwner, refused: unauthenticated },
  ];
  const plain = (who: string, by: Attempt['by'], refused: readonly Refused[]) =>
    void list.push({ who, by, ids: ofOwner, refused });
  if (access === 'super-service') {
    plain('a plain service', (scene) => scene.owner.service, forbidden);
    plain('another plain service', (scene) => scene.stranger.service, forbidden);
  }
  if (access === 'named-service') plain('another service', (scene) => scene.stranger.service, forbidden);
  if (!ids.includes('room')) return list;
  plain('another service', (scene) => scene.stranger.service, noRoom);
  plain('the super service', (scene) => scene.superService, noRoom);
  if (ids.length < 2) return list;
  list.push(
    {
      who: 'another service through its own room',
      by: ({ stranger }) => stranger.service,
      ids: ({ owner, stranger }) => mixed(stranger, owner),
      refused: missing,
    },
    {
      who: 'the owner through another room of its own',
      by: ({ owner }) => owner.service,
      ids: ({ owner, second }) => mixed(second, owner),
      refused: missing,
    },
  );
  return list;
}

const cases = restRoutes.flatMap((route) =>
  attempts(route).map((attempt) => [`${route.method} ${route.path}`, attempt.who, route, attempt] as const),
);

describe('a REST route refuses, and changes nothing', () => {
  let scene: RestScene;
  let before: string;
  beforeAll(async () => {
    scene = await createRestScene();
    before = await scene.state();
  });
  afterAll(() => scene.close());

  it('is compared with all that there is', () => {
    for (const { ids, service } of [scene.owner, scene.second, scene.stranger]) {
      for (const id of Object.values(ids)) expect(before).toContain(`"${id}"`);
      expect(before).toContain(service.key);
    }
  });

  it.each(cases)('%s by %s', async (_name, _who, route, { by, ids, refused }) => {
    const named = ids(scene);
    const reply = await scene.call(route, pathOf(route, named), by(scene), named);
    expect(
      refused.map(([status, code]) => `${status} ${code}`),
      reply.text,
    ).toContain(`${reply.status} ${String(codeOf(reply.json))}`);
    expect(await scene.state()).toBe(before);
  });

  it('shows a service none of the rooms of others where it lists its own', async () => {
    for (const version of ['v1', 'v1.1']) {
      const route = restRoutes.find(({ method, path }) => method === 'GET' && path === `/${version}/rooms`);
      if (route === undefined) throw new Error('no list of rooms');
      const { owner, second, stranger } = scene;
      const reply = await scene.call(route, route.path, owner.service, owner.ids);
      const listed = v.parse(v.array(v.object({ _id: v.string() })), reply.json).map(({ _id }) => _id);
      expect(listed.sort()).toEqual([owner.ids.room, second.ids.room].sort());
      expect(reply.text).not.toContain(stranger.ids.room);
    }
  });
});

describe('the sample application, open to anybody, refuses and changes nothing', () => {
  let scene: RestScene;
  let before: string;
  beforeAll(async () => {
    scene = await createRestScene();
    before = await scene.state();
  });
  afterAll(() => scene.close());

  const inRooms = restRoutes.filter(({ path }) => path.startsWith('/v1/rooms/{room}'));
  const below = (route: RestRoute, ids: Household['ids']) => pathOf(route, ids).slice('/v1'.length);

  it.each(inRooms.map((route) => [`${route.method} ${route.path.slice(3)}`, route] as const))(
    '%s of another service',
    async (_name, route) => {
      const { owner, stranger } = scene;
      const inTheirs = await scene.visit(route, below(route, stranger.ids), stranger.ids);
      expect([inTheirs.status, codeOf(inTheirs.json)], inTheirs.text).toEqual([404, 1003]);
      if (idsOf(route).length > 1) {
        const ids = mixed(owner, stranger);
        const inOurs = await scene.visit(route, below(route, ids), ids);
        expect(
          missing.map(([status, code]) => `${status} ${code}`),
          inOurs.text,
        ).toContain(`${inOurs.status} ${String(codeOf(inOurs.json))}`);
      }
      expect(await scene.state()).toBe(before);
    },
  );

  it('has nothing of services, of the cluster, and no tokens of named rooms', async () => {
    const others = restRoutes.filter(
      ({ path }) => path.endsWith('/tokens') || /^\/(services|cluster)/.test(path),
    );
    expect(others.length).toBeGreaterThan(10);
    for (const route of others) {
      const { ids } = scene.owner;
      const path = pathOf(route, ids).replace(/^\/v1(\.1)?/, '');
      expect((await scene.visit(route, path, ids)).status, path).toBe(404);
    }
    expect(await scene.state()).toBe(before);
  });

  it('answers for the rooms of its own service', async () => {
    const list = inRooms.find(({ method, path }) => method === 'GET' && path.endsWith('/participants'));
    if (list === undefined) throw new Error('no list of participants');
    const { ids } = scene.owner;
    expect((await scene.visit(list, below(list, ids), ids)).text).toContain(ids.participant);
  });
});

function codeOf(json: unknown): unknown {
  const parsed = v.safeParse(v.object({ error: v.object({ code: v.number() }) }), json);
  return parsed.success ? parsed.output.error.code : undefined;
}

describe('a REST route answers who may ask', () => {
  const byAccess: Readonly<Record<RestRoute['access'], (scene: RestScene) => Service | undefined>> = {
    anyone: () => undefined,
    service: ({ owner }) => owner.service,
    'named-service': ({ owner }) => owner.service,
    'super-service': ({ superService }) => superService,
  };

  it.each(restRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s',
    async (_name, route) => {
      const scene = await createRestScene();
      try {
        const { ids } = scene.owner;
        const before = await scene.state();
        const reply = await scene.call(route, pathOf(route, ids), byAccess[route.access](scene), ids);
        if (route.errors?.includes('not-implemented')) {
          expect([reply.status, codeOf(reply.json)]).toEqual([500, 2001]);
          return;
        }
        expect(reply.status, reply.text).toBe(200);
        if (route.reply.type === 'empty') expect(reply.text).toBe('');
        if (route.reply.type === 'json')
          expect(v.safeParse(route.reply.schema, reply.json).issues, reply.text).toBeUndefined();
        const reads = route.method === 'GET';
        if (reads) expect(await scene.state()).toBe(before);
      } finally {
        await scene.close();
      }
    },
  );
});
