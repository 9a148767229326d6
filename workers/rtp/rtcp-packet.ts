// Owns the shapes of RTCP packets we know (RFC 3550 §6.4, RFC 4585 §6, RFC 5104 §4.3, REMB, transport-cc).

/** RFC 3550 §6.4.1. `fractionLost` in 1/256, `jitter` in ticks, `lastSr` and `delaySinceLastSr` in 1/65536 s. */
export interface ReportBlock {
  readonly ssrc: number;
  readonly fractionLost: number;
  /** Signed 24 bits. */
  readonly packetsLost: number;
  readonly highestSequence: number;
  readonly jitter: number;
  readonly lastSr: number;
  readonly delaySinceLastSr: number;
}

export interface SenderReport {
  readonly type: 'sender-report';
  readonly ssrc: number;
  readonly ntpHigh: number;
  readonly ntpLow: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly octets: number;
  readonly reports: readonly ReportBlock[];
}

export interface ReceiverReport {
  readonly type: 'receiver-report';
  readonly ssrc: number;
  readonly reports: readonly ReportBlock[];
}

export interface Nack {
  readonly type: 'nack';
  readonly senderSsrc: number;
  readonly mediaSsrc: number;
  readonly sequences: readonly number[];
}

export interface FullIntraRequest {
  readonly type: 'fir';
  readonly senderSsrc: number;
  readonly entries: readonly { readonly ssrc: number; readonly sequence: number }[];
}

/** Transport-cc feedback with its packet list still packed in `bytes`; see `readTransportFeedback`. */
export interface TransportFeedback {
  readonly type: 'transport-feedback';
  readonly senderSsrc: number;
  readonly mediaSsrc: number;
  readonly baseSequence: number;
  readonly count: number;
  /** Signed, in 64 ms. */
  readonly referenceTime: number;
  readonly feedbackCount: number;
  /** From the first packet chunk to the end, padding taken off; a view of the packet. */
  readonly bytes: Uint8Array;
}

export type RtcpPacket =
  | SenderReport
  | ReceiverReport
  | { readonly type: 'bye'; readonly ssrcs: readonly number[] }
  | Nack
  | { readonly type: 'pli'; readonly senderSsrc: number; readonly mediaSsrc: number }
  | FullIntraRequest
  | {
      readonly type: 'remb';
      readonly senderSsrc: number;
      readonly bitrateBps: number;
      readonly ssrcs: readonly number[];
    }
  | TransportFeedback;
