// Owns the setting of tests over real sockets: a listening server, live rooms on memory ports, a worker without media,
// real time. Also the three generations of Socket.IO clients behind one shape.
import { createRequire } from 'node:module';
import { Hono } from 'hono';
import { watchWorkers } from '../../cluster/worker-watch.ts';
import { newRoomDocument } from '../../management/room-document.ts';
import { createPortal, type Portal } from '../../portal/portal.ts';
import type { PortalSettings } from '../../portal/settings.ts';
import type { LiveRoom } from '../../rooms/live-room.ts';
import { createRooms } from '../../rooms/rooms.ts';
import { createScriptedWorker } from '../../rooms/scripted-worker.ts';
import { roomDocument } from '../../store/conformance/room-document.ts';
import { createTickets } from '../../tokens/ticket.ts';
import { createTokens } from '../../tokens/tokens.ts';
import { createMemoryPorts } from '../memory/ports.ts';
import { nodeClock } from './clock.ts';
import { createLog } from './log.ts';
import { nodeRandom } from './random.ts';
import { startServer, type RunningServer, type ServerOptions } from './server.ts';

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  readonly server: RunningServer;
  readonly portal: Portal;
  readonly lines: readonly string[];
  token(user?: string): Promise<string>;
  room(): LiveRoom;
  close(): Promise<void>;
}

export async function startScriptedServer(
  options: Partial<ServerOptions> & {
    readonly settings?: Partial<PortalSettings>;
    /** A default room on a cluster that mixes, instead of one without views. */
    readonly mixes?: boolean;
  } = {},
): Promise<ScriptedServer> {
  const { settings = {}, mixes = false, ...serverOptions } = options;
  const [clock, random] = [nodeClock, nodeRandom];
  const lines: string[] = [];
  const log = createLog({ name: 'test', write: (line) => void lines.push(line) });
  const ports = await createMemoryPorts({ clock, random });
  const { directory, bus, once, registry } = ports;
  const service = await directory.createService({ _id: '', name: 's', key: 'k', encrypted: false });
  const stored = mixes ? newRoomDocument('', { name: 'room' }) : roomDocument('room');
  const document = await directory.createRoom(service._id, stored);
  const stopWatch = watchWorkers({ bus, registry, clock, log });
  const worker = createScriptedWorker(bus, 'w1');
  worker.announce();
  const stopAnnouncing = clock.every(500, () => worker.announce());
  const transcoders = () => Promise.resolve({ audio: mixes, video: mixes });
  const rooms = createRooms({ ports, clock, random, log, edge: 'e1', settings: { transcoders } });
  const address = () => ({ host: 'h:1', secure: false });
  const tokens = createTokens({ directory, once, clock, random, address });
  const tickets = createTickets({ directory, clock, random });
  const portal = createPortal({ rooms, bus, tokens, tickets, clock, random, log, edge: 'e1', settings });
  const app = new Hono();
  app.get('/hello', (context) => context.text('hello'));
  const server = await startServer({
    app,
    portal,
    log,
    http: { host: '127.0.0.1', port: 0 },
    ...serverOptions,
  });
  const port = server.httpPort ?? 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    server,
    portal,
    lines,
    token: (user = 'user') =>
      tokens.issue({
        user,
        role: 'presenter',
        room: document._id,
        service: service._id,
        origin: { isp: '', region: '' },
      }),
    room() {
      const room = rooms.find(document._id);
      if (room === undefined) throw new Error('the room is not live');
      return room;
    },
    async close() {
      await server.close();
      await rooms.close();
      stopAnnouncing();
      worker.die();
      stopWatch();
      await ports.close();
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
