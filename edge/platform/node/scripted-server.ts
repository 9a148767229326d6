// Owns the setting of tests over real sockets: a listening server, live rooms on memory ports, a worker without media,
// real time. Also the three generations of Socket.IO clients behind one shape.
import { createRequire } from 'node:module';
import { Hono } from 'hono';
import type { RoomDocument } from '../../../schemas/room.ts';
import type { Log } from '../../clock.ts';
import { watchWorkers } from '../../cluster/worker-watch.ts';
import { newRoomDocument } from '../../management/room-document.ts';
import { createPortal, type Portal } from '../../portal/portal.ts';
import type { PortalSettings } from '../../portal/settings.ts';
import type { LiveRoom } from '../../rooms/live-room.ts';
import { createRooms } from '../../rooms/rooms.ts';
import type { RoomSettings } from '../../rooms/room-settings.ts';
import { createScriptedWorker, type ScriptedWorker } from '../../rooms/scripted-worker.ts';
import { roomDocument } from '../../store/conformance/room-document.ts';
import type { Ports } from '../../store/ports.ts';
import type { RoomLog } from '../../store/room-log.ts';
import { createTickets } from '../../tokens/ticket.ts';
import { createTokens } from '../../tokens/tokens.ts';
import { createMemoryPorts } from '../memory/ports.ts';
import { nodeClock } from './clock.ts';
import { createLog } from './log.ts';
import { nodeRandom } from './random.ts';
import { startServer, type RunningServer, type ServerOptions } from './server.ts';

export interface TokenOptions {
  readonly role?: string;
  /** How long ago it was issued. */
  readonly agoMs?: number;
  readonly room?: string;
}

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  readonly server: RunningServer;
  readonly portal: Portal;
  readonly lines: readonly string[];
  readonly ports: Ports;
  readonly service: string;
  /** As it is stored. */
  readonly document: RoomDocument;
  readonly worker: ScriptedWorker;
  token(user?: string, options?: TokenOptions): Promise<string>;
  room(): LiveRoom;
  /** Another edge on the same ports, with a listener of its own; to be closed before this one. */
  beside(edge: string): Promise<ScriptedServer>;
  close(): Promise<void>;
}

export interface ScriptedServerOptions extends Partial<ServerOptions> {
  readonly settings?: Partial<PortalSettings>;
  readonly rooms?: Partial<RoomSettings>;
  /** A default room on a cluster that mixes, instead of one without views. */
  readonly mixes?: boolean;
  /** What is different about the room. */
  readonly room?: Partial<RoomDocument>;
  /** Whether the worker reports at once that all is ready; with `absent` there is none. */
  readonly media?: 'eager' | 'silent' | 'absent';
  /** Stands between the edge and its room log. */
  readonly roomLog?: (log: RoomLog) => RoomLog;
}

export async function startScriptedServer(options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
  const { mixes = false, media = 'eager', roomLog = (each: RoomLog) => each } = options;
  const [clock, random] = [nodeClock, nodeRandom];
  const lines: string[] = [];
  const log = createLog({ name: 'test', write: (line) => void lines.push(line) });
  const memory = await createMemoryPorts({ clock, random });
  const ports: Ports = { ...memory, log: roomLog(memory.log) };
  const { directory, bus, registry } = ports;
  const service = await directory.createService({ _id: '', name: 's', key: 'k', encrypted: false });
  const stored = mixes ? newRoomDocument('', { name: 'room' }) : roomDocument('room');
  const document = await directory.createRoom(service._id, { ...stored, ...options.room });
  const stopWatch = watchWorkers({ bus, registry, clock, log });
  const worker = createScriptedWorker(bus, 'w1', media === 'eager');
  const announce = () => {
    if (media !== 'absent') worker.announce();
  };
  announce();
  const stopAnnouncing = clock.every(500, announce);
  const edge = await startEdge({ ports, log, lines, service: service._id, document, worker }, 'e1', options);
  return {
    ...edge,
    async close() {
      await edge.close();
      stopAnnouncing();
      worker.die();
      stopWatch();
      await ports.close();
    },
  };
}

type Common = Pick<ScriptedServer, 'ports' | 'lines' | 'service' | 'document' | 'worker'> & {
  readonly log: Log;
};

async function startEdge(
  common: Common,
  edge: string,
  options: ScriptedServerOptions,
): Promise<ScriptedServer> {
  const { ports, log, lines, service, document, worker } = common;
  const { settings = {}, mixes = false, ...serverOptions } = options;
  const [clock, random] = [nodeClock, nodeRandom];
  const { directory, bus, once } = ports;
  const transcoders = () => Promise.resolve({ audio: mixes, video: mixes });
  const roomSettings = { transcoders, ...options.rooms };
  const rooms = createRooms({ ports, clock, random, log, edge, settings: roomSettings });
  const address = () => ({ host: 'h:1', secure: false });
  const tokensAt = (agoMs: number) =>
    createTokens({
      directory,
      once,
      clock: { ...clock, now: () => clock.now() - agoMs },
      random,
      address,
    });
  const tokens = tokensAt(0);
  const tickets = createTickets({ directory, clock, random });
  const portal = createPortal({ rooms, bus, tokens, tickets, clock, random, log, edge, settings });
  const app = new Hono();
  app.get('/hello', (context) => context.text('hello'));
  const http = { host: '127.0.0.1', port: 0 };
  const server = await startServer({ app, http, log, ...serverOptions, portal });
  const port = server.httpPort ?? 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    server,
    portal,
    lines,
    ports,
    service,
    document,
    worker,
    token: (user = 'user', { role = 'presenter', agoMs = 0, room = document._id } = {}) =>
      tokensAt(agoMs).issue({ user, role, room, service, origin: { isp: '', region: '' } }),
    room() {
      const room = rooms.find(document._id);
      if (room === undefined) throw new Error('the room is not live');
      return room;
    },
    beside: (other) => startEdge(common, other, options),
    async close() {
      await server.close();
      await rooms.close();
    },
  };
}

/** What the tests use of a Socket.IO client, the same in all generations. */
export interface IoClient {
  readonly id: string;
  readonly connected: boolean;
  readonly io: { readonly engine: { readonly transport: { readonly name: string }; close(): void } };
  on(event: string, listener: (...args: never[]) => void): unknown;
  once(event: string, listener: (...args: never[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  disconnect(): unknown;
}
type Io = (url: string, options: object) => IoClient;

const requireClient = createRequire(import.meta.url);
export const ioClients = {
  '2.5.0': requireClient('socket.io-client-2') as Io,
  '3.1.2': requireClient('socket.io-client-3') as Io,
  '4.8.4': requireClient('socket.io-client') as Io,
} as const;
