// Owns the small view of a WebSocket that the gateway needs; edge/platform has the real ones.

export interface SignalSocket {
  /** Where its client is, as the transport knows it. */
  readonly address: string;
  /** One binary frame. The bytes may be shared with other sockets: they are not to be changed. */
  send(bytes: Uint8Array): void;
  close(code: number, reason: string): void;
  /** Bytes accepted by `send` and not yet given to the network. */
  bufferedBytes(): number;
}
