// Owns the parsed form of an SDP offer: only what negotiation reads. Not its text (sdp-parse.ts, sdp-answer.ts).
import type { Payload } from '../routing/payload.ts';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

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
