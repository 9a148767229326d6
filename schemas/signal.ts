// Owns the messages of Sluice's own client protocol, `sluice.1` on /signal: one MessagePack value a WebSocket frame.
// What they mean, in words and with examples, is in SIGNAL.md beside this file.
import * as v from 'valibot';
import type { Refusal } from './error.ts';
import type { IceServers } from './ice-servers.ts';
import type { Notice } from './notice.ts';
import {
  clientSignalingSchema,
  endSessionSchema,
  idSchema,
  limits,
  publishSchema,
  streamControlSchema,
  subscribeSchema,
  subscriptionControlSchema,
  textSchema,
  userAgentSchema,
} from './request.ts';
import type { ParticipantInfo, Permission, StreamInfo } from './stream.ts';

export const signalSubprotocol = 'sluice.1';

/** A client frame is one message or an array of them; at most this many. */
export const maxMessagesPerFrame = 256;

const cid = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const offer = v.optional(v.pipe(v.string(), v.maxLength(limits.sdpChars)));

/**
 * Commands carry `cid`, a number that grows by at least one per command and participant. Requests that change nothing
 * in the room (`join`, `resume`, `ticket`, `signal`, `stats`, `mixer-stats`, `ice-servers`) carry one too, for the reply
 * alone.
 */
export const signalMessageSchema = v.variant('do', [
  v.object({
    do: v.literal('join'),
    cid,
    token: v.pipe(v.string(), v.maxLength(8192)),
    userAgent: userAgentSchema,
  }),
  v.object({
    do: v.literal('resume'),
    cid,
    ticket: v.pipe(v.string(), v.maxLength(4096)),
    /** The last `seq` seen, and the epoch it belongs to. */
    seq: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    epoch: v.pipe(v.string(), v.maxLength(limits.idChars)),
  }),
  v.object({ do: v.literal('ticket'), cid }),
  v.object({ do: v.literal('leave'), cid }),
  v.object({ do: v.literal('publish'), cid, request: publishSchema, offer }),
  v.object({ do: v.literal('unpublish'), cid, request: endSessionSchema }),
  v.object({ do: v.literal('subscribe'), cid, request: subscribeSchema, offer }),
  v.object({ do: v.literal('unsubscribe'), cid, request: endSessionSchema }),
  v.object({ do: v.literal('stream-control'), cid, request: streamControlSchema }),
  v.object({ do: v.literal('subscription-control'), cid, request: subscriptionControlSchema }),
  v.object({ do: v.literal('text'), cid, request: textSchema }),
  v.object({ do: v.literal('signal'), cid, transport: idSchema, signaling: clientSignalingSchema }),
  v.object({ do: v.literal('stats'), cid, transport: idSchema }),
  v.object({ do: v.literal('mixer-stats'), cid }),
  v.object({ do: v.literal('ice-servers'), cid }),
]);
export type SignalMessage = v.InferOutput<typeof signalMessageSchema>;

/** Given to a client at join and, when its history is gone, again at resume. */
export interface RoomView {
  readonly id: string;
  readonly views: readonly string[];
  readonly participants: readonly ParticipantInfo[];
  readonly streams: readonly StreamInfo[];
}

/** `host` is `name:port`. */
export interface EdgeAddress {
  readonly host: string;
  readonly secure: boolean;
}

/** To be handed back in `resume`. */
export interface GivenTicket {
  readonly ticket: string;
  /** For how long from now it is good; new ones come by `resume` and `ticket`. */
  readonly ticketMs: number;
}

export interface JoinResult extends GivenTicket, IceServers {
  readonly participant: ParticipantInfo;
  readonly permission: Permission;
  readonly room: RoomView;
  /** How long the participant is kept when its connection breaks. */
  readonly keepMs: number;
  readonly epoch: string;
  /** Other edges, where the client may resume when this one cannot be reached; absent where there are none. */
  readonly others?: readonly EdgeAddress[];
}

export interface ResumeResult extends GivenTicket, IceServers {
  readonly epoch: string;
  /** The last command of this participant that took effect; the client sends again what is newer. */
  readonly lastCid: number;
  /** Present when what was missed is no longer kept: the whole room instead. */
  readonly room?: RoomView;
  /** As `JoinResult.others`. */
  readonly others?: readonly EdgeAddress[];
}

export type SignalReply =
  | { readonly cid: number; readonly ok: true; readonly data?: unknown }
  | { readonly cid: number; readonly ok: false; readonly error: Refusal };

/**
 * A server frame: everything of one tick. Replies come before notices. `seq` is the room's sequence number after these
 * notices; absent in frames that carry replies only.
 */
export interface ServerFrame {
  /** The room's history goes on in this epoch: `resume` is to name it, with the `seq` of this frame or a later one. */
  readonly epoch?: string;
  readonly replies?: readonly SignalReply[];
  readonly seq?: number;
  readonly notices?: readonly Notice[];
  /** The last frame of a connection that is ended because this edge stops: where else the client may resume. */
  readonly moveTo?: EdgeAddress;
}

/** WebSocket close codes of our own. */
export const closeCodes = {
  badMessage: 4400,
  unauthenticated: 4401,
  dropped: 4403,
  idle: 4408,
  replaced: 4409,
  tooSlow: 4413,
} as const;
