// Owns the portal's bounds and times, with their defaults.

export interface PortalSettings {
  /** How long a participant whose connection broke is kept. */
  readonly keepMs: number;
  /** A connection that has not joined by then is closed (portal-protocol §2). */
  readonly loginMs: number;
  /** Connections at the same time; of one address, those that have not joined yet. More are turned away before they cost. */
  readonly maxConnections: number;
  readonly maxWaitingPerAddress: number;
  /** Within this every request is answered, if only by the word that it was not. More than a media worker may take. */
  readonly answerMs: number;
  /** Requests of one client that may wait for their answer at the same time. */
  readonly maxPending: number;
  /** Requests a client may make a second, on average and at once. */
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
  /** What may wait in a connection's buffers before it is closed as too slow. */
  readonly maxBufferedBytes: number;
}

export const defaultSettings: PortalSettings = {
  keepMs: 60_000,
  loginMs: 180_000,
  maxConnections: 50_000,
  maxWaitingPerAddress: 4_096,
  answerMs: 12_000,
  maxPending: 256,
  requestsPerSecond: 2_000,
  requestBurst: 4_000,
  maxBufferedBytes: 4 * 1024 * 1024,
};
