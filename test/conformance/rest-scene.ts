// Owns the setting of the sweep over REST: the whole management interface over live rooms of two services and scripted
// workers of every purpose, with one of everything that an id can name.
import { basename } from 'node:path';
import { createClusterView } from '../../edge/management/cluster-view.ts';
import { managementApp } from '../../edge/management/app.ts';
import { edgeAnswers } from '../../edge/management/edge-answers.ts';
import { ensureServices } from '../../edge/management/first-run.ts';
import { newRoomDocument } from '../../edge/management/room-document.ts';
import { ScriptedServer, type Reply } from '../../edge/management/scripted-server.ts';
import { createScene, hear, join, publish } from '../../edge/rooms/scripted-scene.ts';
import { createLog } from '../../edge/platform/node/log.ts';
import type { Audit } from '../../edge/store/audit.ts';
import { channels } from '../../schemas/bus.ts';
import { createScriptedWorker } from '../../edge/rooms/scripted-worker.ts';
import { createSecretBox } from '../../edge/tokens/secret-box.ts';
import { toHex } from '../../edge/tokens/text-codec.ts';
import { webApp } from '../../edge/web/routes.ts';
import type { Service } from '../../schemas/management.ts';
import { idsOf, type IdKind, type RestRoute } from '../../schemas/rest/route.ts';
import { purposeSchema } from '../../schemas/worker.ts';

/** A live room with one of everything in it. */
export interface Household {
  readonly service: Service;
  readonly ids: Readonly<Record<IdKind, string>>;
}

export interface RestScene {
  readonly superService: Service;
  /** Whose things are wanted. */
  readonly owner: Household;
  /** Another room of the same service. */
  readonly second: Household;
  readonly stranger: Household;
  /** Signed by the service; without one it has no credentials. */
  call(route: RestRoute, path: string, by: Service | undefined, ids: Household['ids']): Promise<Reply>;
  /** The same with any path and body. */
  send(method: string, path: string, by: Service | undefined, body?: unknown): Promise<Reply>;
  /** What a visitor of the sample application asks, which acts as the owner. */
  visit(route: RestRoute, path: string, ids: Household['ids']): Promise<Reply>;
  /** What was logged. */
  readonly lines: readonly string[];
  /** Every notice of every room. */
  told(): readonly unknown[];
  readonly audit: Audit;
  /** All that is stored and all that lives, as a text. */
  state(): Promise<string>;
  close(): Promise<void>;
}

/** In every secret of the scene, so that it can be looked for wherever it should not be. */
export const secret = 'hidden';

const options = {
  views: [{}, { label: 'wide' }],
  sip: { sipServer: 'sip.example', username: 'u', password: `${secret}-sip` },
};
const quick = 1000;

export async function createRestScene(): Promise<RestScene> {
  const scene = await createScene(newRoomDocument('', { name: 'first', options }));
  const { ports, clock } = scene;
  const { directory, registry } = ports;
  const transcoders = () => Promise.resolve({ audio: true, video: true });
  const rooms = scene.edge('e1', { settings: { transcoders } });
  const server = await ScriptedServer.start();
  const { superService } = await ensureServices(directory, server.random);
  const config = {
    http: { port: 3000 },
    redis: { url: `redis://:${secret}-redis@db` },
    https: { key: secret },
  };
  const answers = edgeAnswers({ rooms, config });
  const app = managementApp({
    ...server.deps,
    log: createLog({ name: 'edge', write: (line) => void scene.lines.push(line) }),
    directory,
    once: ports.once,
    rooms,
    cluster: createClusterView({ ...ports, log: server.log, edge: 'e1', answers }),
    // Refusals wait up to a second; what waits for a worker waits for that.
    clock: {
      ...clock,
      after: (ms, callback) => clock.after(ms <= quick ? 0 : ms, callback),
    },
    settings: { superService: superService._id },
  });

  const worker = createScriptedWorker(ports.bus, 'w1');
  const purposes = purposeSchema.options;
  const announce = () =>
    worker.announce({
      purposes: [...purposes],
      load: Object.fromEntries(purposes.map((purpose) => [purpose, 0])),
      capacity: { isps: [], regions: [], algorithms: ['face-detection'] },
      device: { host: 'h1', node: '/dev/dri/renderD128', state: 'used' },
    });
  ports.bus.serve(channels.host('h1'), () =>
    Promise.resolve({ state: 'draining', rest: { rooms: 1, mixers: 1 } }),
  );
  const stopAnnouncing = clock.every(1000, announce);
  announce();
  await scene.rest();

  async function answered(pending: Promise<Reply>): Promise<Reply> {
    let settled = false;
    const done = pending.finally(() => {
      settled = true;
    });
    while (!settled) await clock.advance(0);
    return done;
  }

  async function send(method: string, path: string, by: Service | undefined, body: unknown): Promise<Reply> {
    const signed = by === undefined ? {} : { authorization: await server.header(by) };
    const headers = { ...signed, 'content-type': 'application/json' };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    return answered(server.send(path, { method, headers, ...content }, app));
  }

  async function started(service: Service, room: string, resource: string, body: unknown): Promise<string> {
    const { status, text, json } = await send('POST', `/v1/rooms/${room}/${resource}`, service, body);
    if (status !== 200 || typeof json !== 'object' || json === null || !('id' in json))
      throw new Error(`${resource}: ${text}`);
    return String(json.id);
  }

  const heard: ReturnType<typeof hear>[] = [];
  async function household(service: Service, room: string, name: string): Promise<Household> {
    const live = await rooms.open(room);
    heard.push(hear(live));
    const [participant, stream] = [`${name}-ann`, `${name}-camera`];
    await live.execute(join(participant));
    await live.execute(publish(participant, stream));
    await scene.rest();
    const from = `${room}-common`;
    const media = { audio: { from }, video: { from } };
    const webhook = await hooked(service);
    const ids = {
      service: service._id,
      webhook,
      room,
      participant,
      stream,
      node: 'w1',
      device: 'h1.renderD128',
      streamingIn: await started(service, room, 'streaming-ins', {
        connection: { url: `rtsp://admin:${secret}-cam@cam.example/1` },
        media: { audio: true, video: true },
      }),
      streamingOut: await started(service, room, 'streaming-outs', {
        url: `rtmp://cdn:${secret}-cdn@cdn.example/live`,
        media: { ...media, audio: false },
      }),
      recording: await started(service, room, 'recordings', { media }),
      analytics: await started(service, room, 'analytics', { algorithm: 'face-detection', media }),
      sipcall: await started(service, room, 'sipcalls', {
        peerURI: `sip:bob:${secret}-peer@phone.example`,
        mediaIn: { audio: true, video: true },
        mediaOut: media,
      }),
    };
    await scene.rest();
    return { service, ids };
  }

  async function hooked({ _id, name }: Service): Promise<string> {
    const webhook = toHex(server.deps.random.bytes(12));
    const added = { _id: webhook, url: `https://${name}.example/hook`, events: ['ping' as const] };
    const box = createSecretBox(directory, server.deps.random);
    const sealed = await box.seal(`${secret}-hook of ${name}`);
    await directory.changeWebhooks(_id, (present) => [...present, { ...added, secret: sealed }]);
    return webhook;
  }

  function visited(service: Service, sampleRoom: string) {
    const { clock, log, portalFor, random, tokens } = server.deps;
    return webApp({
      ...{ directory, rooms, tokens, clock, random, log, portalFor },
      ...{ jobs: server.deps.jobs, audit: server.audit },
      ...{ assets: { get: () => undefined }, service: service._id, sampleRoom },
    });
  }

  const create = (name: string) =>
    directory.createService({ _id: '', name, key: `${secret}-key of ${name}`, encrypted: false });
  const roomOf = async (service: Service, name: string) =>
    (await directory.createRoom(service._id, newRoomDocument('', { name, options })))._id;
  const [one, other] = [await create('owner'), await create('stranger')];
  const owner = await household(one, await roomOf(one, 'first'), 'owner');
  const second = await household(one, await roomOf(one, 'second'), 'second');
  const stranger = await household(other, await roomOf(other, 'elsewhere'), 'stranger');

  const page = visited(one, owner.ids.room);
  return {
    superService,
    owner,
    second,
    stranger,
    send,
    visit(route, path, ids) {
      const headers = { 'content-type': 'application/json' };
      const body = bodyOf(route, ids);
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      return answered(server.send(path, { method: route.method, headers, ...content }, page));
    },
    lines: scene.lines,
    told: () => heard.flatMap((each) => each.notices()),
    audit: server.audit,
    call: (route, path, by, ids) => send(route.method, path, by, bodyOf(route, ids)),
    async state() {
      await scene.rest();
      const services = await directory.services();
      const stored = await Promise.all(services.map(({ _id }) => directory.rooms(_id)));
      const live = rooms.all().map(({ id, epoch, state }) => ({ id, epoch, state }));
      const alive = await registry.alive();
      const devices = alive.flatMap(({ device }) =>
        device === undefined ? [] : [{ id: `${device.host}.${basename(device.node)}`, state: device.state }],
      );
      return JSON.stringify({ services, stored, live, alive, devices }, flat);
    },
    async close() {
      stopAnnouncing();
      worker.die();
      await scene.close();
    },
  };
}

/** Maps as their entries. */
function flat(_: string, value: unknown): unknown {
  return isIterable(value) ? [...value] : value;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** The example of the documentation, speaking of this room. */
function bodyOf({ body }: RestRoute, { room }: Household['ids']): unknown {
  if (body === undefined) return undefined;
  return JSON.parse(JSON.stringify(body.example).replaceAll('"R-', `"${room}-`));
}

/** The path with ids in place of their kinds. Throws an Error for a kind that has none here: it needs a case. */
export function pathOf(route: RestRoute, ids: Household['ids']): string {
  return idsOf(route).reduce((path, kind) => {
    const id = Object.entries(ids).find(([name]) => name === kind)?.[1];
    if (id === undefined) throw new Error(`No id of the kind ${kind}: add one to the scene`);
    return path.replace(`{${kind}}`, id);
  }, route.path);
}
