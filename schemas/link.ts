// Owns what is said of links, which carry tracks between two workers: those of a room in its desired document, what the two
// workers tell each other over the bus to have one, and its counters. There is one link between two workers for all rooms.
import * as v from 'valibot';
import { kindSchema } from './media.ts';

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const trackId = v.pipe(v.string(), v.minLength(1), v.maxLength(640));
const text = v.pipe(v.string(), v.maxLength(1024));
const uint = (bits: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** bits - 1));

/** In which format a track crosses is not known here: it is what its publisher negotiated, and told by who sends it. */
export const linkedTrackSchema = v.object({ track: trackId, kind: kindSchema });
export type LinkedTrack = v.InferOutput<typeof linkedTrackSchema>;

/** What crosses between the worker that holds the document and another one; never both lists empty. */
export const desiredLinkSchema = v.object({
  peer: id,
  incoming: v.array(linkedTrackSchema),
  outgoing: v.array(linkedTrackSchema),
});
export type DesiredLink = v.InferOutput<typeof desiredLinkSchema>;

/** Which of two workers offers: always the same one, so that they never both do. */
export function offersLink(own: string, peer: string): boolean {
  return own < peer;
}

// ---- requests of one worker to another

const candidates = v.pipe(v.array(v.pipe(v.string(), v.maxLength(512))), v.maxLength(64));

/** `fingerprint` (`sha-256 AB:CD…`) is the only certificate the other side accepts. */
export const linkCredentialsSchema = v.object({
  iceUfrag: v.pipe(v.string(), v.regex(/^[\w+/=-]{4,256}$/)),
  icePwd: v.pipe(v.string(), v.regex(/^[\w+/=-]{22,256}$/)),
  fingerprint: v.pipe(v.string(), v.regex(/^sha-256 [0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31}$/)),
  /** The SSRC under which it sends reports about the link itself. */
  ssrc: uint(32),
});
export type LinkCredentials = v.InferOutput<typeof linkCredentialsSchema>;

/** One track as it crosses. Its numbering is the link's own; payload types are as they were negotiated. */
export const linkedSourceSchema = v.object({
  track: trackId,
  kind: kindSchema,
  rid: v.exactOptional(text),
  ssrc: uint(32),
  /** Of its retransmissions, which are framed as RFC 4588 says. */
  rtxSsrc: uint(32),
  payload: v.object({
    type: uint(7),
    name: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
    clockRate: v.pipe(uint(32), v.minValue(1)),
    channels: v.exactOptional(uint(8)),
    map: text,
    fmtp: text,
    parameters: v.record(text, text),
  }),
  redType: v.exactOptional(uint(7)),
  /** Its packets tell the sound's level, in the link's own extension. */
  audioLevel: v.boolean(),
});
export type LinkedSource = v.InferOutput<typeof linkedSourceSchema>;

/**
 * `session` names one connection: an offer ends the one before. Refused with `not-found`: the other worker wants no link
 * (yet), or does not know the session (any more).
 */
export const linkSignalSchema = v.variant('type', [
  /** Without candidates: who is checked before it has the answer may give up. The reply is a `LinkAnswer`. */
  v.object({ type: v.literal('offer'), session: id, credentials: linkCredentialsSchema }),
  v.object({ type: v.literal('candidates'), session: id, candidates }),
  /** From who does not offer, and has no connection: the other one is to offer. */
  v.object({ type: v.literal('wanted') }),
  /** Of each of these rooms all its sources. One after the other: the next is sent when this one was acknowledged. */
  v.object({
    type: v.literal('sources'),
    session: id,
    rooms: v.pipe(
      v.array(v.object({ room: id, sources: v.pipe(v.array(linkedSourceSchema), v.maxLength(10_000)) })),
      v.maxLength(64),
    ),
  }),
]);
export type LinkSignal = v.InferOutput<typeof linkSignalSchema>;

export const linkAnswerSchema = v.object({ credentials: linkCredentialsSchema, candidates });
export type LinkAnswer = v.InferOutput<typeof linkAnswerSchema>;

// ---- statistics

const count = v.pipe(v.number(), v.minValue(0));

/** Since the link was first wanted. `bytes` counts RTP payload and headers, without IP/UDP/SRTP. */
export const linkCountersSchema = v.object({
  packets: count,
  bytes: count,
  /** As the receiver counts: packets it missed first-hand, repaired or not. */
  packetsLost: count,
  retransmissions: count,
  nacks: count,
  plis: count,
});
export type LinkCounters = Readonly<v.InferOutput<typeof linkCountersSchema>>;

/** A track that crosses now, with its packets since it began to cross. */
export const linkedTrackStatsSchema = v.object({ room: id, track: trackId, ...linkCountersSchema.entries });
export type LinkedTrackStats = Readonly<v.InferOutput<typeof linkedTrackStatsSchema>>;

export const linkStatsSchema = v.object({
  peer: id,
  state: v.picklist(['waiting', 'connecting', 'up']),
  /** How often it came up. */
  connections: count,
  /** Absent until it is known. */
  rttMs: v.exactOptional(count),
  /** What the way to the peer can carry, as far as that was tried; absent until it is known. */
  availableBps: v.exactOptional(count),
  /** Share of the packets sent within the last half second or more that did not arrive first-hand, 0..1. */
  lossFraction: v.number(),
  sent: linkCountersSchema,
  received: linkCountersSchema,
  outgoing: v.array(linkedTrackStatsSchema),
  incoming: v.array(linkedTrackStatsSchema),
});
export type LinkStats = v.InferOutput<typeof linkStatsSchema>;
