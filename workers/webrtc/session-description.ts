// Owns the parsed form of an SDP offer: only what negotiation reads. Not its text (sdp-parse.ts, sdp-answer.ts).

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

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

export interface HeaderExtension {
  readonly id: number;
  readonly uri: string;
}

export interface SsrcGroup {
  readonly semantics: string;
  readonly ssrcs: readonly number[];
}

/** One m-line. */
export interface MediaSection {
  readonly kind: 'audio' | 'video' | 'application' | 'other';
  /** The kind, protocol and formats as written, for an answer that rejects the line. */
  readonly media: string;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly mid: string;
  /** Port 0 without `a=bundle-only`: the offerer gave this m-line up. */
  readonly rejected: boolean;
  readonly bundled: boolean;
  readonly direction: Direction;
  /** In the order of the m-line, which is the offerer's preference. */
  readonly payloads: readonly Payload[];
  readonly extensions: readonly HeaderExtension[];
  /** Simulcast layers the offerer will send, in its order; empty without simulcast. */
  readonly sendRids: readonly string[];
  readonly ssrcs: readonly number[];
  readonly ssrcGroups: readonly SsrcGroup[];
  readonly rtcpReducedSize: boolean;
  /** One- and two-byte header extensions may stand in one stream (RFC 8285 §6). */
  readonly mixedExtensions: boolean;
}

/** The offerer's side of ICE and DTLS, checked for form. */
export interface RemoteCredentials {
  readonly iceUfrag: string;
  readonly icePwd: string;
  /** Hash name and digest as in `a=fingerprint`. */
  readonly fingerprint: string;
  readonly setup: 'active' | 'passive' | 'actpass';
}

export interface SessionDescription {
  readonly credentials: RemoteCredentials;
  /** Candidate attributes without `a=`. */
  readonly candidates: readonly string[];
  readonly media: readonly MediaSection[];
}
