// Owns the small view of a Socket.IO socket that the gateway needs; edge/platform has the real one.

export interface SioSocket {
  /** Socket.IO's id of the socket: 20 URL-safe characters. */
  readonly id: string;
  /** Where its client is, as the transport knows it. */
  readonly address: string;
  emit(event: string, data?: unknown): void;
  /** Calls back once the client has everything emitted before; never when the connection breaks first. In order. */
  confirm(callback: () => void): void;
  /** Socket.IO's own disconnect, after what was emitted before: the client does not reconnect by itself. */
  disconnect(): void;
  /** Closes the transport alone: the client reconnects by itself. */
  cut(): void;
  /** Bytes emitted and not yet given to the network, roughly. */
  bufferedBytes(): number;
}

/** What the platform tells of a socket. Neither ever throws. */
export interface SioConnection {
  /** An event came; an acknowledgement function is the last argument. */
  received(event: string, args: readonly unknown[]): void;
  /** The socket is gone, whoever closed it. */
  closed(): void;
}
