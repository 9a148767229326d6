// Owns what is known of a stream's RTP payload, in the words of an SDP: negotiated, or made up by who makes the stream.

/** One payload type of an m-line, with what the offer says about it. */
export interface Payload {
  readonly type: number;
  /** Encoding name in lower case: `vp8`, `h264`, `opus`, `red`, `rtx` … */
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number | undefined;
  /** The text of `a=rtpmap` after the payload type, as offered. */
  readonly map: string;
  /** The text of `a=fmtp` after the payload type, as offered; empty without one. */
  readonly fmtp: string;
  /** `fmtp` as name → value, names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly feedback: readonly string[];
}
