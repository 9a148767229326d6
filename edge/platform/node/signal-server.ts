// Owns the WebSocket end of `sluice.1` on Node: upgrades at `/signal`, liveness, and the `ws` sockets behind
// edge/portal/websocket.
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer, type RawData } from 'ws';
import { limits } from '../../../schemas/request.ts';
import { signalSubprotocol } from '../../../schemas/signal.ts';
import type { Portal } from '../../portal/portal.ts';
import type { SignalSocket } from '../../portal/websocket/signal-socket.ts';
import { acceptSignal } from '../../portal/websocket/signal-gateway.ts';

export const signalPath = '/signal';
/** A socket that did not answer the last ping when the next is due is gone. */
const pingEveryMs = 25_000;

/** Serves `sluice.1` at `/signal` of a server; `close` ends its connections, not the server. */
export function attachSignal(server: HttpServer | HttpsServer, portal: Portal): { close(): Promise<void> } {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(signalSubprotocol) && signalSubprotocol,
  });
  const silent = new WeakSet<WebSocket>();
  const stopPinging = portal.clock.every(pingEveryMs, () => {
    for (const socket of sockets.clients) {
      if (silent.has(socket)) {
        socket.terminate();
        continue;
      }
      silent.add(socket);
      socket.ping();
    }
  });

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (request.url?.split('?', 1)[0] !== signalPath) return;
    stream.on('error', () => stream.destroy());
    if (!offersSignal(request)) {
      stream.end(refusal('400 Bad Request', `The WebSocket subprotocol ${signalSubprotocol} is required\n`));
      return;
    }
    const address = request.socket.remoteAddress ?? '';
    if (!portal.admits(address)) {
      stream.end(refusal('503 Service Unavailable', 'Too many connections\n'));
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const connection = acceptSignal(portal, signalSocket(socket, address));
      socket.on('pong', () => silent.delete(socket));
      socket.on('message', (data, isBinary) => {
        silent.delete(socket);
        connection.received(isBinary ? bytesOf(data) : '');
      });
      // A protocol error closes the socket; `close` follows.
      socket.on('error', () => undefined);
      socket.on('close', () => connection.closed());
    });
  };
  server.on('upgrade', upgrade);

  return {
    async close() {
      stopPinging();
      server.off('upgrade', upgrade);
      for (const socket of sockets.clients) socket.close(1001, 'server stops');
      sockets.close();
    },
  };
}

function signalSocket(socket: WebSocket, address: string): SignalSocket {
  return {
    address,
    send(bytes) {
      socket.send(bytes);
    },
    close(code, reason) {
      socket.close(code, reason);
    },
    bufferedBytes: () => socket.bufferedAmount,
  };
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function offersSignal(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((protocol) => protocol.trim() === signalSubprotocol);
}

function refusal(status: string, text: string): string {
  return [
    `HTTP/1.1 ${status}`,
    'Connection: close',
    'Content-Type: text/plain',
    `Content-Length: ${Buffer.byteLength(text)}`,
    '',
    text,
  ].join('\r\n');
}
