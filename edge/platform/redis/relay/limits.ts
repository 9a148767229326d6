// Owns the bounds of what the relay keeps for others.

const mebibyte = 1_048_576;

export const limits = {
  clients: 4096,
  /** How long a client may stay without the password. */
  loginMs: 5000,
  /** A request is a batch of events or a snapshot of a room; a reply may be all that a log keeps. */
  requests: { maxFrameBytes: 32 * mebibyte, maxValues: 100_000 },
  replies: { maxFrameBytes: 64 * mebibyte, maxValues: 4_000_000 },
  /** Not answered yet; then it is not read from. */
  requestsOfAClient: 20_000,
  /** Not taken by it yet; then it is cut. */
  queuedBytes: { asking: 96 * mebibyte, listening: 16 * mebibyte },
  channelsOfAClient: 100_000,
  channelBytes: 1024,
} as const;
