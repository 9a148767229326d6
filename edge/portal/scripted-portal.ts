// Owns the setting of tests about the portal: live rooms on memory ports with a worker without media, portals of any
// number of edges, and scripted clients of both gateways that speak through sockets made of arrays.
import { decode, encode } from '@msgpack/msgpack';
import type { Notice } from '../../schemas/notice.ts';
import type { ServerFrame, SignalMessage, SignalReply } from '../../schemas/signal.ts';
import type { Origin } from '../../schemas/room.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { createLog } from '../platform/node/log.ts';
import { newRoomDocument } from '../management/room-document.ts';
import type { LiveRoom, Rooms } from '../rooms/live-room.ts';
import type { RoomSettings } from '../rooms/room-settings.ts';
import type { ScriptedWorker } from '../rooms/scripted-worker.ts';
import { createScene, type Scene } from '../rooms/scripted-scene.ts';
import type { IceServersFor } from '../tokens/ice-servers.ts';
import { createTickets } from '../tokens/ticket.ts';
import { createTokens, type Tokens } from '../tokens/tokens.ts';
import { createPortal, type Portal } from './portal.ts';
import type { PortalSettings } from './settings.ts';
import { acceptOwt } from './socketio/owt-gateway.ts';
import type { SioConnection } from './socketio/sio-socket.ts';
import { acceptSignal, type SignalConnection } from './websocket/signal-gateway.ts';

export interface PortalScene extends Scene {
  readonly media: ScriptedWorker;
  token(user?: string, role?: string, origin?: Origin): Promise<string>;
  portal(
    edge: string,
    settings?: Partial<PortalSettings>,
    rooms?: Partial<RoomSettings>,
    iceServers?: IceServersFor,
  ): Portal;
  /** The scene's room, or another one, on an edge. */
  live(edge?: string, room?: string): LiveRoom;
  /** The rooms of a portal's edge. */
  rooms(edge: string): Rooms;
  readonly tokens: Tokens;
}

const mixes = { transcoders: () => Promise.resolve({ audio: true, video: true }) };

/** A scene with worker `w1`; the first portal's edge is `e1`. Its room has no views. */
export async function createPortalScene(): Promise<PortalScene> {
  return portalScene(await createScene(), {});
}

/** The same with a default room of views `common` and, without video, `sound`, on a cluster that mixes. */
export async function createMixingScene(): Promise<PortalScene> {
  const views = [{}, { label: 'sound', video: false }];
  const document = newRoomDocument('', { name: 'room', options: { views } });
  return portalScene(await createScene(document), mixes);
}

async function portalScene(scene: Scene, roomSettings: Partial<RoomSettings>): Promise<PortalScene> {
  const { clock, ports, room, lines } = scene;
  const random = nodeRandom;
  const { directory, once } = ports;
  const service = (await directory.room(room))?.service ?? '';
  const address = () => ({ host: 'h:1', secure: false });
  const tokens = createTokens({ directory, once, clock, random, address });
  const tickets = createTickets({ directory, clock, random });
  const log = createLog({ name: 'test', write: (line) => void lines.push(line) });
  const media = await scene.worker('w1');
  const roomsOf = new Map<string, ReturnType<Scene['edge']>>();
  return {
    ...scene,
    media,
    tokens,
    rooms(edge) {
      const found = roomsOf.get(edge);
      if (found === undefined) throw new Error(`no edge ${edge}`);
      return found;
    },
    token: (user = 'user', role = 'presenter', origin = { isp: '', region: '' }) =>
      tokens.issue({ user, role, room, service, origin }),
    portal(edge, settings = {}, otherwise = {}, iceServers) {
      const rooms = scene.edge(edge, { settings: { ...roomSettings, ...otherwise } });
      roomsOf.set(edge, rooms);
      return createPortal({
        ...{ rooms, bus: ports.bus, tokens, tickets, clock, random, log, edge, settings },
        ...(iceServers === undefined ? {} : { iceServers }),
      });
    },
    live(edge = 'e1', id = room) {
      const found = roomsOf.get(edge)?.find(id);
      if (found === undefined) throw new Error('the room is not live');
      return found;
    },
  };
}

const patienceMs = 5_000;

/** Resolves once `condition` holds; signatures are made by other threads, so turns of the loop cannot be counted. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not seen in time: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

type Body = SignalMessage extends infer M ? (M extends SignalMessage ? Omit<M, 'cid'> : never) : never;

/** A client of `sluice.1`. */
export class SignalClient {
  readonly frames: ServerFrame[] = [];
  readonly bytes: Uint8Array[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  buffered = 0;
  cid = 0;
  readonly #scene: PortalScene;
  readonly #connection: SignalConnection;

  constructor(scene: PortalScene, portal: Portal) {
    this.#scene = scene;
    this.#connection = acceptSignal(portal, {
      address: '127.0.0.1',
      send: (bytes) => {
        if (this.closed) throw new Error('sent on a closed socket');
        this.bytes.push(bytes);
        this.frames.push(decode(bytes) as ServerFrame);
      },
      close: (code, reason) => {
        this.closed ??= { code, reason };
      },
      bufferedBytes: () => this.buffered,
    });
  }

  static async joined(scene: PortalScene, portal: Portal, user = 'user'): Promise<SignalClient> {
    const client = new SignalClient(scene, portal);
    const userAgent = { sdk: { type: 'test', version: '1' } };
    await client.data({ do: 'join', token: await scene.token(user), userAgent });
    return client;
  }

  get notices(): readonly Notice[] {
    return this.frames.flatMap(({ notices }) => notices ?? []);
  }

  get types(): readonly string[] {
    return this.notices.map(({ type }) => type);
  }

  get replies(): readonly SignalReply[] {
    return this.frames.flatMap(({ replies }) => replies ?? []);
  }

  get seq(): number {
    return Math.max(0, ...this.frames.map(({ seq }) => seq ?? 0));
  }

  raw(frame: Uint8Array | string): void {
    this.#connection.received(frame);
  }

  send(body: Body, cid = ++this.cid): number {
    this.cid = Math.max(this.cid, cid);
    this.raw(encode({ ...body, cid }, { ignoreUndefined: true }));
    return cid;
  }

  async ask(body: Body, cid?: number): Promise<SignalReply> {
    const before = this.replies.length;
    const sent = this.send(body, cid);
    const find = () => this.replies.slice(before).find((each) => each.cid === sent);
    await until(() => find() !== undefined, `reply to ${body.do}`);
    await this.#scene.rest();
    const reply = find();
    if (reply === undefined) throw new Error('unreachable');
    return reply;
  }

  /** The data of a good reply; throws the text of a refusal. */
  async data<T = unknown>(body: Body, cid?: number): Promise<T> {
    const reply = await this.ask(body, cid);
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.data as T;
  }

  /** The network breaks. */
  lose(): void {
    this.#connection.closed();
  }
}

export interface OwtEmission {
  readonly event: string;
  readonly data: unknown;
}

/** A client of the OWT protocol. */
export class OwtClient {
  readonly emitted: OwtEmission[] = [];
  ended: 'disconnect' | 'cut' | undefined;
  buffered = 0;
  /** Set false to have nothing confirmed, and in truth received, from now on. */
  confirms = true;
  #received = 0;
  #isLost = false;
  readonly #scene: PortalScene;
  readonly #connection: SioConnection;

  constructor(scene: PortalScene, portal: Portal, id: string) {
    this.#scene = scene;
    const end = (how: 'disconnect' | 'cut') => {
      if (this.ended === undefined) {
        this.ended = how;
        queueMicrotask(() => this.#connection.closed());
      }
    };
    this.#connection = acceptOwt(portal, {
      id,
      address: '127.0.0.1',
      emit: (event, data) => {
        if (this.ended === undefined) this.emitted.push({ event, data });
      },
      confirm: (callback) => {
        const count = this.emitted.length;
        if (!this.confirms) return;
        setImmediate(() => {
          if (this.#isLost || !this.confirms) return;
          this.#received = Math.max(this.#received, count);
          callback();
        });
      },
      disconnect: () => end('disconnect'),
      cut: () => end('cut'),
      bufferedBytes: () => this.buffered,
    });
  }

  static async joined(scene: PortalScene, portal: Portal, id: string): Promise<OwtClient> {
    const client = new OwtClient(scene, portal, id);
    const [status, data] = await client.ask('login', owtLogin(await scene.token(id)));
    if (status !== 'ok') throw new Error(String(data));
    return client;
  }

  /** What surely reached it: it was confirmed. */
  get received(): readonly OwtEmission[] {
    return this.emitted.slice(0, this.#received);
  }

  get events(): readonly string[] {
    return this.emitted.map(({ event }) => event);
  }

  send(event: string, ...args: unknown[]): void {
    this.#connection.received(event, args);
  }

  /** The arguments of the acknowledgement. */
  async ask(event: string, data?: unknown): Promise<unknown[]> {
    const acks: unknown[][] = [];
    const ack = (...args: unknown[]) => acks.push(args);
    this.send(event, ...(data === undefined ? [ack] : [data, ack]));
    await until(() => acks.length > 0, `acknowledgement of ${event}`);
    await this.#scene.rest();
    if (acks.length > 1) throw new Error(`${event} was acknowledged twice`);
    return acks[0] ?? [];
  }

  lose(): void {
    this.#isLost = true;
    this.#connection.closed();
  }
}

export const owtLogin = (token: string, type = 'JavaScript') => ({
  token,
  userAgent: { sdk: { type, version: '5.1' } },
  protocol: '1.2',
});

export const micAndCamera = {
  tracks: [
    { type: 'audio' as const, mid: '0', source: 'mic' as const },
    { type: 'video' as const, mid: '1', source: 'camera' as const },
  ],
};
