// Owns the small view of a WebSocket that the connection needs, and the browser's one behind it.
import { subprotocol } from './wire.ts';

export interface SocketEvents {
  opened(): void;
  received(bytes: ArrayBuffer): void;
  /** Called once at most; nothing follows. */
  closed(code: number, reason: string): void;
}

export interface Socket {
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export type OpenSocket = (url: string, events: SocketEvents) => Socket;

export const openBrowserSocket: OpenSocket = (url, events) => {
  const socket = new WebSocket(url, subprotocol);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => events.opened();
  socket.onmessage = ({ data }: { readonly data: unknown }) => {
    if (data instanceof ArrayBuffer) events.received(data);
  };
  socket.onclose = ({ code, reason }) => events.closed(code, reason);
  return {
    send: (bytes) => socket.send(bytes),
    close: () => socket.close(1000),
  };
};
