// Owns the real Socket.IO server: Engine.IO 3 and 4, polling and WebSocket, beside whatever else its HTTP server serves.
// What the events mean is edge/portal/socketio.
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Server, type Socket } from 'socket.io';
import { limits } from '../../../schemas/request.ts';
import type { Portal } from '../../portal/portal.ts';
import { acceptOwt } from '../../portal/socketio/owt-gateway.ts';
import type { SioSocket } from '../../portal/socketio/sio-socket.ts';
import { Outlet } from './outlet.ts';

export interface SocketIoOptions {
  /** Origins that browsers may connect from; `*` is every one. */
  readonly origins?: readonly string[];
  readonly pingIntervalMs?: number;
  readonly pingTimeoutMs?: number;
}

const connectMs = 10_000;

/** Serves the OWT protocol at `/socket.io/` of a server; `close` ends its connections, not the server. */
export function attachSocketIo(
  server: HttpServer | HttpsServer,
  portal: Portal,
  options: SocketIoOptions,
): { close(): Promise<void> } {
  const { origins = ['*'], pingIntervalMs = 25_000, pingTimeoutMs = 20_000 } = options;
  const io = new Server(server, {
    allowEIO3: true,
    cors: { origin: origins.includes('*') ? true : [...origins], credentials: true },
    maxHttpBufferSize: limits.messageBytes,
    pingInterval: pingIntervalMs,
    pingTimeout: pingTimeoutMs,
    perMessageDeflate: false,
    serveClient: false,
    // The Socket.IO handshake inside an Engine.IO connection; the login has its own time.
    connectTimeout: connectMs,
    allowRequest: (request, decide) => {
      decide(undefined, portal.admits(request.socket.remoteAddress ?? ''));
    },
  });
  io.on('connection', (socket) => {
    // More may have been on their way at the same time.
    if (!portal.admits(socket.handshake.address)) {
      socket.conn.close(true);
      return;
    }
    const connection = acceptOwt(portal, sioSocket(socket));
    socket.onAny((event: unknown, ...args: unknown[]) => {
      connection.received(String(event), args);
    });
    socket.on('disconnect', () => {
      connection.closed();
    });
  });
  return {
    async close() {
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
}

function sioSocket(socket: Socket): SioSocket {
  const outlet = new Outlet(socket.conn);
  return {
    id: socket.id,
    address: socket.handshake.address,
    emit(event, data) {
      socket.emit(event, data);
    },
    confirm(callback) {
      outlet.confirm(callback);
    },
    disconnect() {
      socket.disconnect(true);
    },
    cut() {
      socket.conn.close(true);
    },
    bufferedBytes: () => outlet.bufferedBytes,
  };
}
