import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channels } from '../../schemas/bus.ts';
import type { DeviceState } from '../../schemas/device.ts';
import type { AliveAnnouncement } from '../../schemas/worker.ts';
import { createScene, join, publish, type Scene } from '../rooms/scripted-scene.ts';
import type { LiveRoom } from '../rooms/live-room.ts';
import { createHomes } from '../cluster/homes.ts';
import type { HomePorts } from '../store/homes.ts';
import { createClusterView, nodeNamed, type ClusterView } from './cluster-view.ts';
import { edgeAnswers, serveEdgeAnswers } from './edge-answers.ts';
import { ScriptedServer } from './scripted-server.ts';

describe('cluster resources', () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await ScriptedServer.start();
  });
  const paths = [
    '/cluster/nodes',
    '/cluster/nodes/x',
    '/cluster/nodes/x/config',
    '/cluster/nodes/x/media',
    '/cluster/devices',
    '/cluster/rooms',
  ];

  it('are for the super service only', async () => {
    for (const path of paths) {
      expect(await server.call('GET', path)).toMatchObject({
        status: 403,
        json: { error: { code: 1102, message: 'Permission denied' } },
      });
      expect((await server.send(path)).status).toBe(401);
    }
    expect((await server.call('GET', '/cluster/nowhere')).status).toBe(403);
    for (const path of ['/cluster/devices/x', '/cluster/nodes/x'])
      expect((await server.call('PATCH', path, { drain: true })).status).toBe(403);
  });

  it('do not know what is not there', async () => {
    const bySuper = (path: string) => server.call('GET', path, undefined, server.superService);
    for (const path of ['/cluster/nodes/none', '/cluster/nodes/7', '/cluster/nodes/none/config'])
      expect(await bySuper(path)).toMatchObject({ status: 404, json: { error: { code: 1001 } } });
    expect(await bySuper('/cluster/nodes/none/media')).toMatchObject({ status: 404 });
    expect(await bySuper('/cluster/devices')).toMatchObject({ status: 200, json: [] });
    const drain = (body: object) =>
      server.call('PATCH', '/cluster/devices/h.renderD128', body, server.superService);
    expect(await drain({ drain: true })).toMatchObject({ status: 404, json: { error: { code: 1001 } } });
    expect(await drain({ drain: 'yes' })).toMatchObject({ status: 400 });
    expect(await drain({ drain: true, force: true })).toMatchObject({ status: 400 });
    const drainNode = (body: object) =>
      server.call('PATCH', '/cluster/nodes/none', body, server.superService);
    expect(await drainNode({ drain: true })).toMatchObject({ status: 404, json: { error: { code: 1001 } } });
    expect(await drainNode({ drain: 1 })).toMatchObject({ status: 400 });
    expect(await drainNode({ drain: true, deadline: 9 })).toMatchObject({ status: 400 });
    expect(await bySuper('/cluster/nodes')).toMatchObject({ status: 200, json: [] });
    expect(await bySuper('/cluster/rooms/')).toMatchObject({ status: 200, json: [] });
  });
});

describe('a cluster of two edges', () => {
  let scene: Scene;
  let views: ClusterView[];
  let room: LiveRoom;
  const settings = { http: { port: 3000 }, redis: { url: 'redis://u:hidden@db' }, key: 'hidden' };

  const announcement = (worker: string, more: Partial<AliveAnnouncement> = {}): AliveAnnouncement => ({
    type: 'alive',
    worker,
    purposes: ['portal'],
    load: {},
    maxLoad: 0.85,
    state: 'ready',
    capacity: { isps: [], regions: [] },
    ...more,
  });

  beforeEach(async () => {
    scene = await createScene();
    await scene.worker('w1');
    const { ports, clock } = scene;
    const silent = () => undefined;
    const log = { info: silent, warn: (message: string) => void scene.lines.push(message), error: silent };
    views = [];
    for (const edge of ['e1', 'e2']) {
      const rooms = scene.edge(edge);
      const answers = edgeAnswers({ rooms, config: { ...settings, edge } });
      serveEdgeAnswers(ports.bus, edge, answers);
      const portal = { host: `${edge}.example:443`, secure: true };
      await ports.registry.announce(announcement(edge, { portal }), clock.now());
      views.push(createClusterView({ ...ports, log, edge, answers }));
      const opened = await rooms.open(scene.room);
      if (edge === 'e1') room = opened;
    }
    await room.execute(join('ann'));
    await room.execute(publish('ann', 'p1'));
    await scene.rest();
  });
  afterEach(() => scene.close());

  const fromEach = async <T>(ask: (view: ClusterView) => Promise<T>): Promise<T> => {
    const [first, second] = await Promise.all(views.map(ask));
    expect(second).toEqual(first);
    if (first === undefined) throw new Error('no view');
    return first;
  };

  it('says the same of its rooms from either', async () => {
    const found = await scene.ports.directory.room(scene.room);
    expect(await fromEach((view) => view.rooms())).toEqual([
      {
        id: scene.room,
        name: 'room',
        service: found?.service,
        edges: ['e1', 'e2'],
        node: 'e1',
        participants: 1,
        streams: 1,
        subscriptions: 0,
        workers: ['w1'],
      },
    ]);
  });

  it('says the same of its nodes, and of what an edge runs with no secrets', async () => {
    const nodes = await fromEach((view) => view.nodes());
    expect(nodes.map(({ id, purposes, state }) => [id, purposes, state])).toEqual([
      ['w1', ['webrtc'], 'ready'],
      ['e1', ['portal'], 'ready'],
      ['e2', ['portal'], 'ready'],
    ]);
    expect(nodeNamed(nodes, '1')).toBe(nodeNamed(nodes, 'e1'));
    const config = await fromEach((view) => view.config(nodeNamed(nodes, 'e2')));
    expect(config).toMatchObject({ edge: 'e2', http: { port: 3000 }, key: '********' });
    expect(JSON.stringify(config)).not.toContain('hidden');
    expect(await fromEach((view) => view.config(nodeNamed(nodes, 'w1')))).toMatchObject({
      purposes: ['webrtc'],
    });
  });

  it('drains a worker and gives it work again, by the worker itself; an edge is not drained from afar', async () => {
    await scene.ports.registry.announce(announcement('w2', { purposes: ['audio'] }), scene.clock.now());
    const asked: unknown[] = [];
    scene.ports.bus.serve(channels.worker('w2'), (message) => {
      asked.push(message);
      return Promise.resolve({ rooms: 3 });
    });
    const [view] = views;
    const nodes = (await view?.nodes()) ?? [];
    const drain = (node: string, on: boolean) => view?.drainNode(nodeNamed(nodes, node), { drain: on });
    expect(await drain('w2', true)).toEqual({ id: 'w2', state: 'draining', rest: { rooms: 3 } });
    expect(await drain('w2', false)).toEqual({ id: 'w2', state: 'ready', rest: { rooms: 3 } });
    expect(asked).toEqual([
      { type: 'drain', on: true },
      { type: 'drain', on: false },
    ]);
    await expect(drain('e2', true)).rejects.toMatchObject({ code: 'bad-request' });
  });

  describe('with GPUs', () => {
    const device = { host: 'gpu-7.1', node: '/dev/dri/renderD128', state: 'used' } as const;
    beforeEach(async () => {
      const { registry } = scene.ports;
      const video = (load: number) => ({ purposes: ['video' as const], load: { video: load }, device });
      await registry.announce(announcement('g1', { ...video(0.2), cost: { video: 0.1 } }), scene.clock.now());
      await registry.announce(announcement('g2', video(0.4)), scene.clock.now());
    });

    it('lists them with their workers, and says of workers what more costs', async () => {
      const [found, ...others] = await fromEach((view) => view.devices());
      expect(found).toEqual({ id: 'gpu-7.1.renderD128', ...device, workers: ['g1', 'g2'], load: 0.4 });
      expect(others).toEqual([]);
      const nodes = await fromEach((view) => view.nodes());
      expect(nodeNamed(nodes, 'g1')).toMatchObject({ device, cost: { video: 0.1 } });
    });

    it('says that one is left out while any of its workers leaves it out', async () => {
      const { registry } = scene.ports;
      const state = async (worker: string, state: DeviceState) => {
        const more = { purposes: ['video' as const], load: { video: 0 }, device: { ...device, state } };
        await registry.announce(announcement(worker, more), scene.clock.now());
        return (await fromEach((view) => view.devices())).map((each) => each.state);
      };
      expect(await state('g1', 'left-out')).toEqual(['left-out']);
      expect(await state('g2', 'left-out')).toEqual(['left-out']);
      expect(await state('g1', 'used')).toEqual(['left-out']);
      expect(await state('g2', 'used')).toEqual(['used']);
    });

    it('calls its worker full when one more task does not fit', async () => {
      const { registry } = scene.ports;
      const state = async (load: number, cost: number) => {
        const more = { purposes: ['video' as const], load: { video: load }, cost: { video: cost }, device };
        await registry.announce(announcement('g1', more), scene.clock.now());
        return nodeNamed(await fromEach((view) => view.nodes()), 'g1').state;
      };
      expect(await state(0.45, 0.4)).toBe('ready');
      expect(await state(0.46, 0.4)).toBe('full');
    });

    it('drains one by its worker host, and says what is still on it', async () => {
      const asked: unknown[] = [];
      scene.ports.bus.serve(channels.host('gpu-7.1'), (message) => {
        asked.push(message);
        return Promise.resolve({ state: 'draining', rest: { rooms: 2, mixers: 1, silent: 1 } });
      });
      const [view] = views;
      expect(await view?.drainDevice('gpu-7.1.renderD128', { drain: true, software: false })).toEqual({
        id: 'gpu-7.1.renderD128',
        state: 'draining',
        rest: { rooms: 2, mixers: 1, silent: 1 },
      });
      expect(asked).toEqual([{ type: 'drain-device', node: device.node, on: true, software: false }]);
      await expect(
        view?.drainDevice('gpu-7.1.renderD129', { drain: true, software: false }),
      ).rejects.toMatchObject({
        code: 'not-found',
      });
    });

    it('asks a worker how its pipelines fare, and nobody about an edge', async () => {
      const told = { pipelines: [], more: 7 };
      scene.ports.bus.serve(channels.worker('g1'), (message) => {
        expect(message).toEqual({ type: 'media-use' });
        return Promise.resolve(told);
      });
      const nodes = await fromEach((view) => view.nodes());
      expect(await fromEach((view) => view.media(nodeNamed(nodes, 'g1')))).toEqual(told);
      expect(await fromEach((view) => view.media(nodeNamed(nodes, 'e2')))).toEqual({
        pipelines: [],
        more: 0,
      });
    });
  });

  it('calls a node full when it takes nothing more', async () => {
    const { registry } = scene.ports;
    await registry.announce(announcement('e2', { load: { portal: 0.9 } }), scene.clock.now());
    expect(nodeNamed(await fromEach((view) => view.nodes()), 'e2').state).toBe('full');
    await registry.announce(announcement('e2', { state: 'draining' }), scene.clock.now());
    expect(nodeNamed(await fromEach((view) => view.nodes()), 'e2').state).toBe('draining');
  });

  it('leaves out what an edge does not say, and what it says wrongly', async () => {
    await scene.ports.registry.announce(announcement('e3'), scene.clock.now());
    await scene.ports.registry.announce(announcement('e4'), scene.clock.now());
    scene.ports.bus.serve(channels.edge('e4'), () => Promise.resolve({ rooms: 'many' }));
    const [view] = views;
    const rooms = view?.rooms();
    const nodes = (await view?.nodes()) ?? [];
    const refused = view?.config(nodeNamed(nodes, 'e3')).catch((error: unknown) => error);
    await scene.clock.advance(2_000);
    expect((await rooms)?.map(({ id }) => id)).toEqual([scene.room]);
    expect(await refused).toMatchObject({ code: 'unavailable' });
    expect(scene.lines).toHaveLength(2);
  });

  it('says where a room lives, and lists one whose home is away without its conductor', async () => {
    const silent = () => undefined;
    const log = { info: silent, warn: (message: string) => void scene.lines.push(message), error: silent };
    const found = await scene.ports.directory.room(scene.room);
    const directory = {
      ...scene.ports.directory,
      room: () => Promise.resolve(found && { ...found, home: 'west' }),
    };
    const answers = { rooms: () => [], config: () => ({}) };
    const view = (home?: HomePorts) =>
      createClusterView({
        ...scene.ports,
        directory,
        homes: createHomes(scene.ports, new Map(home === undefined ? [] : [['west', home]])),
        ...{ log, edge: 'e3', answers },
      });
    expect(await view(scene.ports).rooms()).toMatchObject([{ id: scene.room, home: 'west', node: 'e1' }]);
    const [room] = await view().rooms();
    expect(room).toMatchObject({ id: scene.room, home: 'west' });
    expect(room).not.toHaveProperty('node');
    expect(scene.lines).toContain('it is not known who conducts a room');
  });

  it('refuses what it does not know to answer', async () => {
    await expect(
      scene.ports.bus.request(channels.edge('e1'), { type: 'secrets' }, 100),
    ).rejects.toMatchObject({ code: 'bad-request' });
  });
});
